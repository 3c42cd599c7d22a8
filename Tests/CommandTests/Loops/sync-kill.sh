#!/bin/sh
# Kills either side of a sync at random moments; both stores stay sound, and the next sync completes.
#
# Usage: sync-kill.sh ROUNDS SEED     in an empty folder that is HOME, kiana-node in PATH
set -eu
rounds=$1
seed=$2
server='kiana-node serve --stdio --state b'

kiana-node init --state a >/dev/null 2>&1
kiana-node init --state b >/dev/null 2>&1
kiana-node admit --quiet --state b "$(kiana-node id --state a)"

# A linear congruential generator; it sets `r`, since in a subshell it would forget where it is.
random() {
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  r=$((seed / 65536 % $1))
}

# Twice what a sync takes here, so that about half of them are killed.
start=$(date +%s%N)
kiana-node sync --state a --via "$server" >/dev/null
milliseconds_max=$((($(date +%s%N) - start) / 500000 + 20))
[ $milliseconds_max -lt 900 ] || milliseconds_max=900

kills=0
round=0
while [ $round -lt "$rounds" ]; do
  round=$((round + 1))
  seq "$round" $((round + 30)) | kiana-node put --state a --lines - >/dev/null
  echo "$round" | kiana-node put --state b - >/dev/null
  random "$milliseconds_max"
  after="0.$(printf '%03d' $((r + 1)))"
  random 2
  status=0
  if [ $r = 0 ]; then
    timeout -s KILL "$after" kiana-node sync --state a --via "$server" >/dev/null 2>&1 || status=$?
  else
    kiana-node sync --state a --via "timeout -s KILL $after $server" >/dev/null 2>&1 || status=$?
  fi
  [ $status = 0 ] || kills=$((kills + 1))
  if [ $((round % 10)) = 0 ]; then
    for node in a b; do
      kiana-node verify --state $node >found 2>&1 || { cat found && exit 1; }
    done
  fi
done

kiana-node sync --state a --via "$server" >summary 2>&1 || { cat summary && exit 1; }
kiana-node export --state a | sort >one
kiana-node export --state b | sort >two
cmp one two
kiana-node verify --state a --full
kiana-node verify --state b --full
echo "$rounds rounds, $kills killed"
[ $kills -gt $((rounds / 10)) ] || { echo "too few were killed to mean anything" && exit 1; }
