#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the program prints about itself, configurations, plans and chains.
. "$(dirname "$0")/common.sh"

expect 0 --version
contains out "papillon "
expect 0 --help
contains out "75 interrupted"
expect 0 info
for word in compiler "instruction set" lanes threads Eigen; do contains out "$word"; done
expect 0 info --device seq
contains out "seq, 1 thread"

for preset in smoke demo mini controls lira private yuan2022 tan2023 wang2021 paper he2016; do
  expect 0 study run --preset $preset --print-config
  cp out $preset.json
  expect 0 study run --config $preset.json --print-config
  same out $preset.json
done
expect 0 study run --preset mini --config smoke.json --set train.epochs=7 --set prune.fraction=0.3 --print-config
contains out '"train.epochs": 7'
contains out '"prune.fraction": 0.3'
contains out '"data.subset": 96'

expect 0 study plan --preset paper --images-per-second 600
contains out "272474"
contains out "186 trainings, "
for nonzeros in 87898 80666 43450 34682 32122 23162; do contains out " $nonzeros "; done
expect 0 study run --dry-run --preset smoke --out o
contains out "6 trainings, "
[ ! -e o ] || fail "a dry run made a directory"

expect 0 patterns butterfly:16 --svg chain.svg
contains out "16 x 16, 4 factors, 128 nonzeros (50.00 % of dense)"
contains chain.svg "<svg"
expect 0 patterns monotone:64,576,2
contains out "64 x 576, 2 factors, 3200 nonzeros"
expect 0 patterns "(1,8,8,2) (8,2,18,1)"
contains out "16 x 144, 2 factors, 416 nonzeros"
finish
