#!/usr/bin/env sh
# usage: layering.sh INCLUDE_DIR APPS_DIR
# The rules a compiler does not check: each folder of the library, and after them of the program, includes only those above it in
# the list below, always as <papillon/...>, <study/...>, <report/...>, <audit/...>,
# <submit/...>; every file says its licence first, every header guards itself,
# and all stay readable in length.
set -eu
bad=0

# check PREFIX: reads names of files of the current directory; messages name them with the prefix.
check() {
  sort | xargs -r awk -v prefix="$1" '
    BEGIN {
      count = split("structure random tensor exec io product operators nn data train prune privacy study report audit submit", order, " ")
      for (i = 1; i <= count; ++i) rank[order[i]] = i
      heavy = "^(iostream|regex)$"
    }
    function complain(text) { print prefix file ":" FNR ": " text; bad = 1 }
    function finish() {
      if (file == "") return
      if (!guarded && file ~ /(hpp|cuh)$/) { print prefix file ": no #pragma once"; bad = 1 }
      if (length_of_file > 600) { print prefix file ": " length_of_file " lines (at most 600)"; bad = 1 }
    }
    FNR == 1 {
      finish()
      file = substr(FILENAME, 3)
      folder = file ~ "/" ? substr(file, 1, index(file, "/") - 1) : ""
      umbrella = file == "papillon.hpp" || file == "full.hpp" || file == "kernels.cuh"
      guarded = 0
      if (folder != "" && !(folder in rank)) complain("folder " folder " is not in the order of folders")
      if ($0 != "// SPDX-License-Identifier: MIT") complain("the first line is not the SPDX line")
    }
    { length_of_file = FNR }
    /^#pragma once/ { guarded = 1 }
    /^ *# *include *"/ { complain("included in quotes (write <folder/...>)") }
    /^ *# *include *</ {
      name = $0
      sub(/^[^<]*</, "", name)
      sub(/>.*/, "", name)
      if (name ~ heavy) complain("<" name "> is too heavy")
      if (name ~ /^(papillon|study|report|audit|submit)\// && !umbrella) {
        part = name
        sub(/^papillon\//, "", part)
        if (part == "papillon.hpp" || part == "full.hpp") complain("includes an umbrella header")
        above = part ~ "/" ? substr(part, 1, index(part, "/") - 1) : ""
        if (above != "" && rank[above] > rank[folder]) complain("includes <" name ">, but " above " comes after " (folder == "" ? "the root" : folder))
      }
    }
    END { finish(); exit bad }
  ' || bad=1
}

cd "$2"
apps=$(find . -mindepth 2 -name '*.[ch]pp')
check apps/ <<FILES
$apps
FILES
cd "$1/papillon"
library=$(find . -name '*.hpp' -o -name '*.cuh' -o -name '*.cu')
check include/papillon/ <<FILES
$library
FILES
found=$(find . -name '*.cu')
[ -z "$found" ] || { echo "include/papillon/$found: a .cu file (CMake writes them, cmake/papillonCuda.cmake)"; bad=1; }
exit $bad
