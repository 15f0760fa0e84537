#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Four programs share the directory of one study, one of them is killed on the way; what comes out is what one makes alone. A
# network that diverges keeps nothing from being done but what is made of it.
. "$(dirname "$0")/common.sh"
study=(study run --preset smoke --set train.epochs=30 --threads 1)
expect 0 "${study[@]}" --out alone

pids=()
for k in 1 2 3 4; do
  "$papillon" "${study[@]}" --out shared >"out.$k" 2>"err.$k" &
  pids+=($!)
done
# The first that is seen to train, in an epoch after its first.
killed=
for _ in $(seq 1200); do
  for claim in shared/claims/network-*.json; do
    grep -q '"work": "train' "$claim" 2>/dev/null && grep -q '"released": false' "$claim" || continue
    metrics=$(echo shared/networks/*-"$(basename "$claim" .json | sed 's/network-//')"/metrics.csv)
    [ -e "$metrics" ] || continue
    killed=$(sed -n 's/^ *"process": \([0-9]*\),$/\1/p' "$claim")
    [ -n "$killed" ] && kill -KILL "$killed" 2>/dev/null && break 2
    killed=
  done
  sleep 0.02
done
for k in 1 2 3 4; do
  wait "${pids[k - 1]}"
  status=$?
  if [ "${pids[k - 1]}" = "$killed" ]; then [ $status = 137 ] || fail "killed, and ended with $status"
  else [ $status = 0 ] || { fail "worker $k ended with $status"; cat "out.$k" "err.$k"; }; fi
done
[ -n "$killed" ] || fail "no program was seen to train"
expect 0 "${study[@]}" --out shared
grep -q " epochs, best" out && fail "the others left a network that the killed one had begun"
for file in $(cd alone && ls networks/*/*.safetensors networks/*/*.npy networks/*/outputs-*.json networks/*/features-*.json attacks/* splits/*); do
  same "alone/$file" "shared/$file"
done
[ "$(cd alone && ls networks attacks)" = "$(cd shared && ls networks attacks)" ] || fail "other networks or attacks"
for directory in alone shared; do sed '/"seconds"/d' $directory/report/results.json >$directory.json; done
same alone.json shared.json
expect 0 study verify --out shared
find shared -name '*.tmp*' | grep -q . && fail "drafts are left"
# All were at work, and every training but that of the killed one was begun once.
[ "$(cat out.? | grep -c " epochs, best")" -ge 5 ] || fail "trainings are missing"
cat out.? | grep -q "^report: " || fail "no report"
expect 0 study status --out shared
grep -qE "^(working|silent|dead|failed)" out && fail "all is done, and somebody works"
expect 0 study status --out shared --json
contains out '"trainings_done": 2'

# Who works on what, while they do.
"$papillon" study run --preset smoke --set train.epochs=100000 --threads 1 --out long >out.1 2>err.1 &
pid=$!
for _ in $(seq 600); do
  [ -e "$(echo long/networks/dense-target-s1-*/metrics.csv)" ] && break
  sleep 0.05
done
expect 0 study status --out long
grep -qE "^working  train dense target s1: [0-9]+ of 100000 epochs, [0-9]+ images/s, left .* \(.*, process $pid, since .*Z\)$" out ||
  { fail "status does not say how far a training is"; cat out; }
grep -qE "^left of all: about .* with 1 worker$" out || { fail "status does not say how long the rest takes"; cat out; }
expect 0 study status --out long --json
contains out "\"process\": $pid"
contains out '"parts": "epochs"'
contains out '"of": 100000'
grep -qE '"seconds_left": [0-9]' out || fail "no time in JSON"
# Watched into a pipe it prints anew, until a signal ends it.
"$papillon" study status --out long --watch 0.1 >watched 2>err.watched &
watch=$!
for _ in $(seq 600); do [ "$(grep -c '^working' watched)" -ge 3 ] && break; sleep 0.05; done
kill -TERM $watch
wait $watch
status=$?
[ $status = 75 ] || { fail "a watch that was stopped ended with $status, not 75"; cat err.watched; }
[ "$(grep -c '^configuration' watched)" -ge 3 ] || fail "a watch did not print anew"
refuses 2 "--watch" study status --out long --watch 0
kill -KILL $pid
wait $pid 2>/dev/null
expect 0 study status --out long
grep -qE "^dead     train dense target s1: [0-9]+ of 100000 epochs \(" out || { fail "status does not say how far the dead one was"; cat out; }
grep -q "^left of all" out && fail "a time is promised while nobody works"
# Of what is done there is nothing to watch; on a terminal it stands where the last one stood.
expect 0 study status --out alone --watch
[ "$(grep -c '^configuration' out)" = 1 ] || fail "a study that is done was watched"
if command -v script >/dev/null; then
  script -qec "'$papillon' study status --out alone --watch" /dev/null >out 2>&1 </dev/null || fail "a watch on a terminal failed"
  grep -q "$(printf '\033\\[H\033\\[J')configuration" out || { fail "a watch does not renew the screen"; cat -v out; }
