#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a person can get wrong ends with one clear line and the right status, and destroys nothing.
. "$(dirname "$0")/common.sh"

# Usage.
refuses 2 "prune.fraction" study run --preset smoke --set prune.fractoin=0.3
refuses 2 "0 to 0.999" study run --preset smoke --set prune.fraction=1.5
refuses 2 "6 n + 2" study run --preset smoke --set model.depth=21
refuses 2 "'mini'" study run --preset mimi
refuses 2 "--preset" study run
refuses 2 "omp, seq, emulated and cuda" info --device gpu
refuses 2 "--help" no-such-command
refuses 2 "--help" study run --no-such-option
refuses 2 "did you mean 'imp-01'" train --preset smoke --configuration imp-07 --out o
refuses 2 "study.seeds" train --preset smoke --seed 9 --out o
refuses 2 "no chain" patterns "(1,2,3"
refuses 2 "power of two" patterns butterfly:12
[ ! -e o ] || fail "a wrong command made a directory"

# Configuration files.
refuses 3 "missing.json" study run --config missing.json
printf '{"train.epochs": 3,\n' >cut.json
refuses 3 "cut.json" study run --config cut.json
printf '{"train.epochs": 3, "train.batsh": 4}' >unknown.json
refuses 2 "train.batch" study run --config unknown.json

# Data.
refuses 3 "fetch-cifar10" study run --preset mini --data nowhere --out o
mkdir data
for file in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do truncate -s 30730000 data/$file.bin; done
refuses 3 "fetch-cifar10" study run --preset mini --data data --out o  # all of one class
truncate -s 30729999 data/data_batch_3.bin
refuses 3 "data_batch_3.bin" study run --preset mini --data data --out o
truncate -s 30730001 data/data_batch_3.bin
refuses 3 "data_batch_3.bin" study run --preset mini --data data --out o
[ ! -e o ] || fail "bad data made a directory"

# Output directories.
echo precious >file
refuses 1 "file" study run --preset smoke --out file
refuses 1 "cannot" study run --preset smoke --out /proc/papillon
[ "$(cat file)" = precious ] || fail "a file in the place of the output directory was changed"
expect 0 study run --preset smoke --out a
find a -type f ! -name lock -exec sha256sum {} + | sort >before
(
  trap '' XFSZ
  ulimit -f 8  # blocks of 512 or 1024 bytes: a file system that takes no more
  refuses 1 "cannot write" study run --preset smoke --set study.seeds=1,2 --change-settings --out a
  exit "$failures"
) || fail "a full output directory"
find a -name '*.tmp*' | grep -q . && fail "a full output directory kept drafts"
grep -E "networks/|attacks/" before | sha256sum --quiet -c >/dev/null || fail "a full output directory lost finished work"
expect 0 study run --preset smoke --set study.seeds=1,2 --change-settings --out a

# What another program works on is waited for.
if command -v flock >/dev/null; then
  cp -r a held
  rm held/networks/dense-target-s1-*/result.json
  claim=$(echo held/networks/dense-target-s1-*)
  (
    flock 9
    "$papillon" study run --out held >out 2>err 9>&- &
    pid=$!
    for _ in $(seq 600); do
      grep -q "another program works on this study" out && break
      sleep 0.05
    done
    [ ! -e held/networks/dense-target-s1-*/result.json ] || fail "two programs on one network"
    flock -u 9
    wait $pid || { fail "waiting for another program: ended with $?"; cat out err; }
    [ -e held/networks/dense-target-s1-*/result.json ] || fail "a network was left"
    exit "$failures"
  ) 9>"held/claims/network-${claim: -8}.lock" || fail "two programs on one network"
fi
finish
