#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The launcher on processors that are not this machine's, which qemu stands for.
. "$(dirname "$0")/common.sh"
command -v qemu-x86_64 >/dev/null || { echo "[skipped] there is no qemu-x86_64 (scripts/install-packages arm)"; exit 0; }
cp "$(dirname "$papillon")"/papillon* .

# on PROCESSOR ARGUMENT...: the launcher on that processor, its status in `status`. What it becomes runs on this machine's.
on() {
  local processor=$1
  shift
  status=0
  qemu-x86_64 -cpu "$processor" ./papillon "$@" >out 2>err || status=$?
}
on Haswell info
[ "$status" = 42 ] || fail "on a Haswell: ended with $status"
contains out "avx2: [info]"
on Haswell info --isa baseline
contains out "baseline: [info]"
on Haswell info --isa avx512
[ "$status" = 2 ] || fail "on a Haswell, asked for AVX-512: ended with $status"
contains err "this processor cannot run --isa avx512 (it lacks avx512"
for processor in Nehalem SandyBridge Haswell,-abm Haswell,-movbe Haswell,-f16c Haswell,-fma; do
  on $processor info
  contains out "baseline: [info]"
done
on Haswell,-abm info --isa avx2
contains err "(it lacks lzcnt)"
finish
