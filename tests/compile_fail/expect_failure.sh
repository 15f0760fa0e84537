#!/usr/bin/env sh
# usage: expect_failure.sh [--lines N] TEXT... -- COMMAND...
# Fails unless COMMAND fails and its output holds every TEXT (spaces between template arguments do not matter) and has
# at most N lines.
set -u
texts=$(mktemp)
output=$(mktemp)
trap 'rm -f "$texts" "$output"' EXIT
lines=
if [ "$1" = --lines ]; then lines=$2; shift 2; fi
while [ "$1" != -- ]; do printf '%s\n' "$1" | tr -d ' ' >>"$texts"; shift; done
shift
if "$@" >"$output" 2>&1; then echo "it compiled"; exit 1; fi
missing=0
while read -r text; do
  tr -d ' ' <"$output" | grep -qF -- "$text" || { echo "not in the compiler's output: $text"; missing=1; }
done <"$texts"
if [ -n "$lines" ] && [ "$(wc -l <"$output")" -gt "$lines" ]; then echo "more than $lines lines"; missing=1; fi
[ "$missing" = 0 ] || cat "$output"
exit "$missing"
