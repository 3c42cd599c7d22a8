// The physical bound of the audit trail: rows of the same size into the same tables and indexes, and nothing
// else: no leaf, no hash, no salt.
//
// Usage: bare_trail DATABASE COUNT BATCH    DATABASE: the kiana.db of a new node; prints the seconds it took.
#include "bare.h"
#include <string.h>

enum { PAYLOAD_BYTES = 120, TARGET_BYTES = 68, WIDTH = 256 };

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *row;
  check(db, sqlite3_prepare_v2(db, sql, -1, &row, 0));
  return row;
}

static void run(sqlite3 *db, sqlite3_stmt *row) {
  check(db, sqlite3_step(row));
  sqlite3_reset(row);
}

int main(int argc, char **argv) {
  sqlite3 *db;
  unsigned char pc[32], salt[32], data[PAYLOAD_BYTES], tile[WIDTH * 32], bytes[32];
  char target[TARGET_BYTES + 1];
  if (argc != 4) return 64;
  long count = atol(argv[2]), batch = atol(argv[3]);
  if (sqlite3_open(argv[1], &db) != SQLITE_OK) return 1;
  execute(db, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -8192; "
              "PRAGMA wal_autocheckpoint = 4000; INSERT OR IGNORE INTO name (no, text) VALUES (1000, 'bare.type')");
  sqlite3_stmt *event = prepare(db,
      "INSERT INTO event (seq, t, type, actor, kid, target, result, verdict, pc, ps) "
      "VALUES (?1, ?2, 1000, 1, NULL, ?3, 0, NULL, ?4, 120)");
  sqlite3_stmt *payload = prepare(db, "INSERT INTO payload (seq, salt, data) VALUES (?1, ?2, ?3)");
  sqlite3_stmt *edge = prepare(db, "INSERT INTO edge (epoch, level, place, hash) VALUES (9, 0, ?1, ?2)");
  sqlite3_stmt *clear = prepare(db, "DELETE FROM edge WHERE epoch = 9");
  sqlite3_stmt *full = prepare(db, "INSERT INTO tile (no, hashes, t_min, t_max) VALUES (?1, ?2, 1, 2)");
  sqlite3_stmt *daily = prepare(db,
      "INSERT INTO daily (day, type, actor, result, verdict, n, first, last) VALUES (1, 1000, 1, 0, -1, ?1, 1, ?2) "
      "ON CONFLICT DO UPDATE SET n = n + excluded.n, last = excluded.last");
  fill(pc, sizeof pc), fill(salt, sizeof salt), fill(data, sizeof data), fill(tile, sizeof tile);
  double start = seconds();
  for (long n = 1; n <= count; n++) {
    if ((n - 1) % batch == 0) execute(db, "BEGIN IMMEDIATE");
    fill(bytes, sizeof bytes);
    strcpy(target, "blk:");
    for (int i = 0; i < 32; i++) sprintf(target + 4 + 2 * i, "%02x", bytes[i]);
    sqlite3_bind_int64(event, 1, 1000000 + n);
    sqlite3_bind_int64(event, 2, 1800000000000 + n);
    sqlite3_bind_text(event, 3, target, TARGET_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(event, 4, pc, sizeof pc, SQLITE_STATIC);
    run(db, event);
    sqlite3_bind_int64(payload, 1, 1000000 + n);
    sqlite3_bind_blob(payload, 2, salt, sizeof salt, SQLITE_STATIC);
    sqlite3_bind_blob(payload, 3, data, sizeof data, SQLITE_STATIC);
    run(db, payload);
    if (n % WIDTH == 0) {
      run(db, clear);
      sqlite3_bind_int64(full, 1, (9LL << 56) + n);
      sqlite3_bind_blob(full, 2, tile, sizeof tile, SQLITE_STATIC);
      run(db, full);
    } else if (n % batch == 0 || n % batch > batch - WIDTH) {
      // Only what a batch leaves over goes into the edge.
      sqlite3_bind_int64(edge, 1, n % WIDTH);
      sqlite3_bind_blob(edge, 2, pc, sizeof pc, SQLITE_STATIC);
      run(db, edge);
    }
    if (n % batch == 0 || n == count) {
      sqlite3_bind_int64(daily, 1, batch);
      sqlite3_bind_int64(daily, 2, n);
      run(db, daily);
      execute(db, "COMMIT");
    }
  }
  printf("%.6f\n", seconds() - start);
  return 0;
}
