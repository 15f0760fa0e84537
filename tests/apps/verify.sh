#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files of a study that were changed, exchanged or cut are found by name; moved away, the study makes them again to the same bytes.
. "$(dirname "$0")/common.sh"
expect 0 study run --preset smoke --out whole
expect 0 study verify --out whole
contains out ": 0 damaged, foreign or left over"
contains out "results by papillon"
refuses 3 "no such directory" study verify --out nowhere

# repaired FILE KIND CHANGE: the change is found and said; after the repair the study is what it was.
repaired() {
  rm -rf a && cp -r whole a
  local file
  # shellcheck disable=SC2086,SC2116  # a pattern
  file=$(echo a/$1)
  eval "$3"
  cp "$file" changed
  refuses 1 "not whole" study verify --out a
  grep -q "^$2 *$file (" out || { fail "$file: not said to be $2"; cat out; }
  expect 0 study verify --repair --out a
  same changed a/removed/*/"${file#a/}"
  expect 0 study run --preset smoke --out a
  expect 0 study verify --out a
  for each in $(cd whole && ls networks/*/*.safetensors networks/*/*.npy attacks/* splits/*); do same "whole/$each" "a/$each"; done
}
# shellcheck disable=SC2016
{
  repaired 'networks/dense-target-s1-*/best.safetensors' damaged 'printf x | dd of="$file" bs=1 seek=9000 conv=notrunc status=none'
  repaired 'networks/dense-target-s1-*/best.safetensors' foreign 'cp a/networks/dense-shadow-s1-*/best.safetensors "$file"'
  repaired 'networks/imp-01-target-s1-*/last.safetensors' damaged 'truncate -s 5000 "$file"'
  repaired 'networks/dense-shadow-s1-*/metrics.csv' damaged 'sed -i "2s/^0,0/0,1/" "$file"'
  repaired 'networks/S1L2-target-s1-*/snapshot-epoch-000.safetensors' damaged 'printf x | dd of="$file" bs=1 seek=9000 conv=notrunc status=none'
  repaired 'networks/S1L2-target-s1-*/outputs-*.npy' damaged 'printf x | dd of="$file" bs=1 seek=900 conv=notrunc status=none'
  repaired 'networks/S1L2-target-s1-*/outputs-*.json' damaged 'sed -i "s/test_accuracy\": /&1/" "$file"'
  repaired 'attacks/dense-s1-loss-*.json' damaged 'sed -i "s/auc\": 0/&.9/" "$file"'
}

# What is about to be built on is looked at first: here the parent's weights.
rm -rf a && cp -r whole a
rm -r a/networks/imp-01-target-s1-*
cp a/networks/dense-shadow-s1-*/best.safetensors a/networks/dense-target-s1-*/best.safetensors
refuses 3 "best.safetensors" study run --preset smoke --out a
[ ! -e a/networks/imp-01-target-s1-*/last.safetensors ] || fail "weights of another network were pruned"

# A training that was interrupted, too.
rm -rf a && cp -r whole a
rm a/networks/dense-target-s1-*/result.json
cp a/networks/dense-shadow-s1-*/last.safetensors a/networks/dense-target-s1-*/
refuses 1 "not whole" study verify --out a
contains out "foreign    a/networks/dense-target-s1"
expect 0 study verify --repair --out a
expect 0 study run --preset smoke --out a
same a/networks/dense-target-s1-*/last.safetensors whole/networks/dense-target-s1-*/last.safetensors
expect 0 study verify --out a

# Numbers of two devices stand in one report, and it says so.
rm -rf a && cp -r whole a
rm a/attacks/*.json
expect 0 study run --preset smoke --device seq --out a
contains a/report/results.json "not all made alike"
grep -q '"device": "seq' a/report/results.json && grep -q '"device": "omp' a/report/results.json || fail "results.json does not name both devices"
expect 0 study report --device seq --out whole
grep -q '"device": "seq' whole/report/results.json && fail "the report's device is taken for that of the numbers"

# Settings belong to the first study in a directory.
rm -rf a
expect 0 train --preset smoke --set train.epochs=1 --out a
[ ! -e a/settings.json ] || fail "train has written the settings of a study"
expect 0 study run --preset smoke --out a
cp a/settings.json kept
refuses 2 "train.epochs is 2 there, and 3 now" study run --preset smoke --set train.epochs=3 --out a
same a/settings.json kept
expect 0 study run --preset smoke --set study.configurations=dense --change-settings --out a
cmp -s a/settings.json kept && fail "--change-settings has changed nothing"
expect 0 study run --out a
finish
