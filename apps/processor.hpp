// SPDX-License-Identifier: MIT
/// \file processor.hpp
/// What this machine's processor can do, asked before anything runs that may need more: by files that are compiled for
/// the oldest processor and use nothing of the C++ library.
#pragma once

#include "instruction_sets.hpp"

#if defined(__x86_64__)
#  include <cpuid.h>
#endif

namespace papillon::app {

/// The name of an instruction set among `required` (bits of instruction_sets.hpp) that the processor lacks; nullptr: it
/// has them all.
inline char const* lacking_instruction_set(unsigned required) {
  char const* lacking = nullptr;
#if defined(__x86_64__)
  __builtin_cpu_init();
#  define PAPILLON_CHECK(index, macro, name) \
    if ((required & (1U << index)) != 0 && !__builtin_cpu_supports(name)) lacking = name;
  PAPILLON_INSTRUCTION_SETS(PAPILLON_CHECK)
#  undef PAPILLON_CHECK
  auto const has_bit = [](unsigned function, int bit) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(function, &a, &b, &c, &d) != 0 && (c >> bit & 1U) != 0;
  };
#  define PAPILLON_CHECK(index, macro, name, function, bit) \
    if (lacking == nullptr && (required & (1U << index)) != 0 && !has_bit(function, bit)) lacking = name;
  PAPILLON_INSTRUCTION_SETS_BY_BIT(PAPILLON_CHECK)
#  undef PAPILLON_CHECK
#else
  static_cast<void>(required);
#endif
  return lacking;
}

}  // namespace papillon::app
