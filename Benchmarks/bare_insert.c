// The physical bound of a sync: rows of the same size into the same tables and indexes, and nothing else.
//
// Usage: bare_insert DATABASE COUNT    DATABASE: the kiana.db of a new node; prints the seconds it took.
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEADER_BYTES = 417, CONTENT_BYTES = 630, ROWS_AT_ONCE = 800 };

static uint64_t state = 0x9E3779B97F4A7C15u;

static void fill(unsigned char *bytes, int count) {
  for (int i = 0; i < count; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    bytes[i] = (unsigned char)state;
  }
}

static void check(sqlite3 *db, int status) {
  if (status == SQLITE_OK || status == SQLITE_DONE) return;
  fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  exit(1);
}

static void execute(sqlite3 *db, const char *sql) { check(db, sqlite3_exec(db, sql, 0, 0, 0)); }

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
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
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
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%.6f\n", (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9);
  return 0;
}
