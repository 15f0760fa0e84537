#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: vcpkg.sh SOURCE_DIRECTORY PREFIX COMPILER
# The port installs, as an overlay, the source tree it stands in.
set -euo pipefail
command -v vcpkg >/dev/null || { echo "[skipped] no vcpkg"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
vcpkg install papillon --overlay-ports="$1/scripts/packaging/vcpkg" --x-install-root="$work"
test -e "$(echo "$work"/*/include/papillon/papillon.hpp)"
