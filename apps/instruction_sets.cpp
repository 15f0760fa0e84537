// SPDX-License-Identifier: MIT
// Says, as data that needs no instruction of its own, what this file is compiled for: with the options of the program,
// in papillon_required_instruction_sets; with those of each program that a launcher chooses from, under the name that
// the build gives it (PAPILLON_REQUIRED).
#include "instruction_sets.hpp"

#if !defined(PAPILLON_REQUIRED)
#  define PAPILLON_REQUIRED papillon_required_instruction_sets
#endif

namespace {

// The text of a macro's value: its own name where it is not defined.
#define PAPILLON_TEXT_OF(x) #x
#define PAPILLON_TEXT(x) PAPILLON_TEXT_OF(x)
constexpr bool is_one(char const* text) { return text[0] == '1' && text[1] == '\0'; }

constexpr unsigned required() {
  unsigned bits = 0;
#define PAPILLON_ADD(index, macro, ...) bits |= is_one(PAPILLON_TEXT(macro)) ? 1U << index : 0U;
  PAPILLON_INSTRUCTION_SETS(PAPILLON_ADD)
  PAPILLON_INSTRUCTION_SETS_BY_BIT(PAPILLON_ADD)
#undef PAPILLON_ADD
  return bits;
}

}  // namespace

extern "C" constexpr unsigned PAPILLON_REQUIRED = required();
