#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: pkg_config.sh SOURCE_DIRECTORY PREFIX COMPILER
# A program is built with what pkg-config says of the installation, and from a copy of it elsewhere.
set -euo pipefail
command -v pkg-config >/dev/null || { echo "[skipped] no pkg-config"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$2" "$work/moved"
export PKG_CONFIG_PATH=$work/moved/share/pkgconfig
version=$(sed -nE 's/^#define PAPILLON_VERSION_(MAJOR|MINOR|PATCH) ([0-9]+)$/\2/p' "$1/include/papillon/version.hpp" | paste -sd.)
[ "$(pkg-config --modversion papillon)" = "$version" ] || { echo "papillon.pc does not say version $version"; exit 1; }
# shellcheck disable=SC2046
"$3" -std=c++20 "$1/tests/consumer/core.cpp" -o "$work/core" $(pkg-config --cflags --libs papillon)
"$work/core"
[ ! -e "$PKG_CONFIG_PATH/papillon-full.pc" ] || pkg-config --exists --print-errors papillon-full
