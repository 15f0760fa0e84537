#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The smoke preset from images to report; what is finished is not done again; threads do not change a bit.
. "$(dirname "$0")/common.sh"

expect 0 study run --preset smoke --out a --threads 2
contains out "report: a/report/index.html"
[ "$(grep -c " epochs, best" out)" = 6 ] || fail "not one line a network"
for name in dense imp-01 S1L2; do
  for role in target shadow; do
    directory=$(echo a/networks/$name-$role-s1-????????)
    for file in best.safetensors last.safetensors metrics.csv provenance.json result.json features-????????.npy; do
      # shellcheck disable=SC2086  # a pattern
      [ -s "$directory"/$file ] || fail "$directory has no $file"
    done
    # The dense networks are asked at the accuracies of the others as well.
    for file in "$directory"/outputs-????????.npy; do
      [ -s "$file" ] && [ -s "${file%.npy}.json" ] || fail "$directory has no outputs, or does not say how good they are"
    done
    [ "$(wc -l <"$directory/metrics.csv")" = 3 ] || fail "$directory/metrics.csv has not a header and two epochs"
  done
  [ -s a/attacks/$name-s1-????????.json ] || fail "no attack on $name"
  for attack in gap loss class-loss entropy modified-entropy steadiness nine calibrated rmia lira-offline; do
    [ -s a/attacks/$name-s1-$attack-????????.json ] || fail "no attack $attack on $name"
    [ -s a/attacks/$name-s1-$attack-????????-target.npy ] || fail "no scores of $attack on $name"
  done
done
[ "$(ls a/networks | wc -l)" = 6 ] || fail "not six networks"
contains a/report/results.json '"trainings_done": 6'
contains a/report/index.html "imp-01"

cp -rp a b
expect 0 study run --preset smoke --out a --threads 2
grep -q " epochs, best" out && fail "a finished study trained again"
diff -r a/networks b/networks >/dev/null || fail "a finished study changed its networks"

# Settings are kept in the output directory.
expect 0 study status --out a
contains out "2 of   2"
rm -r a/report
expect 0 study report --out a
[ -s a/report/index.html ] || fail "no report"

expect 0 study run --preset smoke --out c --threads 1
for file in $(cd a && ls networks/*/*.safetensors networks/*/*.npy attacks/* splits/*); do same "a/$file" "c/$file"; done

# What somebody was writing who is no more goes away, also beside answers of dense networks at other accuracies.
[ "$(ls c/networks/dense-shadow-*/outputs-????????.json | wc -l)" -gt 1 ] || fail "the dense network was asked at one accuracy alone"
for file in c/networks/dense-shadow-*/outputs-????????.json; do
  mv "$file" "$file.tmp.elsewhere.1.1.0"
  rm c/attacks/*-matched-????????.json
  expect 0 study run --preset smoke --out c --threads 1
  [ -z "$(find c -name '*.tmp.*')" ] || fail "drafts are left"
done

# A larger study on the same directory does only what is new.
expect 0 study run --preset smoke --set study.configurations=dense,imp-01..02,S1L2 --change-settings --out a
contains out "imp-02 target"
grep -q "dense target s1: " out && fail "the dense network was trained again"

# One network, and what it descends from.
expect 0 imp --preset smoke --role shadow --out d
[ "$(ls d/networks | wc -l)" = 2 ] || fail "imp did not train two networks"
same d/networks/imp-01-shadow-s1-*/best.safetensors c/networks/imp-01-shadow-s1-*/best.safetensors
expect 0 attack --preset smoke --configuration dense --out a
for attack in gap loss class-loss entropy modified-entropy steadiness nine calibrated rmia lira-offline; do
  grep -q "^$attack  *target " out || fail "the attack $attack on the target is not shown"
done
expect 0 attack --preset smoke --configuration S1L2 --dry-run --out d
contains out "train      S1L2-target-s1-"
[ "$(ls d/networks | wc -l)" = 2 ] || fail "a dry run did something"

# Private trainings, of dense and of masked weights; threads do not change a bit, and the report names the epsilon.
private=(--preset smoke --set study.configurations=dense,dp-8 --set model.groups=2 --set configurations.frozen.like=dp-8
  --set configurations.frozen.dp.freeze=0.3)
