#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The smoke preset with the GPU's kernels on the host gives the reference's report within tolerance; a device that this program
# does not have is refused in words.
. "$(dirname "$0")/common.sh"

expect 0 study run --preset smoke --out emulated --device emulated
expect 0 study run --preset smoke --out seq --device seq

# key value, one a line, of all numbers but times; in the same order in both.
numbers() {
  tr -d ' \n' <"$1/report/results.json" | sed -E 's/("[a-z_A-Z0-9]+":)/\n\1/g' | grep -v '^"seconds"' |
    sed -E 's/^"([^"]*)":/\1 /; s/[][{},]/ /g' | awk '{ for (i = 2; i <= NF; ++i) if ($i ~ /^-?[0-9][0-9.e+-]*$/) print $1, $i }'
}
numbers emulated >a
numbers seq >b
[ "$(wc -l <a)" -gt 300 ] || fail "only $(wc -l <a) numbers in the report"
# Losses of float networks after a few steps agree to 1e-4 (tests/policies/layers.hpp says why). A pair of images may change
# places in an area under a curve. A threshold that is learned among 128 images may fall to the other side of four of the
# 128 that it judges: 3.1 of an accuracy, which are in per cent, twice that of a defence. Of the 26 of a hold-out, two: 7.7.
paste -d ' ' a b | awk '
  { tolerance = $1 ~ /loss|curve/ ? 1e-4 : $1 ~ /auc/ ? 0.01 : $1 ~ /holdout/ ? 7.7 : 6.3; d = $2 - $4; if (d < 0) d = -d }
  $1 != $3 || NF != 4 || d > tolerance { print "differs: " $0; bad = 1 }
  END { exit bad }' || fail "the reports differ"
contains emulated/report/results.json emulated

"$papillon" info --device emulated | grep -q "32 lanes" || fail "info does not describe the device emulated"
finish
