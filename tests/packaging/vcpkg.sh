#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: vcpkg.sh SOURCE_DIRECTORY PREFIX COMPILER
# The port installs, as an overlay, the source tree it stands in.
set -euo pipefail
version=$(sed -nE 's/^#define PAPILLON_VERSION_(MAJOR|MINOR|PATCH) ([0-9]+)$/\2/p' "$1/include/papillon/version.hpp" | paste -sd.)
grep -q "\"version\": \"$version\"" "$1/scripts/packaging/vcpkg/papillon/vcpkg.json" || { echo "vcpkg.json is not of version $version"; exit 1; }
grep -q "^version: $version\$" "$1/CITATION.cff" || { echo "CITATION.cff is not of version $version"; exit 1; }
command -v vcpkg >/dev/null || { echo "[skipped] no vcpkg"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
vcpkg install papillon --overlay-ports="$1/scripts/packaging/vcpkg" --x-install-root="$work"
test -e "$(echo "$work"/*/include/papillon/papillon.hpp)"
