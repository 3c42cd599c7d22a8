#!/bin/sh
# Looks after a node's keys, for cron: once an hour, a line on standard output only when something
# was done, one on standard error when a person must act. Thin: kiana-keys does and decides it all.
#
# Usage: scripts/rotate-keys.sh [OPTION...]     options of 'kiana-keys tick', as --state DIR
#
#   23 * * * * /usr/local/lib/kiana/rotate-keys.sh
set -eu
PATH=/usr/local/bin:$PATH
if ! command -v kiana-keys >/dev/null 2>&1; then
  printf 'rotate-keys.sh: error: kiana-keys is not in the PATH\n' >&2
  exit 69
fi
exec kiana-keys tick "$@"
