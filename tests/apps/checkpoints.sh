#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Damaged and foreign files of a run are refused, named, and left as they are.
. "$(dirname "$0")/common.sh"
expect 0 study run --preset smoke --out whole

# damaged FILE NEEDED_FOR COMMAND: runs the smoke study on a copy without a result and with a broken file.
damaged() { # FILE MISSING CHANGE
  rm -rf a && cp -r whole a
  # shellcheck disable=SC2086  # a pattern
  rm -f a/networks/$2
  local file
  # shellcheck disable=SC2086,SC2116  # a pattern
  file=$(echo a/networks/$1)
  eval "$3"
  cp "$file" kept
  refuses 3 "$(basename "$file")" study run --preset smoke --out a
  same "$file" kept
}
# shellcheck disable=SC2016
{
  damaged 'dense-target-s1-*/last.safetensors' 'dense-target-s1-*/result.json' 'truncate -s 1000 "$file"'
  damaged 'dense-target-s1-*/last.safetensors' 'dense-target-s1-*/result.json' 'printf x | dd of="$file" bs=1 seek=20000 conv=notrunc status=none'
  damaged 'dense-target-s1-*/last.safetensors' 'dense-target-s1-*/result.json' 'cp a/networks/dense-shadow-s1-*/last.safetensors "$file"'
  damaged 'dense-target-s1-*/last.safetensors' 'dense-target-s1-*/result.json' 'cp a/networks/S1L2-target-s1-*/last.safetensors "$file"'
  damaged 'dense-target-s1-*/metrics.csv' 'dense-target-s1-*/result.json' 'echo nonsense >"$file"'
  damaged 'dense-target-s1-*/best.safetensors' 'dense-target-s1-*/features-*' ': >"$file"'
  damaged 'dense-target-s1-*/result.json' 'none' 'echo "{}" >"$file"'
  damaged 'dense-target-s1-*/features-*.npy' '../attacks/dense-s1-*' 'truncate -s 200 "$file"'
}
finish
