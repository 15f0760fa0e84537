#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Does what a page says, word for word, as somebody new would: in an empty folder with a copy of the source tree in papillon/,
# `papillon` on the PATH, and the files that pages speak of. A block whose first line is "# NAME" or "// NAME", NAME a file's, is
# written to that file; a block marked sh is run, one marked "sh beside" while the next one is; a block marked text that follows has to
# be what the one before printed.
# usage: follow.sh SOURCE_DIRECTORY PROGRAM PAGE [HEADING...]     (PROGRAM may be empty; without headings the whole page)
#   PAGE is relative to the source directory. README.md's program is there for every other page.
set -euo pipefail
source=$(realpath "$1")
program=$2
page=$source/$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/home" "$work/bin" "$work/blocks" "$work/folder/papillon" "$work/folder/data"
for part in CMakeLists.txt CMakePresets.json LICENSE cmake include; do cp -r "$source/$part" "$work/folder/papillon/"; done

# split PAGE [HEADING...]: one file a block, blocks/NNN.LANGUAGE, of the sections with these headings (all of them if none is named).
split() {
  rm -f "$work"/blocks/*
  awk -v out="$work/blocks" -v wanted="$(IFS='|'; echo "${*:2}")" '
    BEGIN { n = split(wanted, list, "|"); for (i = 1; i <= n; i++) heading[list[i]] = 1 }
    !inside && /^#+ / { chosen = n == 0 || ($0 in heading); seen += chosen && n > 0 }
    /^```/ {
      inside = !inside
      if (inside) { file = sprintf("%s/%03d.%s", out, ++blocks, substr($0, 4)); if (chosen) printf "" > file }
      next
    }
    inside && chosen { print > file }
    END { if (seen != n) { print "follow: a heading is not there: " wanted; exit 1 } }' "$1"
}
written() { sed -nE '1s@^(#|//) ([A-Za-z_]+\.[a-z]+)$@\2@p' "$1"; }
write_files() {
  local block name
  for block in "$work"/blocks/*; do
    name=$(written "$block")
    [ -z "$name" ] || cp "$block" "$work/folder/$name"
  done
}

split "$source/README.md"
write_files
rm -f "$work/folder/CMakeLists.txt"
if [ -n "$program" ]; then
  ln -s "$(realpath "$program")" "$work/bin/papillon"
  for name in net target shadow; do cp "$source/tests/golden/state_dict_projection.safetensors" "$work/folder/$name.safetensors"; done
  # Black images of ten classes in turn, in CIFAR-10's files.
  for label in 0 1 2 3 4 5 6 7 8 9; do
    # shellcheck disable=SC2059  # a byte
    printf "\\x0$label"
    head -c 3072 /dev/zero
  done >"$work/ten"
  for _ in $(seq 1000); do cat "$work/ten"; done >"$work/folder/data/test_batch.bin"
  for part in 1 2 3 4 5; do ln "$work/folder/data/test_batch.bin" "$work/folder/data/data_batch_$part.bin"; done
fi
if command -v git >/dev/null; then
  (cd "$work/folder/papillon" && git init -q -b main && git add . &&
    git -c user.name=nobody -c user.email=nobody@localhost commit -q -m tree)
fi

split "$page" "$@"
cd "$work/folder"
export HOME=$work/home PATH=$work/bin:$PATH OMP_WAIT_POLICY=passive
ran=0
beside=()
: >"$work/printed"
for block in "$work"/blocks/*; do
  name=$(written "$block")
  case $block in
    *".sh beside")
      echo "--- beside: $(cat "$block")"
      bash -euo pipefail "$block" >"$block.out" 2>&1 &
      beside+=("$!")
      ;;
    *.sh)
      echo "--- $(cat "$block")"
      bash -euo pipefail "$block" 2>&1 | tee "$work/printed"
      for process in "${beside[@]}"; do wait "$process" || { echo "follow: what ran beside failed"; cat "$work"/blocks/*.out; exit 1; }; done
      beside=()
      ran=$((ran + 1))
      ;;
    *.text) diff "$block" "$work/printed" || { echo "follow: the page promises another output"; exit 1; } ;;
    *) [ -z "$name" ] || cp "$block" "$name" ;;
  esac
done
[ "$ran" -gt 0 ] || { echo "follow: no command in $page"; exit 1; }
