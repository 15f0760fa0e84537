#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: conan.sh SOURCE_DIRECTORY PREFIX COMPILER
# The recipe makes a package, and a program is built with it.
set -euo pipefail
command -v conan >/dev/null || { echo "[skipped] no conan"; exit 0; }
CONAN_HOME=$(mktemp -d)
export CONAN_HOME
trap 'rm -rf "$CONAN_HOME"' EXIT
CXX=$3 conan profile detect >/dev/null
cp -r "$1/scripts/packaging/conan" "$CONAN_HOME/recipe"
sed -i "s#^source_tree = .*#source_tree = '$1'#" "$CONAN_HOME/recipe/conanfile.py"
conan create "$CONAN_HOME/recipe" -s compiler.cppstd=20 --build=missing --no-remote
