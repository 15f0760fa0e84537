#!/usr/bin/env sh
# SPDX-License-Identifier: MIT
# usage: gpu_check_pack.sh SOURCE WORK
# The folder that scripts/gpu-check --pack makes builds by itself, with nvcc and without any of the other packages (its CMakeLists.txt
# forbids to look for them), and what it builds runs the kernels on the host.
set -eu
source=$1 work=$2
rm -rf "$work"
mkdir -p "$work"
"$source/scripts/gpu-check" --pack "$work/packed"
cd "$work/packed"
scripts/gpu-check --device emulated || { tail -n 40 build/gpu-check/*.log; exit 1; }
grep -q "PAPILLON_CUDA:BOOL=ON" build/gpu-check/CMakeCache.txt || { echo "it was built without CUDA"; exit 1; }
for line in '| build | passed |' '| check | passed | 5 trainings' '| dense | train | 32 |' '| S3L2 | eval | 32 |'; do
  grep -qF "$line" build/gpu-check/gpu.md || { echo "the page lacks '$line'"; cat build/gpu-check/gpu.md; exit 1; }
done
[ ! -e docs ] || { echo "a rehearsal wrote to docs/"; exit 1; }
