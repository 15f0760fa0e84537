// SPDX-License-Identifier: MIT
/// \file target.hpp
/// A fuzz target: a reader of files that strangers may have made, given any bytes. What it must do with them is to take
/// them or to refuse them in one line; what it takes must survive being written and read again. A target is one source;
/// with libfuzzer.cpp it is a program that searches, and replay.cpp runs all of them on seeds and on what was found.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <papillon/error.hpp>

namespace papillon::fuzz {

struct target {
  std::string name;
  void (*run)(std::string_view input);
  std::vector<std::string> (*seeds)();  ///< inputs that are taken
};

/// Those that are linked.
inline std::vector<target>& targets() {
  static std::vector<target> all;
  return all;
}

/// Adds one, as a static object of its source.
struct registration {
  explicit registration(target t) { targets().push_back(std::move(t)); }
};

/// Ends the program, in every build.
inline void require(bool good, char const* what) {
  if (good) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

/// How many calls were not refused since the start.
inline long& accepted_calls() {
  static long count = 0;
  return count;
}

/// Calls f; whether it did not refuse. A refusal is one line that says what is wrong, of wrong usage or bad input; any
/// other exception ends the program.
template <class F> bool accepted(F&& f) {
  try {
    f();
    ++accepted_calls();
    return true;
  } catch (error const& e) {
    std::string_view const text = e.what();
    require(e.code() == errc::usage || e.code() == errc::bad_input, "a refusal is neither wrong usage nor bad input");
    require(!text.empty(), "a refusal says nothing");
    for (char const c : text) require(static_cast<unsigned char>(c) >= 32 && c != 127, "a refusal is not one line");
    return false;
  }
}

}  // namespace papillon::fuzz
