#!/bin/sh
# Measures kiana and prints one line of JSON for each figure, its bound in the same run.
#
# Usage: scripts/bench.sh [BLOCKS [audit]]     BLOCKS: default 1000000, which takes about ten minutes
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

need_swift
# shellcheck disable=SC2086 # a list of words
need_packages 1 $build_packages minisign age
build_release kiana-node
build_release kiana-keys
build_release kiana-audit
build_release kiana-bench
folder=$(mktemp -d "${TMPDIR:-/tmp}/kiana-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cc -O2 -o "$folder/bare_insert" Benchmarks/bare_insert.c -lsqlite3
cc -O2 -o "$folder/bare_trail" Benchmarks/bare_trail.c -lsqlite3
HOME=$folder .build/release/kiana-bench --audit .build/release/kiana-audit "$folder" "${1-1000000}" \
  "$folder/bare_trail"
if [ "${2-}" = audit ]; then exit 0; fi
HOME=$folder .build/release/kiana-bench .build/release/kiana-node "$folder" "${1-1000000}" \
  "$folder/bare_insert"
