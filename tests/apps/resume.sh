#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A training that is interrupted ends with 75, and the same command goes on to the very bits of one that was not.
. "$(dirname "$0")/common.sh"
training=(train --preset smoke --set train.epochs=60 --set data.subset=400)

expect 0 "${training[@]}" --out whole
"$papillon" "${training[@]}" --out cut >out 2>err &
pid=$!
metrics=missing
for _ in $(seq 600); do
  metrics=$(echo cut/networks/dense-target-s1-*/metrics.csv)
  [ -e "$metrics" ] && [ "$(wc -l <"$metrics")" -ge 4 ] && break
  sleep 0.05
done
kill -INT $pid
wait $pid
status=$?
if [ $status = 0 ]; then
  echo "[skipped] the training ended before the signal came"
  exit 0
fi
[ $status = 75 ] || { fail "interrupted: ended with $status, not 75"; cat out err; }
[ "$(wc -l <err)" = 1 ] || fail "interrupted: not one line of error"
[ -e cut/networks/dense-target-s1-*/result.json ] && fail "interrupted, but there is a result"
contains cut/networks/dense-target-s1-*/provenance.json '"outcome": "interrupted"'

cp "$metrics" before.csv
expect 0 "${training[@]}" --out cut
# An epoch that was trained again would have taken another time.
head -n "$(wc -l <before.csv)" "$metrics" >after.csv
same before.csv after.csv
for file in best.safetensors last.safetensors; do same whole/networks/*/$file cut/networks/*/$file; done
# All but the times.
cut -d, -f1-7 whole/networks/*/metrics.csv >whole.csv
cut -d, -f1-7 cut/networks/*/metrics.csv >cut.csv
same whole.csv cut.csv

# Other signals ask to stop as well; a reader that leaves does not.
long=(train --preset smoke --set train.epochs=100000 --set data.subset=400)
for signal in TERM HUP USR1 XCPU; do
  "$papillon" "${long[@]}" --out "cut-$signal" >out 2>err &
  pid=$!
  for _ in $(seq 600); do
    metrics=$(echo "cut-$signal"/networks/dense-target-s1-*/metrics.csv)
    [ -e "$metrics" ] && [ "$(wc -l <"$metrics")" -ge 2 ] && break
    sleep 0.05
  done
  kill -$signal $pid
  wait $pid
  status=$?
  [ $status = 75 ] || { fail "$signal: ended with $status, not 75"; cat out err; }
done
{ "$papillon" "${training[@]}" --out unread 2>/dev/null; } | true
[ -e unread/networks/dense-target-s1-*/result.json ] || fail "the reader left, and the training ended"
# Closed descriptors are not taken by files of the study.
status=0; "$papillon" "${training[@]}" --set train.epochs=2 --out closed <&- >&- 2>&- || status=$?
[ $status = 0 ] || fail "without standard input, output and error: not 0"
[ "$(cat closed/claims/*.lock | wc -c)" = 0 ] || fail "what should be printed stands in a lock"
finish
