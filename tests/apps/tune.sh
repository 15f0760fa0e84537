#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A grid of two learning rates and two weight decays: what is trained is not trained again, by another tuning or by a study.
. "$(dirname "$0")/common.sh"
tune=(tune --preset smoke --configuration S1L2 --out a --grid train.learning_rate=0.1,0.03 --grid train.weight_decay=0,0.001)

expect 0 "${tune[@]}" --dry-run
contains out "S1L2-p04  train.learning_rate=0.03 train.weight_decay=0.001"
[ "$(grep -c "^train      S1L2-p0[1-4]-target-s1-" out)" = 4 ] || { fail "a dry run of four trainings"; cat out; }
[ ! -e a ] || fail "a dry run made a directory"

expect 0 "${tune[@]}"
[ "$(grep -c " epochs, best" out)" = 4 ] || fail "not four trainings"
[ "$(ls a/networks | wc -l)" = 4 ] || fail "not four networks"
[ ! -e a/settings.json ] || fail "a tuning changed what the directory is a study of"
ls a/networks/*/ | grep -qE "outputs|features" && fail "a tuning asked or measured a network"
file=$(echo a/tune/S1L2-????????.json)
[ -s "$file" ] || fail "no file of the points"
contains out "points: $file"
[ "$(grep -cE "^S1L2-p0[1-4] +[0-9.]+ % " out)" = 4 ] || { fail "not a line a point"; cat out; }
[ "$(grep -c "% *best " out)" = 1 ] || fail "not one best point"
options=$(tail -n 1 out)
echo "$options" | grep -qE "^--set configurations\.S1L2\.train\.learning_rate=0\.(1|03) --set configurations\.S1L2\.train\.weight_decay=0(\.001)?$" ||
  fail "the last line is '$options'"

cp out first
cp "$file" first.json
expect 0 "${tune[@]}"
grep -q " epochs, best" out && fail "a finished tuning trained again"
same "$file" first.json
same <(grep -v " epochs, best" first) out

# A larger grid trains what is new.
expect 0 "${tune[@]:0:9}" --grid train.weight_decay=0,0.001,0.01
[ "$(grep -c " epochs, best" out)" = 2 ] || { fail "not two more trainings"; cat out; }

# The study takes the target that the tuning trained.
# shellcheck disable=SC2086 # several options
expect 0 train --preset smoke --configuration S1L2 --out a $options
grep -q " epochs, best" out && fail "the best recipe was trained again"

# Stopped in a training, it ends with 75 and goes on there.
long=(tune --preset smoke --set train.epochs=60 --set data.subset=400 --out cut --grid train.learning_rate=0.1,0.03)
"$papillon" "${long[@]}" >out 2>err &
pid=$!
for _ in $(seq 600); do
  metrics=$(echo cut/networks/dense-p0?-target-s1-*/metrics.csv)
  [ -e "$metrics" ] && [ "$(wc -l <"$metrics")" -ge 4 ] && break
  sleep 0.05
done
kill -INT $pid
wait $pid
status=$?
if [ $status != 0 ]; then  # 0: it ended before the signal came
  [ $status = 75 ] || { fail "interrupted: ended with $status, not 75"; cat out err; }
  [ ! -e cut/tune ] || fail "interrupted, but there is a file of the points"
  head -n 4 "$metrics" >before.csv
  expect 0 "${long[@]}"
  same before.csv <(head -n 4 "$metrics")
fi

refuses 2 "data.subset cannot be tuned" tune --preset smoke --out o --grid data.subset=64,96
refuses 2 "no '='" tune --preset smoke --out o --grid train.batch
refuses 2 "same training" tune --preset smoke --out o --grid train.evaluate=best,last
refuses 2 "study.seeds" tune --preset smoke --out o --seed 9
[ ! -e o ] || fail "a wrong command made a directory"
finish
