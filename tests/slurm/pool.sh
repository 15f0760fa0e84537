#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: pool.sh PROGRAM
# A study as one array of workers on a Slurm of two nodes, of which one is put back into the queue, as by preemption, while it trains:
# the results are those of one program, to the bit.
nodes=2
. "$(dirname "$0")/common.sh"

# The element of the array that holds the claim on a network with an epoch behind it.
element_that_trains() {
  local claim
  for claim in a/claims/network-*.json; do
    grep -q '"released": false' "$claim" 2>/dev/null && grep -q '"work": "train' "$claim" || continue
    [ -s "$(echo a/networks/*-"$(basename "$claim" .json | sed 's/network-//')"/metrics.csv)" ] || continue
    element=$(sed -n 's/^ *"job": "\([0-9_]*\)",$/\1/p' "$claim")
    [ -n "$element" ] && return
  done
  return 1
}

expect 0 study submit --engine slurm --pool 3 "${study[@]}" --out a --time 10
contains out "1 submissions of 3 jobs"
wait_until 60 "a worker trains" element_that_trains || { finish; exit 1; }
scontrol requeue "$element" || fail "$element cannot be put back"
expect 0 study submit --engine slurm --pool 3 --out a
contains out "nothing to submit"
expect 0 study run "${study[@]}" --out plain
wait_until 120 "all workers have ended" queue_is_empty
for file in $(cd plain && ls networks/*/*.safetensors networks/*/*.npy attacks/* splits/*); do same "plain/$file" "a/$file"; done
[ "$(cd plain && ls networks attacks)" = "$(cd a && ls networks attacks)" ] || fail "other networks or attacks"
for directory in plain a; do sed '/"seconds"/d' $directory/report/results.json >$directory.json; done
same plain.json a.json
grep -l "\"SLURM_ARRAY_TASK_ID\": \"${element#*_}\"" a/networks/*/provenance.json >/dev/null || fail "provenance does not name the workers"
expect 0 study verify --out a || cat out
expect 0 study submit --engine slurm --pool 3 --out a
contains out "nothing to submit"
[ $failures = 0 ] || tail -n 5 a/slurm/log/*
finish
