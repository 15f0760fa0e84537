// SPDX-License-Identifier: MIT
// Says, as data that needs no instruction of its own, what the program was compiled for.
#include "instruction_sets.hpp"

namespace {

// The text of a macro's value: its own name where it is not defined.
#define PAPILLON_TEXT_OF(x) #x
#define PAPILLON_TEXT(x) PAPILLON_TEXT_OF(x)
constexpr bool is_one(char const* text) { return text[0] == '1' && text[1] == '\0'; }

constexpr unsigned required() {
  unsigned bits = 0;
#define PAPILLON_ADD(index, macro, name) bits |= is_one(PAPILLON_TEXT(macro)) ? 1U << index : 0U;
  PAPILLON_INSTRUCTION_SETS(PAPILLON_ADD)
#undef PAPILLON_ADD
  return bits;
}

}  // namespace

extern "C" constexpr unsigned papillon_required_instruction_sets = required();
