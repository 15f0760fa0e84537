#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Files that somebody made to do harm are refused in one line, before anything is made of them.
# usage: hostile.sh PROGRAM GOLDEN_DIRECTORY
golden=$(realpath "$2")
. "$(dirname "$0")/common.sh"
ulimit -v 2000000  # KiB: what asks for gigabytes ends with another status

# tensors FILE HEADER: a safetensors file without data.
tensors() {
  local length=${#2} size='' i
  for ((i = 0; i < 8; ++i)); do
    size+=$(printf '\\x%02x' $((length >> 8 * i & 255)))
  done
  # shellcheck disable=SC2059  # bytes
  printf "$size" >"$1"
  printf '%s' "$2" >>"$1"
}
# tensor NAME DIMS: its description, of no bytes.
tensor() { printf '"%s":{"dtype":"F32","shape":[%s],"data_offsets":[0,0]}' "$1" "$2"; }

# Networks that claim more than their files hold.
tensors wide.safetensors "{$(tensor conv1.weight 800,3,0,3),$(tensor fc.weight 10,0),$(tensor layer1.0.bn1.weight 0)}"
refuses 3 "conv1.weight has another shape" evaluate wide.safetensors --built-in 10
blocks=$(for i in {0..3999}; do printf ,; tensor "layer1.$i.bn1.weight" 0; done)
tensors deep.safetensors "{$(tensor conv1.weight 800,3,0,3),$(tensor fc.weight 10,0)$blocks}"
refuses 3 "conv1.weight has another shape" evaluate deep.safetensors --built-in 10
refuses 3 "conv1.weight has another shape" factorize deep.safetensors --out made.safetensors
for size in 0 2147483648 4294967298 18446744073709551615; do
  tensors size.safetensors "{$(tensor conv1.weight $size,0,3,3),$(tensor fc.weight 10,0),$(tensor layer1.0.bn1.weight 0)}"
  refuses 3 "say $size channels" evaluate size.safetensors --built-in 10
done
tensors name.safetensors "{$(tensor '\u001b[31m\n' 0),$(tensor 'module.\u001b[31m\n' 0)}"
refuses 3 'are both \x1b[31m\x0a' evaluate name.safetensors --built-in 10
tensors nested.safetensors "$(printf '{"a":%.0s' {1..20000})"
refuses 3 "nested more than 32 deep" evaluate nested.safetensors --built-in 10

# Weights that are no numbers, or give none.
cp "$golden/state_dict_projection.safetensors" nan.safetensors
printf '\0\0\300\177' | dd of=nan.safetensors bs=1 seek=$(($(stat -c %s nan.safetensors) - 4)) conv=notrunc status=none
refuses 3 "holds a number that is not finite" evaluate nan.safetensors --built-in 10
refuses 3 "holds a number that is not finite" factorize nan.safetensors --out made.safetensors
refuses 3 "holds a number that is not finite" attack --preset smoke --out o --target-network nan.safetensors --shadow-network nan.safetensors
[ ! -e made.safetensors ] || fail "a network was made of one that is refused"

# JSON.
printf '{"a":%.0s' {1..20000} >objects.json
refuses 3 "objects.json cannot be used (it is nested more than 32 deep, line 1" study run --config objects.json
head -c 100000 /dev/zero | tr '\0' '[' >lists.json
refuses 3 "lists.json cannot be used (it is nested more than 32 deep, line 1" study run --config lists.json
printf '{\n"train.epochs": 1e999}' >large.json
refuses 3 "large.json cannot be used (a number is out of range, line 2" study run --config large.json
printf '{"train.epochs": 1, "train.epochs": 2}' >twice.json
refuses 3 "the name train.epochs occurs twice" study run --config twice.json
truncate -s 2M huge.json
refuses 3 "files of its kind have at most 1048576" study run --config huge.json

# What is no file is not waited for.
mkfifo pipe pipe.npy
refuses 3 "pipe or a device" study run --config pipe
refuses 3 "pipe or a device" evaluate pipe --built-in 10
refuses 3 "pipe or a device" audit --scores pipe.npy
refuses 3 "pipe or a device" evaluate /dev/zero --built-in 10
mkdir images
mkfifo images/data_batch_1.bin
refuses 3 "pipe or a device" info --data images
finish
