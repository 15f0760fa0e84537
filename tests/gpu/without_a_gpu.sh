#!/usr/bin/env sh
# SPDX-License-Identifier: MIT
# usage: without_a_gpu.sh PROGRAM [ARGUMENT...]
# On a machine without a usable GPU the program starts, and says in one line that there is none and what to use instead.
set -u
error=$("$@" 2>&1 >/dev/null)
status=$?
[ $status = 0 ] && { echo "[skipped] there is a GPU here"; exit 0; }
echo "$error"
[ $status = 1 ] || { echo "exit status $status, not 1"; exit 1; }
[ "$(echo "$error" | wc -l)" = 1 ] || { echo "not one line"; exit 1; }
echo "$error" | grep -q "no usable CUDA device (.*) use --device omp"