expect 0 study run "${private[@]}" --out e --threads 2
expect 0 study run "${private[@]}" --out f --threads 1
for file in $(cd e && ls networks/*/*.safetensors networks/*/*.npy attacks/*); do same "e/$file" "f/$file"; done
contains e/report/index.html "Differential privacy"
contains e/report/results.json '"epsilon": 7.99'
expect 2 study run --preset smoke --set dp.epsilon=8 --out g
contains err "set model.norm=group"

# A perceptron from images to report: dense, pruned, and private with a mask; threads do not change a bit.
perceptron=(--preset smoke --set model.depth=20 --set model.width=16 --set model.hidden=12-8 --set study.configurations=dense,imp-01,dp-8
  --set configurations.dp-8.dp.freeze=0.3)
expect 0 study run "${perceptron[@]}" --out l --threads 2
expect 0 study run "${perceptron[@]}" --out m --threads 1
for file in $(cd l && ls networks/*/*.safetensors networks/*/*.npy attacks/*); do same "l/$file" "m/$file"; done
contains l/report/results.json '"architecture": "perceptron 3072-12-8-10"'
contains l/report/index.html "perceptron 3072-12-8-10"
grep -q '"ResNet' l/report/results.json && fail "a perceptron is called a ResNet"
expect 0 study verify --out l
expect 0 attack "${perceptron[@]}" --configuration imp-01 --out l
contains out "nine"
expect 2 study run "${perceptron[@]}" --set study.configurations=dense,S1L2 --out n
contains err "configuration S1L2: model.weights = butterfly cannot be together with model.hidden = 12-8"

# What was attacked on the way of a training is asked once, and the last step is the network that both reach.
course=(--preset smoke --set study.configurations=dense,narrow-2 --set attack.course=2 --set attack.list=loss --set train.epochs=12
  --set train.milestones=8 --set train.augment=false --set data.subset=192 --set data.validation=64
  --set configurations.narrow-2.train.patience=1)
expect 0 study run "${course[@]}" --out k
[ "$(ls k/attacks/*-course-????????.json | wc -l)" = 2 ] || fail "two courses were not followed"
contains k/report/index.html "On the way"
expect 0 study verify --out k

# Another work's training, pruning, defence and attack: Adam, an end by patience, one round of pruning in each layer with epochs of its
# own, a penalty; threads do not change a bit, and the report says what pruning changed.
yuan=(--preset smoke --set study.configurations= --set attack.list=loss,samia --set train.optimiser=adam --set train.learning_rate=0.001
  --set train.patience=1 --set train.epochs=4 --set configurations.yuan.like=dense --set configurations.yuan-pruned.like=yuan
  --set configurations.yuan-pruned.prune.rounds=1 --set configurations.yuan-pruned.prune.criterion=layerwise
  --set configurations.yuan-pruned.prune.epochs=1 --set configurations.yuan-ppb.like=yuan-pruned
  --set configurations.yuan-ppb.train.pair_penalty=4)
expect 0 study run "${yuan[@]}" --out h --threads 2
expect 0 study run "${yuan[@]}" --out i --threads 1
for file in $(cd h && ls networks/*/*.safetensors networks/*/*.npy attacks/*); do same "h/$file" "i/$file"; done
[ "$(ls h/networks | grep -c '^yuan-[ts]')" = 2 ] || fail "what was pruned was not the network that the study has"
for pruned in yuan-pruned-target yuan-ppb-target; do
  lines=$(wc -l <"$(echo h/networks/$pruned-s1-*)"/metrics.csv)
  [ "$lines" = 2 ] || fail "$pruned was trained for other than one epoch"
done
cmp -s h/networks/yuan-pruned-target-s1-*/best.safetensors h/networks/yuan-ppb-target-s1-*/best.safetensors && fail "the penalty changed nothing"
contains h/report/index.html "Does pruning harm or help?"
contains h/report/results.json '"pruned_from": "yuan"'

# A third work's: an adversary who learns beside each training, and pruning by ADMM, of a network whose training is its own.
wang=(--preset smoke --set study.configurations=dense --set attack.list=loss --set attack.members=trained --set train.epochs=4
  --set train.adversary_warmup=1 --set configurations.wang.train.adversary=8 --set configurations.wang-magnitude.like=wang
  --set configurations.wang-magnitude.prune.rounds=1 --set configurations.wang-magnitude.prune.fraction=0.7
  --set configurations.wang-admm.like=wang-magnitude --set configurations.wang-admm.prune.criterion=admm
  --set configurations.wang-admm.prune.rho=1)
expect 0 study run "${wang[@]}" --out w --threads 2
expect 0 study run "${wang[@]}" --out x --threads 1
for file in $(cd w && ls networks/*/*.safetensors networks/*/*.npy attacks/*); do same "w/$file" "x/$file"; done
[ "$(ls -d w/networks/*-target-* | wc -l)" = 5 ] || fail "there is not one network for each of dense, wang, and what two prunings need"
cmp -s w/networks/dense-target-s1-*/best.safetensors w/networks/wang-target-s1-*/best.safetensors && fail "the adversary changed nothing"
cmp -s w/networks/wang-magnitude-target-s1-*/best.safetensors w/networks/wang-admm-target-s1-*/best.safetensors && fail "ADMM changed nothing"
grep -q "beside.admm.z" w/networks/wang-admm-unpruned-target-s1-*/last.safetensors || fail "no Z lies beside the training that ADMM prunes"
expect 0 study verify --out w
expect 2 study run --preset smoke --set train.adversary=1 --out j
contains err "set attack.members=trained"
expect 2 study run --preset smoke --set model.norm=group --set model.groups=2 --set train.evaluate=last --set dp.epsilon=8 --set train.pair_penalty=1 --out j
contains err "train.pair_penalty"
finish
