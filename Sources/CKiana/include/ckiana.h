#pragma once

// The few calls that Swift's Glibc module lacks or cannot express; each says what it returns, and
// nothing here decides anything. The system headers stay in ckiana.c: they need _GNU_SOURCE, with
// which the same types would look different here than in Swift's own Glibc module.

#include <stdint.h>

/// What a copy of a file does not keep: its inode number, and when it was made.
struct kiana_identity {
  uint64_t inode;
  /// Nanoseconds since 1970; 0 where the file system does not know.
  int64_t birth_ns;
};

/// 0, or -1 with errno.
int kiana_identity_of(const char *path, struct kiana_identity *out);

/// The magic number of the file system that holds `path`; 0 when it cannot be asked.
uint32_t kiana_file_system(const char *path);

/// Free bytes for this user on the file system of `path`; -1 when it cannot be asked.
int64_t kiana_free_bytes(const char *path);

/// Renames without ever replacing: 0, or -1 with errno (EEXIST).
int kiana_rename_new(const char *from, const char *to);

/// Lets two files or folders change names in one step: 0, or -1 with errno.
int kiana_rename_exchange(const char *one, const char *other);

/// Keeps secrets out of core dumps and from other processes of the same user.
void kiana_hide_memory(void);

/// Columns of the terminal on `fd`; 0 when it is none.
int kiana_terminal_columns(int fd);

/// From now on the first SIGINT, SIGTERM or SIGHUP is noted, and system calls that wait return;
/// the second one ends the process as usual.
void kiana_watch_signals(void);

/// The signal that asked this process to end; 0 while none did.
int kiana_signal(void);

/// CPU time of this process in microseconds, user and system.
int64_t kiana_cpu_microseconds(void);
