#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: reference.sh SOURCE_DIRECTORY
# Doxygen makes the reference of all headers without a warning.
set -euo pipefail
command -v doxygen >/dev/null || { echo "[skipped] no doxygen"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$1"
{ cat docs/Doxyfile; echo "OUTPUT_DIRECTORY = $work"; } | doxygen - >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
[ ! -s "$work/said" ] || { cat "$work/said"; exit 1; }
ls "$work"/html/*linear__operator*.html >/dev/null
