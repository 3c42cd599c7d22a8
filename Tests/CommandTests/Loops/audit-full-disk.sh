#!/bin/sh
# Fills a small disk: the trail's commands end with status 74, nothing is half done, and with more
# room everything goes on.
#
# Usage: audit-full-disk.sh     as root, in an empty folder that is HOME, the commands in PATH
set -eu
mkdir disk
mount -t tmpfs -o size=6m tmpfs disk
trap 'umount disk' EXIT
export KIANA_STATE="$PWD/disk/node"
kiana-node init >/dev/null 2>&1
kiana-audit checkpoint >before

fill() {
  head -c 64M /dev/zero >>disk/filler 2>/dev/null || true
}
# status, command
expect() {
  want=$1
  shift
  status=0
  "$@" >out 2>err || status=$?
  [ $status = "$want" ] || { echo "$* ended with $status:" && cat err && exit 1; }
}

# Nothing can be written at all.
echo '{"type":"door.open"}' | kiana-audit append >/dev/null
fill
expect 74 kiana-audit checkpoint
[ ! -s out ] || { echo 'a checkpoint came out' && exit 1; }
echo '{"type":"door.open"}' >line
expect 74 kiana-audit append line
[ ! -s out ] || { echo 'an entry was acknowledged' && exit 1; }
rm disk/filler
expect 0 kiana-audit verify --full --against before

# It becomes full while entries come.
words=$(head -c 2000 /dev/zero | tr '\0' x)
i=0
while [ $i -lt 3000 ]; do
  i=$((i + 1))
  echo "{\"type\":\"door.open\",\"target\":\"n:$i\",\"payload\":\"$words\"}"
done >lines
expect 74 kiana-audit append lines
cat err
grep -q 'the disk is full' err
acked=$(wc -l <out)
expect 0 kiana-audit verify --full --json
[ "$(tail -1 out | jq .size)" -ge "$acked" ]
fill
expect 74 kiana-audit append lines
[ ! -s out ] || { echo 'an entry was acknowledged' && exit 1; }
rm disk/filler
expect 0 kiana-audit verify --full --against before
# An export onto the full disk leaves no checkpoint that lacks something, and goes on later.
mount -o remount,size=64m disk
kiana-audit append lines >/dev/null
mkdir small
mount -t tmpfs -o size=200k tmpfs small
trap 'umount small disk' EXIT
expect 74 kiana-audit export --tiles small/tiles
[ ! -e small/tiles/checkpoint ] || { echo 'the checkpoint is before its tiles' && exit 1; }
[ -z "$(find small -name '*tmp*' -o -name '.*' -type f)" ] || { find small && echo 'a part is left' && exit 1; }
mount -o remount,size=32m small
expect 0 kiana-audit export --tiles small/tiles
expect 74 sh -c 'kiana-audit checkpoint >/dev/full'
expect 74 sh -c 'kiana-audit prove 1 >/dev/full'
kiana-audit verify --full --against small/tiles/checkpoint --against before
