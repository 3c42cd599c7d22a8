// The physical bound of a sync: rows of the same size into the same tables and indexes, and nothing else.
//
// Usage: bare_insert DATABASE COUNT    DATABASE: the kiana.db of a new node; prints the seconds it took.
#include "bare.h"
#include <string.h>

enum { HEADER_BYTES = 417, CONTENT_BYTES = 630, ROWS_AT_ONCE = 800 };

int main(int argc, char **argv) {
  sqlite3 *db;
  sqlite3_stmt *block, *content;
  unsigned char id[32], header[HEADER_BYTES], sig[64], salt[32], bytes[CONTENT_BYTES];
  if (argc != 3) return 64;
  long count = atol(argv[2]);
  if (sqlite3_open(argv[1], &db) != SQLITE_OK) return 1;
  execute(db, "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA cache_size = -8192; "
              "PRAGMA wal_autocheckpoint = 4000");
  check(db, sqlite3_prepare_v2(db,
      "INSERT INTO block (no, id, feed, epoch, seq, standing, sig_state, hidden, header, sig) "
      "VALUES (?1, ?2, 1, 0, ?1, 0, 0, 0, ?3, ?4)", -1, &block, 0));
  check(db, sqlite3_prepare_v2(db, "INSERT INTO content (no, salt, bytes) VALUES (?1, ?2, ?3)", -1, &content, 0));
  fill(header, sizeof header), fill(sig, sizeof sig), fill(salt, sizeof salt), fill(bytes, sizeof bytes);
  double start = seconds();
  for (long no = 1; no <= count; no++) {
    if (no % ROWS_AT_ONCE == 1) execute(db, "BEGIN IMMEDIATE");
    fill(id, sizeof id);
    sqlite3_bind_int64(block, 1, no);
    sqlite3_bind_blob(block, 2, id, sizeof id, SQLITE_STATIC);
    sqlite3_bind_blob(block, 3, header, sizeof header, SQLITE_STATIC);
    sqlite3_bind_blob(block, 4, sig, sizeof sig, SQLITE_STATIC);
    check(db, sqlite3_step(block));
    sqlite3_reset(block);
    sqlite3_bind_int64(content, 1, no);
    sqlite3_bind_blob(content, 2, salt, sizeof salt, SQLITE_STATIC);
    sqlite3_bind_blob(content, 3, bytes, sizeof bytes, SQLITE_STATIC);
    check(db, sqlite3_step(content));
    sqlite3_reset(content);
    if (no % ROWS_AT_ONCE == 0 || no == count) execute(db, "COMMIT");
  }
  printf("%.6f\n", seconds() - start);
  return 0;
}
