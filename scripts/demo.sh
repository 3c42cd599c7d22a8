#!/bin/sh
# A tour of kiana on two nodes in a temporary folder, which is gone afterwards.
#
# Usage: scripts/demo.sh [--yes]     --yes: install missing packages without a question
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

yes=0
case ${1-} in
'') ;;
--yes) yes=1 ;;
*) say "usage: scripts/demo.sh [--yes]" && exit 64 ;;
esac

need_swift
# shellcheck disable=SC2086 # a list of words
need_packages "$yes" $build_packages python3 jq
say "Building (a few minutes the first time) ..."
build_release kiana-node
build_release kiana-keys
build_release kiana-audit
binaries=$PWD/.build/release
interop=$PWD/Tests/interop

folder=$(mktemp -d "${TMPDIR:-/tmp}/kiana-demo.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$folder"
HOME=$folder PATH=$binaries:$PATH PYTHONDONTWRITEBYTECODE=1
export HOME PATH PYTHONDONTWRITEBYTECODE
unset KIANA_STATE XDG_STATE_HOME XDG_DATA_HOME XDG_CONFIG_HOME KIANA_PASSPHRASE_FILE || true

title() { printf '\n--- %s\n' "$*"; }

fail() {
  say "demo: $*"
  exit 1
}

# run STATUS COMMAND: prints the command, runs it, and wants that exit status.
run() {
  wanted=$1
  shift
  printf '\n$ %s\n' "$*"
  status=0
  sh -c "$*" 2>&1 || status=$?
  [ "$status" = "$wanted" ] || fail "exit status $status instead of $wanted: $*"
}

# expect TEXT COMMAND: the command's output must hold the text.
expect() {
  text=$1
  shift
  sh -c "$*" 2>/dev/null | grep -qF -- "$text" || fail "'$text' is missing from: $*"
}

title "Two nodes: an identity, its keys, an empty store"
run 0 "kiana-node init --state anna"
run 0 "kiana-node init --state ben"

title "Blocks of several kinds"
run 0 "echo 'The well was dug in 1911.' | kiana-node put --state anna --topic village --tag water -"
run 0 "echo 'The lime tree is older than the well.' | kiana-node put --state anna --topic village -"
run 0 "printf 'flour\nwater\nsalt\n' | kiana-node put --state anna --kind recipe/1 --feed kitchen --lines -"
run 0 "head -c 200 /dev/urandom | kiana-node put --state anna --type application/octet-stream -"
run 0 "kiana-node log --state anna"

title "Finding them again"
run 0 "kiana-node search --state anna well"
run 0 "kiana-node log --state anna --kind recipe/1 --since today --json | jq -r '.content'"
expect "lime" "kiana-node search --state anna 'well tree'"

title "Proving them"
run 0 "kiana-node verify --state anna --full"

title "From one node to the other, through any pipe"
run 0 "kiana-node export --state anna | kiana-node import --state ben"
run 0 "kiana-node export --state anna >a; kiana-node export --state ben | cmp - a && echo 'the same, byte for byte'"
run 0 "python3 '$interop/check_export.py' a    # an independent checker, written from docs/FORMATS.md"

title "Original KI_ana data, with a verdict for each block"
run 0 "python3 '$interop/legacy_sample.py' old && kiana-node import --state ben --legacy old"
run 0 "kiana-node import --state ben --legacy old | tail -1    # a second time adds nothing"
expect "0 new, 7 known" "kiana-node import --state ben --legacy old"

title "Taking words back"
well=$(kiana-node search --state anna 1911 | cut -c1-16)
run 0 "kiana-node redact --state anna --now --reason 'wrong year' $well"
run 4 "kiana-node get --state anna --content $well"
run 0 "kiana-node export --state anna | kiana-node import --state ben"
run 4 "kiana-node get --state ben --content $well"

title "One byte changed on the disk is found"
run 0 "kiana-node verify --state ben"
place=$(grep -abo 'older than the well' ben/kiana.db | tail -1 | cut -d: -f1)
[ -n "$place" ] || fail "the words are not in the database file"
run 0 "printf X | dd of=ben/kiana.db bs=1 seek=$place conv=notrunc status=none"
run 13 "kiana-node verify --state ben"

title "Keys come and go, the identity stays"
run 0 "kiana-keys list --state anna"
run 0 "kiana-keys rotate --state anna --use block --now"
run 0 "echo 'Signed by the new key.' | kiana-node put --state anna -"
run 0 "kiana-node verify --state anna"
run 0 "kiana-keys tick --state anna    # what cron runs every hour: nothing is due"
run 0 "kiana-keys show --state anna --log | kiana-keys verify -"

title "Files: signed for everybody, sealed for some"
echo 'Minutes of the meeting.' >minutes
run 0 "kiana-keys sign minutes --state anna"
run 0 "kiana-keys check minutes --state anna | cut -f1,2"
run 0 "kiana-keys show --log --state anna | kiana-keys trust add anna - --state ben"
run 0 "kiana-keys seal -r anna -a -o sealed minutes --state ben; head -2 sealed"
run 0 "kiana-keys open sealed --state anna"
echo 'Changed.' >>minutes
run 13 "kiana-keys check minutes --state ben | cut -f1,2; kiana-keys check minutes --state ben >/dev/null 2>&1"

title "Every action leaves a trace, and a witness sees that none is lost"
run 0 "kiana-keys show --log --state ben | kiana-keys trust add ben - --state anna"
run 0 "echo '{\"type\":\"door.open\",\"target\":\"hall\",\"payload\":{\"by\":\"Anna\"}}' | kiana-audit append --state anna"
run 0 "kiana-audit query --state anna --reverse --limit 5"
run 0 "kiana-audit checkpoint --state anna --via 'kiana-audit witness --state ben' 2>/dev/null"
run 0 "kiana-audit prove 3 --state anna >proof; kiana-audit policy --state anna >policy; kiana-audit verify proof --policy policy"
run 0 "kiana-audit prove --block $(kiana-node log --state ben --limit 1 | cut -f1) --state ben >block-proof; kiana-audit verify block-proof"
run 0 "kiana-audit export --tiles tiles --state anna; python3 $interop/check_log.py tiles tiles --policy policy"
run 0 "kiana-audit report --state ben --period $(date -u +%Y-%m) --template validator | head -8"
run 0 "kiana-audit verify --full --state anna --against tiles/checkpoint"
run 0 "cp -a anna edited; python3 -c 'import sqlite3; d = sqlite3.connect(\"edited/kiana.db\"); d.execute(\"DROP TRIGGER event_no_update\"); d.execute(\"UPDATE event SET t = t - 86400000 WHERE seq = 2\"); d.commit()'"
run 13 "kiana-audit verify --full --state edited"

title "A thief copies the machine, and the code on paper takes it back"
run 0 "cp -a anna stolen; kiana-node resume --state stolen --without-peers >/dev/null"
run 0 "kiana-keys rotate --state stolen --use block --now; echo 'By the thief.' | kiana-node put --state stolen -"
run 0 "kiana-node sync --state ben --via 'kiana-node serve --stdio --state stolen'"
cp "$HOME"/.local/share/kiana-guard/"$(kiana-keys id --state anna)".recovery-code.UNCONFIRMED code
run 0 "kiana-node sync --state anna --via 'kiana-node serve --stdio --state ben'"
last=$(kiana-node log --state anna --author "$(kiana-keys id --state anna)" --feed main | grep -v 'By the thief' | head -1 | cut -f1)
run 0 "kiana-keys emergency --state anna --yes --last $last --code-file code | cut -f1 | sort | uniq -c"
run 0 "echo 'By Anna again.' | kiana-node put --state anna -"
run 0 "kiana-node sync --state ben --via 'kiana-node serve --stdio --state anna'; kiana-node log --state ben --limit 1"

title "How is the node?"
run 5 "kiana-node status --state anna"

title "Done; the folder is deleted"
