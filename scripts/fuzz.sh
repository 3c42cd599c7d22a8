#!/bin/sh
# Fuzzes each parser of untrusted bytes with libFuzzer and the address sanitizer.
#
# Usage: scripts/fuzz.sh [SECONDS] [TARGET...]
#   SECONDS: for each target, default 60     TARGET: line kel cesr config legacy json sealed minisig
#                                                sshsig age wire ranges session note tlogproof
#                                                policy witness appendline statement blockproof
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

seconds=${1-60}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- line kel cesr config legacy json sealed minisig sshsig age wire ranges session \
  note tlogproof policy witness appendline statement blockproof

need_swift
# shellcheck disable=SC2086 # a list of words
need_packages 1 $build_packages python3
KIANA_WITH_FUZZ=1 swift build -c release --product kiana-fuzz --scratch-path .build-fuzz \
  -Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library >&2
build_release kiana-node
build_release kiana-keys
build_release kiana-audit

folder=$(mktemp -d "${TMPDIR:-/tmp}/kiana-fuzz.XXXXXX")
trap 'rm -rf "$folder"' EXIT
node() {
  command=$1
  shift
  HOME=$folder .build/release/kiana-node "$command" --state "$folder/node" "$@"
}
for target; do mkdir -p "$folder/$target"; done

# Seeds: what kiana itself writes and reads.
node init >"$folder/aid" 2>/dev/null
printf 'one\nzwölf\n' | node put --lines - >/dev/null
node export >"$folder/export"
PYTHONDONTWRITEBYTECODE=1 python3 Tests/interop/legacy_sample.py "$folder/old"
seed() { if [ -d "$folder/$1" ]; then cat >"$folder/$1/$2"; fi; }
head -1 "$folder/export" | tr -d '\n' | seed line author
tail -1 "$folder/export" | tr -d '\n' | seed line block
tail -1 "$folder/export" | tr -d '\n' | seed json block
python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["kel"], end="")' \
  <"$folder/export" | seed kel log
printf '[limits]\ncontent_bytes_max = 1M\n# x\n[redact]\ndelete_after_days = 7\n' | seed config all
for name in a_blocks b_chain_v1 c_chain_v2 d_chain_v3 e_subki f_init; do
  seed legacy "$name" <"$folder/old/$name.json"
done
seed sealed control <"$folder/node/keys/control.key"
keys() {
  command=$1
  shift
  HOME=$folder .build/release/kiana-keys "$command" --state "$folder/node" "$@"
}
keys id | tr -d '\n' | seed cesr aid
keys show --log | sed 's/.*}-A/-A/' | tail -c 92 | seed cesr group
keys sign "$folder/aid" >/dev/null
seed minisig one <"$folder/aid.minisig"
seed sshsig one <"$folder/aid.sig"
# For the X25519 secret 07 00 .. 00 that the target has.
of7=age19ljhmg68e43yx9fgm2k9lwefquc0la5y4lzvlshdjzv47kxt8d6qr9vf4p
printf 'words' | keys seal -r "$of7" | seed age bytes
printf 'words' | keys seal -a -r "$of7" -r self | seed age armor
audit() {
  command=$1
  shift
  HOME=$folder .build/release/kiana-audit "$command" --state "$folder/node" "$@"
}
block=$(node put - <"$folder/aid")
printf '{"type":"door.open","target":"hall","payload":{"by":["anna",1]}}\n' >"$folder/script"
audit append "$folder/script" >/dev/null
head -c -1 "$folder/script" | seed appendline script
audit checkpoint | seed note checkpoint
audit policy | seed policy own
audit policy | sed -n 's/^log //p' | tr -d '\n' | seed note key
audit checkpoint --request 0 | seed witness first
echo '{"type":"door.open"}' | audit append >/dev/null
audit checkpoint --request 3 | seed witness next
audit prove 1 --payload | seed tlogproof entry
audit prove 1 | sed -n 's/^extra //p' | base64 -d | sed 's/^{"entry"://; s/}$//' | seed appendline leaf
audit prove --block "$block" | seed blockproof one
audit prove --block "$(node log --json --limit 9 | tail -1 | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')" |
  seed blockproof range
audit validations --sign "$block" | tr -d '\n' | seed statement own
if [ -d "$folder/wire" ]; then
  node serve --stdio </dev/null >"$folder/wire/hello" 2>/dev/null || true
fi

if [ -d "$folder/session" ]; then
  for way in 0000 0010 0014 0020 0044 0104 0204 0210; do
    # An honest session; then frames lost, repeated, swapped, changed, cut and invented.
    printf '%b' "\\$way" >"$folder/session/honest$way"
    printf '%b' "\\$way\\0000\\0000\\0001\\0010\\0000\\0011\\0001\\0012\\0000\\0013\\0000\\0007" \
      >"$folder/session/harm$way"
    printf '%b' "\\$way\\0000\\0000\\0000\\0015\\0005\\0004\\0000\\0377\\0000\\0001\\0014" \
      >"$folder/session/invent$way"
  done
fi
if [ -d "$folder/ranges" ]; then
  printf 'a\001\001\005\001abcdefghijklmnop\000\000\002\000' >"$folder/ranges/two"
fi

# The address sanitizer prints the trace; Swift's own would keep the pipe open.
export SWIFT_BACKTRACE=enable=no
for target; do
  say "Fuzzing '$target' for $seconds s"
  KIANA_FUZZ=$target .build-fuzz/release/kiana-fuzz -max_total_time="$seconds" -max_len=20000 \
    -timeout=10 -print_final_stats=1 -verbosity=0 "$folder/$target" 2>&1 |
    tee "$folder/log" | grep -E 'number_of_executed_units|ERROR|SUMMARY|Test unit' || true
  if grep -qE 'ERROR|SUMMARY' "$folder/log"; then
    cat "$folder/log"
    exit 1
  fi
done
say "Nothing found."
