#define _GNU_SOURCE
#include "ckiana.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

int kiana_identity_of(const char *path, struct kiana_identity *out) {
  struct statx facts;
  if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &facts) != 0) return -1;
  out->inode = facts.stx_ino;
  out->birth_ns = 0;
  if (facts.stx_mask & STATX_BTIME)
    out->birth_ns = (int64_t)facts.stx_btime.tv_sec * 1000000000 + facts.stx_btime.tv_nsec;
  return 0;
}

uint32_t kiana_file_system(const char *path) {
  struct statfs facts;
  return statfs(path, &facts) == 0 ? (uint32_t)facts.f_type : 0;
}

int64_t kiana_free_bytes(const char *path) {
  struct statfs facts;
  if (statfs(path, &facts) != 0) return -1;
  return (int64_t)facts.f_bavail * (int64_t)facts.f_bsize;
}

int kiana_rename_new(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int kiana_rename_exchange(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

void kiana_hide_memory(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int kiana_terminal_columns(int fd) {
  struct winsize size;
  return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static volatile sig_atomic_t noted = 0;

static void note(int number) { noted = number; }

void kiana_watch_signals(void) {
  struct sigaction action = {0};
  action.sa_handler = note;
  // No SA_RESTART, so that a read that waits ends; SA_RESETHAND makes a second signal final.
  action.sa_flags = (int)SA_RESETHAND;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
}

int kiana_signal(void) { return noted; }

int64_t kiana_cpu_microseconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}
