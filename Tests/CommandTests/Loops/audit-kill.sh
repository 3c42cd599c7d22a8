#!/bin/sh
# Kills the commands of the audit trail at random moments: nothing that was acknowledged is lost,
# no size is signed twice with different roots, and what was exported goes on to hold.
#
# Usage: audit-kill.sh KILLS SEED     in an empty folder that is HOME, the commands in PATH
set -eu
wanted=$1
seed=$2

kiana-node init >/dev/null 2>&1
kiana-node init --state friend >/dev/null 2>&1
echo a | kiana-node put - >/dev/null
echo b | kiana-node put --state friend - >/dev/null
kiana-node export | kiana-node import -q --state friend >/dev/null
kiana-node export --state friend | kiana-node import -q >/dev/null
state=$HOME/.local/state/kiana
# Reads an exported log as a stranger does: the bundles that are there give the tiles, the tiles the
# root.
cat >check.py <<'END'
import base64, hashlib, os, sys
def path(kind, index, count):
    name = "%03d" % (index % 1000)
    while index >= 1000:
        index //= 1000
        name = "x%03d/%s" % (index % 1000, name)
    return "%s/tile/%s/%s%s" % (sys.argv[1], kind, name, "" if count == 256 else ".p/%d" % count)
def node(a, b):
    return hashlib.sha256(b"\1" + a + b).digest()
def root(row):
    if len(row) == 1:
        return row[0]
    half = 1 << (len(row) - 1).bit_length() - 1
    return node(root(row[:half]), root(row[half:]))
text = open(sys.argv[1] + "/checkpoint").read().split("\n")
size, hashes = int(text[1]), []
for index in range((size + 255) // 256):
    count = min(256, size - 256 * index)
    tile = open(path("0", index, count), "rb").read()
    assert len(tile) == 32 * count
    hashes += [tile[32 * k:32 * k + 32] for k in range(count)]
    if not os.path.exists(path("entries", index, count)):
        continue
    data, leaves = open(path("entries", index, count), "rb").read(), []
    while data:
        end = 2 + data[0] * 256 + data[1]
        leaves.append(hashlib.sha256(b"\0" + data[2:end]).digest())
        data = data[end:]
    assert leaves == hashes[256 * index:], "bundle %d" % index
assert root(hashes) == base64.b64decode(text[2]), "the root is another one"
END
: >acked
: >seen
: >redacted
first=0

# A linear congruential generator; it sets `r`, since in a subshell it would forget where it is.
random() {
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  r=$((seed / 65536 % $1))
}

kills=0
# A command that is killed while it is at work, as long as it took the last time; each third one is
# let through.
chance() {
  kind=$1
  shift
  window=0
  eval "window=\${window_$kind:-0}"
  random 3
  status=0
  start=$(date +%s%N)
  if [ $r = 0 ] || [ "$window" = 0 ]; then
    "$@" >out 2>err || status=$?
    eval "window_$kind=$((($(date +%s%N) - start) / 1000000 + 1))"
  else
    random "$window"
    timeout -s KILL "$((r / 1000)).$(printf '%03d' $((r % 1000 + 1)))" "$@" >out 2>err || status=$?
  fi
  case $status in
  0) ;;
  137) kills=$((kills + 1)) ;;
  *) echo "$* ended with $status:" && cat err && exit 1 ;;
  esac
}

# Keeps size and root of every checkpoint that anybody can have read.
keep() {
  sed -n '2,3p' "$1" | paste -s -d ' ' | grep -E '^[0-9]+ [A-Za-z0-9+/]{43}=$' >>seen || true
}

lines() {
  i=0
  while [ $i -lt "$1" ]; do
    i=$((i + 1))
    echo "{\"type\":\"door.open\",\"target\":\"round:$round:$i\",\"payload\":{\"words\":\"heron$round-$i.\"}}"
  done
}

# Each place that was printed, with the target of the line that stands there.
acknowledge() {
  head -n "$(wc -l <out)" out >places
  paste -d ' ' places in | grep -E '^[0-9]+ \{' | sed 's/{.*"target":"\([^"]*\)".*/\1/' >>acked || true
}

round=0
while [ $kills -lt "$wanted" ] && [ $round -lt $((wanted * 4)) ]; do
  round=$((round + 1))
  random 7
  case $r in
  0)
    random 300
    lines $((r + 1)) >in
    chance append kiana-audit append in
    acknowledge
    ;;
  1)
    lines 20 >in
    chance now kiana-audit append --now in
    acknowledge
    ;;
  2) chance checkpoint kiana-audit checkpoint && keep out ;;
  3) chance via kiana-audit checkpoint --via 'kiana-audit witness --state friend' && keep out ;;
  4)
    chance export kiana-audit export --tiles tiles --gc
    if [ -e tiles/checkpoint ]; then keep tiles/checkpoint; fi
    ;;
  5)
    if [ -s acked ]; then
      random "$(wc -l <acked)"
      line=$(sed -n "$((r + 1))p" acked)
      if [ "${line%% *}" -ge "$first" ]; then
        echo "$line" >>redacted
        chance redact kiana-audit redact "${line%% *}" --basis asked
      fi
    fi
    ;;
  6)
    random 3
    if [ $r = 0 ]; then
      chance prune kiana-audit prune --before now
      first=$(kiana-audit prune --before now --json | jq .next)
    fi
    ;;
  esac
  kiana-audit verify --full >found 2>&1 || { cat found && echo "no after round $round" && exit 1; }
done

kiana-audit witness --state friend --show "kiana/$(kiana-node id)/audit/0" >note
keep note
kiana-audit export --tiles tiles >/dev/null
keep tiles/checkpoint
kiana-audit verify --full --against tiles/checkpoint --against note
python3 check.py tiles || exit 1
sort -u seen | awk '{ print $1 }' | uniq -d >twice
[ ! -s twice ] || { echo "signed with two roots:" && cat twice && exit 1; }

# Every entry that was acknowledged stands where it was said to stand.
shuf -n 60 acked >some
while read -r place target; do
  [ "$place" -ge "$first" ] || continue
  kiana-audit prove "$place" >proof || { echo "acknowledged entry $place is lost" && exit 1; }
  kiana-audit verify proof | grep -q "\"target\":\"$target\"" || { echo "$place is another entry" && exit 1; }
done <some
# A redaction that was killed is done by the next; then the words are in no file.
while read -r place target; do
  [ "$place" -lt "$first" ] || kiana-audit redact "$place" --basis asked >/dev/null 2>&1
  words=$(echo "$target" | sed 's/round:\(.*\):\(.*\)/heron\1-\2./')
  if grep -rqF -e "$words" "$state"; then echo "'$words' was redacted and is here" && exit 1; fi
done <redacted
echo "$round rounds, $kills killed, $(wc -l <acked) entries acknowledged, $(sort -u seen | wc -l) checkpoints seen"
[ $kills -ge $((wanted * 3 / 4)) ] || { echo "too few were killed to mean anything" && exit 1; }
[ "$(wc -l <acked)" -gt "$wanted" ] || { echo "too few were acknowledged" && exit 1; }