fi

# Several on one machine, started together; one that is killed is started again.
if [ "$(nproc)" -ge 2 ]; then
  "$papillon" study run --preset smoke --set train.epochs=30 --workers 2 --threads 1 --out pool >out 2>err &
  pid=$!
  for _ in $(seq 600); do
    [ -e "$(echo pool/networks/dense-target-s1-*/metrics.csv)" ] && break
    sleep 0.05
  done
  worker=$(sed -n 's/^ *"process": \([0-9]*\),$/\1/p' pool/claims/network-*.json | head -n 1)
  kill -KILL "$worker"
  wait $pid || { fail "a pool ended with $?"; cat out err; }
  contains err "died by signal 9, and is started again"
  grep -q "^\[1\] " out && grep -q "^\[2\] " out || fail "lines are not marked by their worker"
  for file in $(cd alone && ls networks/*/*.safetensors networks/*/*.npy attacks/*); do same "alone/$file" "pool/$file"; done
  "$papillon" study run --preset smoke --set train.epochs=100000 --workers 2 --threads 1 --out long >out 2>err &
  pid=$!
  for _ in $(seq 600); do
    [ "$(ls long/networks | wc -l)" -ge 2 ] && break
    sleep 0.05
  done
  kill -TERM $pid
  wait $pid
  [ $? = 75 ] || { fail "a pool that was stopped did not end with 75"; cat out err; }
fi
# As many as are fastest: timed once, and kept as long as nothing changed that it depends on.
expect 0 "${study[@]:0:6}" --workers auto --out auto
contains out "ways to share"
grep -qE "^[0-9]+ workers of [0-9]+ threads$" out || { fail "the chosen workers are not named"; cat out; }
for file in $(cd alone && ls networks/*/*.safetensors attacks/*); do same "alone/$file" "auto/$file"; done
ls auto/speed-*.json >/dev/null || fail "what was timed is not kept"
expect 0 "${study[@]:0:6}" --workers auto --out auto
grep -q "ways to share" out && fail "what was timed is timed again"
expect 0 study verify --out auto
refuses 2 "--threads has no meaning with --workers auto" "${study[@]}" --workers auto --out auto
refuses 2 "neither a number from 1 to 1024 nor auto" "${study[@]}" --workers some --out auto
expect 0 study speed --preset smoke --out auto
grep -qE "^ +1 +[0-9]+( +[0-9]+){2}$" out || { fail "no speeds are printed"; cat out; }
contains out "images a second in training, of all workers together; fastest: --workers "
timeout --preserve-status -s INT 1 "$papillon" study speed --preset smoke --out auto >out 2>err
[ $? = 75 ] || { fail "timing that was stopped did not end with 75"; cat err; }
expect 0 study speed --preset smoke --configuration S1L2 --threads 1 --out auto
grep -qE "^[0-9]+\.[0-9]$" out || fail "a network's speed is not printed alone"
refuses 2 "only processors are shared out" study speed --preset smoke --device seq --out auto
refuses 2 "there are not 1024 times 1 processors" study run --preset smoke --workers 1024 --out none

# One failure is one failure.
wild=(study run --preset smoke --set configurations.S1L2.train.learning_rate=100 --set configurations.S1L2.train.weight_decay=1 --out wild)
refuses 1 "tasks failed (the first: train S1L2 target s1: the training diverged" "${wild[@]}"
contains out "report: wild/report/index.html"
contains out "note: failed: train S1L2 shadow s1"
contains wild/report/results.json "Results are missing here that could not be made, with all that builds on them: train S1L2 target s1 failed"
[ "$(ls wild/networks/*/result.json | wc -l)" = 4 ] || fail "not four networks beside those that diverged"
ls wild/attacks/imp-01-s1-rmia-*.json >/dev/null || fail "what does not need them was not done"
ls wild/claims/train-*.failure.json >/dev/null || fail "the failure is not written down"
expect 0 study status --out wild
contains out "failed   train S1L2 target s1 ("
expect 0 study verify --out wild
contains out "failed     train S1L2 target s1 (2 times, "
sessions() { grep -c '"start"' wild/networks/S1L2-target-s1-*/provenance.json; }
[ "$(sessions)" = 2 ] || fail "what diverged was not tried twice"
refuses 1 "tasks failed" "${wild[@]}"
[ "$(sessions)" = 2 ] || fail "what had failed for good was tried again"
refuses 1 "tasks failed" "${wild[@]}" --retry-failed
[ "$(sessions)" = 4 ] || fail "what had failed was not tried anew"
refuses 1 "papillon: the training diverged" "${wild[@]}" --stop-at-error
expect 0 study run --preset smoke --change-settings --out wild
finish
