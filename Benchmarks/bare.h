// What the bare insert programs share: rows of random bytes, and SQLite without ceremony.
#pragma once
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t state = 0x9E3779B97F4A7C15u;

static inline void fill(unsigned char *bytes, int count) {
  for (int i = 0; i < count; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    bytes[i] = (unsigned char)state;
  }
}

static inline void check(sqlite3 *db, int status) {
  if (status == SQLITE_OK || status == SQLITE_DONE) return;
  fprintf(stderr, "%s\n", sqlite3_errmsg(db));
  exit(1);
}

static inline void execute(sqlite3 *db, const char *sql) { check(db, sqlite3_exec(db, sql, 0, 0, 0)); }

static inline double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
