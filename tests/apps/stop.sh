#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A signal is heard at every stage: status 75, nothing half done, and the same command goes on to the results of a study that was
# not stopped. (resume.sh does this with trainings.)
. "$(dirname "$0")/common.sh"

# begin FILES ARGUMENT...: starts the program and waits until one of the files is there that the pattern means.
begin() {
  local files=$1
  shift
  "$papillon" "$@" >out 2>err &
  pid=$!
  for _ in $(seq 3000); do
    compgen -G "$files" >/dev/null && return
    kill -0 $pid 2>/dev/null || break
    sleep 0.01
  done
  compgen -G "$files" >/dev/null || { fail "papillon $* made no $files"; cat out err; }
}

# stopped WHAT: asks the program to stop, and expects 75 and one line.
stopped() {
  kill -TERM $pid
  wait $pid
  local status=$?
  [ $status = 75 ] || { fail "$1: ended with $status, not 75"; cat out err; }
  [ "$(wc -l <err)" = 1 ] || { fail "$1: not one line of error"; cat err; }
  grep -q interrupted err || { fail "$1: the error does not say why"; cat err; }
}

# listening ARGUMENT...: starts the program and waits until it handles SIGTERM (bit 14 of the mask).
listening() {
  "$papillon" "$@" >out 2>err &
  pid=$!
  local mask
  for _ in $(seq 3000); do
    mask=$(sed -n 's/^SigCgt:\t//p' /proc/$pid/status 2>/dev/null)
    [ -n "$mask" ] && (((0x$mask >> 14) & 1)) && return
    kill -0 $pid 2>/dev/null || return
    sleep 0.01
  done
}

# same_results DIRECTORY DIRECTORY: all but times, provenance and figures.
same_results() {
  local file
  for file in $(cd "$1" && ls networks/*/*.npy networks/*/*.safetensors networks/*/outputs-*.json networks/*/features-*.json attacks/*); do
    same "$1/$file" "$2/$file"
  done
  [ "$(ls "$1/attacks")" = "$(ls "$2/attacks")" ] || fail "$2/attacks holds other files than $1/attacks"
}

# Attack: discriminators that are finished stay, and no result is there.
study=(--preset smoke --set study.configurations=dense --set attack.epochs=300)
expect 0 study run "${study[@]}" --out whole
begin 'cut/attacks/*.unfinished/*.json' study run "${study[@]}" --out cut
stopped attack
compgen -G 'cut/attacks/*.json' >/dev/null && fail "an attack was interrupted, and has a result"
kept=$(ls -d cut/attacks/*.unfinished/*.json)
expect 0 study verify --out cut
# Those that stay are not made again: they are stopped once more before the others are done.
begin 'cut/attacks/*.unfinished/strict-*.json' study run "${study[@]}" --out cut
stopped "attack, again"
for file in $kept; do [ -s "$file" ] || fail "$file is gone"; done
expect 0 study run "${study[@]}" --out cut
same_results whole cut
expect 0 study verify --out cut

# Features, batch by batch; then a figure, with a program that never ends.
study=(--preset smoke --set study.configurations=dense --set study.attack=true --set data.subset=1200 --set attack.draws=20
  --set attack.epochs=1)
expect 0 study run "${study[@]}" --out whole-features
begin 'cut-features/networks/dense-shadow-*/result.json' study run "${study[@]}" --out cut-features
stopped features
compgen -G 'cut-features/networks/*/features-*' >/dev/null && fail "features were interrupted, and are there"
mkdir hanging
printf '#!/bin/sh\necho $$ >%s/drawing\nexec sleep 1000\n' "$work" >hanging/gnuplot
chmod +x hanging/gnuplot
PATH=$work/hanging:$PATH begin drawing study run "${study[@]}" --out cut-features
stopped figure
kill -0 "$(cat drawing)" 2>/dev/null && fail "what draws has not ended"
[ -e cut-features/report/index.html ] && fail "a report was interrupted, and is there"
expect 0 study run "${study[@]}" --out cut-features
same_results whole-features cut-features
[ -s cut-features/report/index.html ] || fail "no report"

# A grid search.
tune=(tune --preset smoke --set train.epochs=300 --configuration dense --grid train.learning_rate=0.1,0.03)
expect 0 "${tune[@]}" --out whole-tune
grep -v " epochs, best" out >whole.out
begin 'cut-tune/networks/*/metrics.csv' "${tune[@]}" --out cut-tune
stopped tune
expect 0 "${tune[@]}" --out cut-tune
same <(grep -v " epochs, best" out | sed 's/cut-tune/whole-tune/') whole.out

# Networks in files, and audits: nothing is kept, and nothing is half done.
expect 0 split --preset smoke --set data.subset=1200 --out split.csv
target=$(echo whole-features/networks/dense-target-s1-*/best.safetensors)
shadow=$(echo whole-features/networks/dense-shadow-s1-*/best.safetensors)
networks=(--target-network "$target" --shadow-network "$shadow" --preset smoke --set data.subset=1200 --set attack.draws=20)
listening audit "${networks[@]}" --members split.csv --out audited
stopped audit
[ -e audited ] && fail "an audit was interrupted, and there is a report"
listening attack "${networks[@]}" --out attacked
stopped "attack of others"
finish
