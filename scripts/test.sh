#!/bin/sh
# Installs what the tests need and runs them all.
#
# Usage: scripts/test.sh [--long]     --long: also longer loops, sanitizers and fuzzing
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

long=0
case ${1-} in
'') ;;
--long) long=1 ;;
*) say "usage: scripts/test.sh [--long]" && exit 64 ;;
esac

need_swift
# shellcheck disable=SC2086 # a list of words
need_packages 1 $build_packages python3 python3-venv jq mandoc shellcheck dash zsh fish \
  minisign signify-openbsd age openssl openssh-client strace

# Stock keripy reads our key logs; where it cannot be installed, the tests say that they skipped it.
# A Python is taken that its wheels exist for.
keri=$PWD/.build-keri
if [ ! -x "$keri/bin/python" ] || ! "$keri/bin/python" -c 'import keri' 2>/dev/null; then
  rm -rf "$keri"
  if ! { python3 -m venv "$keri" && "$keri/bin/pip" install --quiet --disable-pip-version-check \
    keri==1.1.17 'setuptools<81'; } >&2; then
    say "keri==1.1.17 could not be installed"
    rm -rf "$keri"
  fi
fi
# The models of the OCSF schema read our audit events; the same.
ocsf=$PWD/.build-ocsf
if [ ! -x "$ocsf/bin/python" ] || ! "$ocsf/bin/python" -c 'import ocsf, py_ocsf_models' 2>/dev/null; then
  rm -rf "$ocsf"
  if ! { python3 -m venv "$ocsf" && "$ocsf/bin/pip" install --quiet --disable-pip-version-check \
    pydantic-ocsf==3.0.0 py-ocsf-models==0.10.0; } >&2; then
    say "pydantic-ocsf==3.0.0 could not be installed"
    rm -rf "$ocsf"
  fi
fi
KIANA_OCSF_PYTHON=$ocsf/bin/python
KIANA_KERI_PYTHON=$keri/bin/python
KIANA_LONG=$long
# A simulation that fails with a seed is the same when it is run again.
SWIFT_DETERMINISTIC_HASHING=1
export KIANA_KERI_PYTHON KIANA_OCSF_PYTHON KIANA_LONG SWIFT_DETERMINISTIC_HASHING

checks="--explicit-target-dependency-import-check error"
log=$(mktemp "${TMPDIR:-/tmp}/kiana-test-log.XXXXXX")
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
swift build --build-tests $checks
if [ "$long" = 1 ]; then
  say "With the address sanitizer:"
  # shellcheck disable=SC2086
  KIANA_LONG=0 swift test --disable-xctest --sanitize=address --scratch-path .build-address $checks --skip CommandTests
  say "With the thread sanitizer:"
  TSAN_OPTIONS=suppressions=$PWD/Tests/sanitizers/thread.supp
  export TSAN_OPTIONS
  # shellcheck disable=SC2086
  KIANA_LONG=0 swift test --disable-xctest --sanitize=thread --scratch-path .build-thread $checks --skip CommandTests
  scripts/fuzz.sh 60
fi
status=0
# shellcheck disable=SC2086
swift test --disable-xctest --skip-build $checks >"$log" 2>&1 || status=$?
grep -vE '(passed after|started\.|Test case passing|^Test Suite|Executed 0 tests)' "$log" || true
skipped=$(grep -cE '^. (Test|Suite) .* skipped' "$log" || true)
if [ "$skipped" -gt 0 ]; then say "Skipped: $skipped, for the reasons above."; else say "Skipped: none."; fi
grep -E 'Test run with' "$log" || status=1
exit "$status"
