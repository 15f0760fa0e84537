#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Networks in files: a state_dict saved by PyTorch is evaluated, made a butterfly, and attacked; what is no network is refused.
# usage: networks.sh PROGRAM GOLDEN_DIRECTORY
golden=$(realpath "$2")
. "$(dirname "$0")/common.sh"

for form in projection padded; do
  expect 0 evaluate "$golden/state_dict_$form.safetensors" --built-in 100
  contains out "100 built-in images: loss"
  cp out dense-$form
  expect 0 factorize "$golden/state_dict_$form.safetensors" --out $form.safetensors --segments 2 --factors 3
  [ "$(grep -c "^layer" out)" = 12 ] || fail "not twelve convolutions were factorised"
  contains out "layer3.2.conv2     16 x 144"
  contains out "(1,2,2,8)(2,4,4,2)(8,2,18,1)"
  expect 0 evaluate $form.safetensors --built-in 100
  expect 0 evaluate $form.safetensors --built-in 100 --device seq
done

# One factor is the weight itself: nothing is lost.
expect 0 factorize "$golden/state_dict_projection.safetensors" --out one.safetensors --factors 1 --order balanced --tap-major
contains out "layer1.0.conv1     4 x 36          144     0.000000"
expect 0 evaluate one.safetensors --built-in 100
same out dense-projection

# A run's directory stands for its best network.
attacks="gap loss class-loss entropy modified-entropy steadiness nine samia calibrated rmia lira-offline"
expect 0 study run --preset smoke --set study.seeds=1 --set "attack.list=${attacks// /,}" --out runs
expect 0 evaluate runs/networks/dense-target-s1-* --built-in 50
expect 0 factorize runs/networks/dense-target-s1-* --out run.safetensors
refuses 3 "already has chains" factorize runs/networks/S1L2-target-s1-* --out again.safetensors

# The study's own networks, attacked as if somebody else had trained them, give what the study found, bit for bit.
others=others/networks-of-others
expect 0 attack --preset smoke --set "attack.list=${attacks// /,}" --out others --target-network runs/networks/dense-target-s1-*/best.safetensors \
  --shadow-network runs/networks/dense-shadow-s1-*/best.safetensors
contains out "64 members and 64 others of the target, 64 and 64 of the shadow"
for attack in $attacks; do
  for role in target shadow; do
    if [[ $attack = @(nine|samia) ]] && [ $role = shadow ]; then continue; fi
    same runs/attacks/dense-s1-"$attack"-????????-$role.npy $others/"$attack"-$role.npy
    grep -qE "^$attack +$role +[0-9.]+ +[0-9.]+ +[01]\.[0-9]+ \+- 0\.[0-9]+ +- +-$" out ||
      { fail "no line of $attack on the $role"; cat out; }
  done
done
grep -q online out && fail "attacks that need references were made without any"
contains out "strict"
grep -qE "lr 0.01 +[0-9.]+ +[0-9.]+ +[0-9.]+" out || { fail "no accuracy of a discriminator"; cat out; }

# An attack of the list alone: no discriminators are trained for it.
rm -r others
expect 0 attack --preset smoke --set attack.list=loss --out others --target-network run.safetensors \
  --shadow-network runs/networks/S1L2-shadow-s1-*/best.safetensors
[ "$(ls $others | tr '\n' ' ')" = "loss-shadow.npy loss-target.npy outputs-shadow.npy outputs-target.npy " ] ||
  { fail "other files than those of the attack"; ls $others; }
grep -q "discriminator" out && fail "discriminators that nobody asked for"
refuses 2 "no images for a shadow" attack --target-network run.safetensors --shadow-network run.safetensors --out others \
  --preset he2016 --data nowhere

refuses 2 "--shadow-network" attack --preset smoke --target-network run.safetensors
refuses 3 "missing.safetensors" evaluate missing.safetensors --built-in 10
refuses 3 "fetch-cifar10" evaluate one.safetensors --data nowhere
refuses 3 "no CIFAR-100 in nowhere" evaluate one.safetensors --data nowhere --set data.source=cifar100
refuses 2 "it is grey" evaluate one.safetensors --data nowhere --set data.source=mnist
refuses 2 "segments" factorize one.safetensors --out x.safetensors --segments 4
finish
