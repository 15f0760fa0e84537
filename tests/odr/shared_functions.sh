#!/usr/bin/env sh
# SPDX-License-Identifier: MIT
# usage: shared_functions.sh NM OBJECT OBJECT
# No symbol of papillon that a linker sees is defined by both objects, which are compiled for different instruction sets, but
# those of papillon::error. (What both instantiate of the standard library they share: that is not papillon's to prevent.)
set -eu
names=$(mktemp -d)
trap 'rm -rf "$names"' EXIT
list() { "$1" --defined-only --extern-only -P "$2" | cut -d ' ' -f 1 | sort -u; }
list "$1" "$2" >"$names/first"
list "$1" "$3" >"$names/second"
for file in first second; do
  grep -q papillon "$names/$file" || { echo "no symbol of papillon in the $file object"; exit 1; }
done
# Left out: members of papillon::error, its type information and virtual table, and what refers to them.
comm -12 "$names/first" "$names/second" | grep 8papillon | grep -Ev '^(DW[.]ref[.])?_Z(NK?|T[VIS]N)8papillon5error' >"$names/both" || exit 0
echo "defined in both objects:"
c++filt <"$names/both"
exit 1
