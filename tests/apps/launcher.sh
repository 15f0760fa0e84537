#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The launcher, before programs that say which they are: it becomes the best that this processor can run, or what --isa names.
. "$(dirname "$0")/common.sh"
cp "$(dirname "$papillon")"/papillon* .
papillon=$work/papillon

expect 42 study run "two words" --data ""
case $(cat out) in
  "avx512: [study] [run] [two words] [--data] []") best=avx512 ;;
  "avx2: [study] [run] [two words] [--data] []") best=avx2 ;;
  "baseline: [study] [run] [two words] [--data] []") best=baseline ;;
  *) fail "the launcher became none of the programs, or lost an argument"; cat out ;;
esac
echo "this processor's best is $best"

# What it can run besides, however it is asked for.
able=" avx512 avx2 baseline"
for isa in ${able#*"${able%%"$best"*}"}; do
  expect 42 info --isa "$isa"
  contains out "$isa: [info] [--isa] [$isa]"
  expect 42 info --isa="$isa"
  contains out "$isa: [info] [--isa=$isa]"
done
# What it cannot.
for isa in ${able%%"$best"*}; do refuses 2 "this processor cannot run --isa $isa (it lacks " info --isa "$isa"; done
refuses 2 "there is no --isa avx1024 (this program was built for avx512, avx2, baseline)" info --isa avx1024
# An option's lack of a value, and what comes after --, are not the launcher's business.
expect 42 info --isa
expect 42 -- --isa avx1024

# Wherever it is called from; a program that is missing is no reason for a slower one.
mkdir elsewhere
ln -s ../papillon elsewhere/linked
(cd elsewhere && ./linked info >../out) || [ $? = 42 ] || fail "a link to the launcher ended with $?"
contains out "$best: [info]"
rm "papillon-$best"
refuses 1 "papillon-$best (No such file or directory) install it beside papillon" info
finish
