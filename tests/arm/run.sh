#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Compiles the tests of what computes on vectors for aarch64 (32 registers of 16 bytes, fused multiply-adds) and runs them under qemu.
# usage: run.sh SOURCE_DIRECTORY INCLUDE_DIRECTORY_OF_CATCH2
set -euo pipefail
source=$(realpath "$1")
catch2=$(realpath "$2")/catch2
for program in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v $program >/dev/null || { echo "[skipped] there is no $program (scripts/install-packages arm)"; exit 0; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir include
ln -s "$catch2" include/catch2
printf '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n' >main.cpp
objects=()
for test in "$work/main.cpp" "$source"/tests/{tensor/vec,product/tile_kernel,product/outer_product,product/vector_product,nn/kernels/winograd,nn/kernels/convolution}_test.cpp; do
  objects+=("$(basename "$test" .cpp).o")
  aarch64-linux-gnu-g++ -std=c++20 -O1 -fopenmp -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
    -I "$source/include" -I "$source/tests" -isystem include -c "$test" -o "${objects[-1]}"
done
aarch64-linux-gnu-g++ -fopenmp "${objects[@]}" -o tests
OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive qemu-aarch64 -L /usr/aarch64-linux-gnu ./tests
