#!/bin/sh
# Fills a small disk: commands fail with a clear error, and nothing that was acknowledged is lost.
#
# Usage: full-disk.sh     as root, in an empty folder that is HOME, kiana-node in PATH
set -eu
mkdir disk
mount -t tmpfs -o size=3m tmpfs disk
trap 'umount disk' EXIT
kiana-node init --state disk/node >/dev/null 2>&1
: >acked
head -c 60000 /dev/zero | tr '\0' x >text
count=0
status=0
while [ $count -lt 200 ] && [ $status = 0 ]; do
  count=$((count + 1))
  status=0
  kiana-node put --state disk/node text >out 2>err || status=$?
  cat out >>acked
done
cat err
[ $status = 74 ] || { echo "put on a full disk ended with $status" && exit 1; }
status=0
kiana-node init --state other >/dev/null 2>&1
kiana-node put --state other text >/dev/null
kiana-node export --state other | kiana-node import --state disk/node >/dev/null 2>err || status=$?
cat err
[ $status = 74 ] || { echo "import on a full disk ended with $status" && exit 1; }
while read -r id; do
  kiana-node get --state disk/node "$id" >/dev/null || { echo "block $id is lost" && exit 1; }
done <acked
mount -o remount,size=64m disk
kiana-node put --state disk/node text >>acked
while read -r id; do
  kiana-node get --state disk/node --content "$id" | cmp -s - text || { echo "$id is lost" && exit 1; }
done <acked
kiana-node verify --state disk/node --full
