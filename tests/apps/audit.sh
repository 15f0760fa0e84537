#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An audit from files of any program, and of networks that the study trained; limits, and what is refused.
. "$(dirname "$0")/common.sh"

# 200 members and 200 others, a fifth of the members far above the rest.
awk 'BEGIN {
  print "score,member"
  for (i = 0; i < 400; i++) printf "%g,%d\n", (i * 7919 % 400) / 400 + (i % 10 == 0 ? 2 : 0), i % 2 == 0
}' >scores.csv
expect 0 audit --scores scores.csv --out found
contains out "200 members and 200 others"
grep -qE "^scores +0\.6[0-9]{2} \[0\.[0-9]+, 0\.[0-9]+\] +2[01]\.[0-9]+ \([012]\) +- \(too few others\)" out || { fail "the line of the attack"; cat out; }
contains out "found/index.html"
contains found/audit.json '"strongest": "scores"'
contains found/index.html "<b>scores</b>"
[ -s found/scores/scores.npy ] || fail "no scores were written"

# The scores that were written are scores again, members their indices.
awk -F, 'BEGIN { print "index" } NR > 1 && $2 == 1 { print NR - 2 }' scores.csv >members.csv
expect 0 audit --scores found/scores/scores.npy --members members.csv --out again
same found/audit.json again/audit.json

# Limits.
expect 0 audit --scores scores.csv --out found --fail-above auc=.9 --fail-above tpr@.01=.9 --fail-above accuracy=.9
refuses 1 "scores: AUC 0.6" audit --scores scores.csv --out found --fail-above auc=.51
refuses 1 "tpr@0.01" audit --scores scores.csv --out limited --fail-above tpr@.01=.05
[ -s limited/index.html ] || fail "an audit that exceeds its limits wrote no page"
refuses 2 "no limit 'auc'" audit --scores scores.csv --out found --fail-above auc
refuses 2 "200 others have no 0.001 of an image" audit --scores scores.csv --out found --fail-above tpr@.001=.5

# Outputs as csv: members are classified rightly more surely.
awk 'BEGIN {
  print "cat,dog,ship"
  for (i = 0; i < 400; i++) {
    sure = (i % 2 == 0 ? 2 : 1) + (i * 37 % 50) / 50
    printf "%g,%g,%g\n", (i % 3 == 0) * sure, (i % 3 == 1) * sure, (i % 3 == 2) * sure
  }
}' >outputs.csv
awk 'BEGIN { print "label,member"; for (i = 0; i < 400; i++) printf "%d,%d\n", i % 3, i % 2 == 0 }' >images.csv
expect 0 audit --outputs outputs.csv --labels images.csv --members images.csv --out outputs
for attack in gap loss confidence entropy modified-entropy class-loss; do contains out "$attack "; done
grep -qE "^loss +1\.000 .* cross-validated" out || { fail "the loss tells these apart"; cat out; }
grep -qE "^gap +0\.500 .* fixed" out || { fail "all are classified rightly"; cat out; }
expect 0 audit --outputs outputs.csv --labels images.csv --members images.csv --shadow-outputs outputs.csv \
  --shadow-labels images.csv --shadow-members images.csv --no-discriminators --out shadow
grep -qE "^loss .* transferred" out || { fail "thresholds of a shadow transfer"; cat out; }
expect 0 audit --outputs outputs.csv --labels images.csv --members images.csv --reference-outputs outputs.csv --out reference
contains out "Reference 0"
contains out "rmia "

# Networks of the study, asked here.
expect 0 split --preset smoke --out split.csv
contains out "target: train on 64 images"
[ "$(head -n 1 split.csv)" = file,record,digest,part ] || fail "the first line of the split"
expect 0 study run --preset smoke --set study.seeds=1 --out runs
target=$(echo runs/networks/dense-target-s1-*/best.safetensors)
shadow=$(echo runs/networks/dense-shadow-s1-*/best.safetensors)
expect 0 audit --preset smoke --target-network "$target" --members split.csv --out network
contains out "64 members and 64 others"
contains out "steadiness"
cp out by-omp
expect 0 audit --preset smoke --target-network "$target" --members split.csv --out network --threads 1
same out by-omp
expect 0 audit --preset smoke --target-network "$target" --shadow-network "$shadow" --members split.csv --out network
grep -qE "^loss .* transferred" out || { fail "thresholds of a shadow network transfer"; cat out; }
contains out "discriminator 30 lr 0.01"
contains out "calibrated"
expect 0 audit --preset smoke --target-network "$target" --shadow-network "$target" --members split.csv --out network --no-discriminators
contains out "it is the same network"

# What does not fit.
refuses 2 "nothing to audit" audit
refuses 2 "nobody says who is a member" audit --scores found/scores/scores.npy
refuses 2 "--labels" audit --outputs outputs.csv --members images.csv
refuses 2 "excludes" audit --target-network "$target" --scores scores.csv --members split.csv
refuses 3 "missing.npy" audit --scores missing.npy --members members.csv
refuses 3 "neither .npy nor .csv" audit --scores split.txt --members members.csv
printf 'index\n3\n3\n' >twice.csv
refuses 3 "image 3 is in it twice" audit --scores scores.csv --members twice.csv
head -n 300 images.csv >short.csv
refuses 3 "299 numbers" audit --outputs outputs.csv --labels short.csv --members images.csv
refuses 3 "it speaks of 299 images, there are 400" audit --outputs outputs.csv --labels images.csv --members short.csv
refuses 3 "its last axes are not (400, 3)" audit --outputs outputs.csv --labels images.csv --members images.csv \
  --reference-outputs short.csv
sed 2,3d split.csv | sed '2p' >doubled.csv
refuses 3 "line 3: the image is there a second time" audit --preset smoke --target-network "$target" --members doubled.csv
sed 's/^built-in/data_batch_1.bin/' split.csv >other.csv
refuses 3 "no file 'data_batch_1.bin'" audit --preset smoke --target-network "$target" --members other.csv
[ ! -e audit ] || fail "a refused audit made a directory"
finish
