#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: slurm.sh PROGRAM
# A study as jobs of a Slurm of three nodes, one of which dies while it trains: submitted again, it brings only what is missing, and the
# numbers are those of one program that was not disturbed.
nodes=3
. "$(dirname "$0")/common.sh"

# The node of an element of the dense trainings that has an epoch behind it.
node_that_trains() {
  local line
  for line in $(squeue --noheader --array --states=RUNNING --format=%K:%N:%j | grep train-dense); do
    IFS=: read -r element node _ <<<"$line"
    case $element in
      0) role=target ;;
      *) role=shadow ;;
    esac
    [ -s "$(echo a/networks/dense-$role-s1-*/metrics.csv)" ] && return
  done
  return 1
}
numbers() { grep -vF '"seconds"' "$1/report/results.json"; }

expect 0 study submit --engine slurm "${study[@]}" --out a --time 10
contains out "7 submissions of 10 jobs"
wait_until 30 "a node trains" node_that_trains || { finish; exit 1; }
"$here/cluster.sh" kill "$work/cluster" "$node"
[ ! -e a/networks/dense-"$role"-s1-*/result.json ] || fail "the node had trained to the end before it died"
# Another job is put back meanwhile: it is asked to stop, and goes on later.
other=$(squeue --noheader --array --states=RUNNING --format=%i:%N:%j | grep -E ":n[1-3]:.*-train-" | grep -v ":$node:" | head -n 1 | cut -d: -f1)
[ -n "$other" ] && scontrol requeue "$other" || fail "no other node trains"
# All of it is queued or finished.
expect 0 study submit --engine slurm --out a
contains out "nothing to submit"
expect 0 study run "${study[@]}" --out plain
wait_until 60 "all jobs have ended" queue_is_empty
grep -q '"SLURM_ARRAY_TASK_ID"' a/networks/dense-"$role"-s1-*/provenance.json || fail "provenance does not name the job"
[ "$(grep -c '"start"' a/networks/dense-"$role"-s1-*/provenance.json)" = 2 ] || {
  fail "the network on the node that died was not gone on with"
  cat a/networks/dense-"$role"-s1-*/provenance.json
}
diff <(numbers plain) <(numbers a) >difference || { fail "the numbers are not those of study run"; head difference; }
expect 0 study verify --out a || cat out

# What is lost is submitted again, and nothing else.
rm a/networks/S1L2-shadow-s1-*/result.json a/attacks/imp-01-s1-gap-????????.json
expect 0 study submit --engine slurm --out a
contains out "3 submissions of 3 jobs"
wait_until 60 "all jobs have ended again" queue_is_empty
diff <(numbers plain) <(numbers a) >difference || { fail "the numbers of the mended study are not those of study run"; head difference; }
[ "$failures" = 0 ] || tail -n 5 a/slurm/log/*
finish
