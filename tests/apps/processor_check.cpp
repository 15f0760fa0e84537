// SPDX-License-Identifier: MIT
// Stands for a program that was compiled for every instruction set at once, Intel's and AMD's: no processor has them
// all.
#include <cstdio>

#include "instruction_sets.hpp"

extern "C" constexpr unsigned papillon_required_instruction_sets = 0x3FFFFF;

int run_papillon(int, char**);
int run_papillon(int, char**) {
  std::puts("not reached");
  return 0;
}
