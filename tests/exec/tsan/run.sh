#!/usr/bin/env sh
# SPDX-License-Identifier: MIT
# usage: run.sh clean|race PROGRAM
# Runs a program compiled with ThreadSanitizer and checks that it reports no race, or one.
set -u
expected=$1 program=$2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
TSAN_OPTIONS="exitcode=66 halt_on_error=0" "$program" >"$log" 2>&1
status=$?
if grep -q "FATAL: ThreadSanitizer" "$log"; then
  echo "[skipped] ThreadSanitizer cannot run here: $(grep -m 1 FATAL "$log")"
  exit 0
fi
case $expected in
  clean) [ $status = 0 ] && exit 0 ;;
  race) [ $status = 66 ] && grep -q "ThreadSanitizer: data race" "$log" && exit 0 ;;
esac
echo "expected: $expected, exit status $status"
cat "$log"
exit 1
