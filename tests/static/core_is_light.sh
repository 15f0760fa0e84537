#!/usr/bin/env sh
# usage: core_is_light.sh INCLUDE_DIR COMPILER
# Fails if <papillon/papillon.hpp> reaches a third-party header: those cost a user over a second of compile time each.
set -eu
found=$("$2" -std=c++20 -I "$1" -M "$1/papillon/papillon.hpp" | tr ' ' '\n' |
  grep -E '/(eigen3|Eigen|xtensor|xtl|nlohmann|openssl|catch2|benchmark|kainjow|CLI)/' || true)
[ -z "$found" ] || { echo "<papillon/papillon.hpp> reaches:"; echo "$found"; exit 1; }
