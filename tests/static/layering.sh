#!/usr/bin/env sh
# usage: layering.sh INCLUDE_DIR
# The rules a compiler does not check: each folder of the library includes only those above it in the list below,
# always as <papillon/...>; every header says its licence first, guards itself, and stays readable in length.
set -eu
cd "$1/papillon"
find . -name '*.hpp' | sort | xargs -r awk '
  BEGIN {
    count = split("structure random tensor exec io product operators nn data train prune privacy study report", order, " ")
    for (i = 1; i <= count; ++i) rank[order[i]] = i
    heavy = "^(iostream|regex)$"
  }
  function complain(text) { print "include/papillon/" file ":" FNR ": " text; bad = 1 }
  function finish() {
    if (file == "") return
    if (!guarded) { print "include/papillon/" file ": no #pragma once"; bad = 1 }
    if (length_of_file > 600) { print "include/papillon/" file ": " length_of_file " lines (at most 600)"; bad = 1 }
  }
  FNR == 1 {
    finish()
    file = substr(FILENAME, 3)
    folder = file ~ "/" ? substr(file, 1, index(file, "/") - 1) : ""
    umbrella = file == "papillon.hpp" || file == "full.hpp"
    guarded = 0
    if (folder != "" && !(folder in rank)) complain("folder " folder " is not in the order of folders")
    if ($0 != "// SPDX-License-Identifier: MIT") complain("the first line is not the SPDX line")
  }
  { length_of_file = FNR }
  /^#pragma once/ { guarded = 1 }
  /^ *# *include *"/ { complain("included in quotes (write <papillon/...>)") }
  /^ *# *include *</ {
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    if (name ~ heavy) complain("<" name "> is too heavy for a header")
    if (name ~ /^papillon\// && !umbrella) {
      part = substr(name, 10)
      if (part == "papillon.hpp" || part == "full.hpp") complain("includes an umbrella header")
      above = part ~ "/" ? substr(part, 1, index(part, "/") - 1) : ""
      if (above != "" && rank[above] > rank[folder]) complain("includes <" name ">, but " above " comes after " (folder == "" ? "the root" : folder))
    }
  }
  END { finish(); exit bad }
'
