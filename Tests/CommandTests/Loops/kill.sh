#!/bin/sh
# Kills commands at random moments and looks whether anything that was acknowledged is lost.
#
# Usage: kill.sh ROUNDS SEED     in an empty folder that is HOME, kiana-node in PATH
set -eu
rounds=$1
seed=$2

kiana-node init --state src >/dev/null 2>&1
kiana-node init >/dev/null 2>&1
i=0
while [ $i -lt 400 ]; do
  i=$((i + 1))
  echo "block $i of another node"
done | kiana-node put --state src --lines - >foreign
kiana-node export --state src >lines
: >acked
: >removed

# A linear congruential generator, so that a seed gives the same moments. It sets `r`; in a subshell
# it would forget where it is.
random() {
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  r=$((seed / 65536 % $1))
}

kills=0
# A command that gets some milliseconds and then SIGKILL. Lines that came out whole were acknowledged.
chance() {
  out=$1
  shift
  random "$milliseconds_max"
  status=0
  timeout -s KILL "0.$(printf '%03d' $((r + 1)))" "$@" >out 2>/dev/null || status=$?
  if [ $status = 137 ]; then kills=$((kills + 1)); fi
  grep -E '^[0-9a-f]{64}$' out >>"$out" || true
}

# Sets `id` to some line of a file.
pick() {
  random "$(wc -l <"$1")"
  id=$(sed -n "$((r + 1))p" "$1")
}

# Twice what a command takes here, so that about half of them are killed.
start=$(date +%s%N)
seq 3 | kiana-node put --lines - >>acked
milliseconds_max=$((($(date +%s%N) - start) / 500000 + 10))
[ $milliseconds_max -lt 900 ] || milliseconds_max=900

round=0
while [ $round -lt "$rounds" ]; do
  round=$((round + 1))
  random 5
  case $r in
  0) echo "round $round" >text && chance acked kiana-node put text ;;
  1) seq "$round" $((round + 20)) >text && chance acked kiana-node put --lines text ;;
  2) chance /dev/null kiana-node import lines ;;
  3)
    if [ -s acked ]; then
      pick acked
      echo "$id" >>removed
      chance acked kiana-node redact --now "$id"
    fi
    ;;
  4)
    pick foreign
    echo "$id" >>removed
    chance /dev/null kiana-node purge "$id"
    ;;
  esac
  if ! kiana-node verify >found 2>&1; then
    cat found
    echo "verify says no after round $round"
    exit 1
  fi
done

while read -r id; do
  kiana-node get "$id" >/dev/null || { echo "acknowledged block $id is lost" && exit 1; }
  if ! grep -q "$id" removed; then
    kiana-node get --content "$id" >/dev/null 2>&1 || { echo "the content of $id is lost" && exit 1; }
  fi
done <acked
kiana-node import lines >summary 2>&1 || { cat summary && exit 1; }
while read -r id; do
  kiana-node get "$id" >/dev/null || { echo "imported block $id is lost" && exit 1; }
done <foreign
kiana-node verify --full
acked=$(wc -l <acked)
echo "$rounds rounds, $kills kills, $acked blocks acknowledged"
[ $kills -gt $((rounds / 10)) ] || { echo "too few were killed to mean anything" && exit 1; }
[ "$acked" -gt $((rounds / 10)) ] || { echo "too few were acknowledged to mean anything" && exit 1; }
