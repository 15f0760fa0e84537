// SPDX-License-Identifier: MIT
// The objects of the program are compiled for two levels of x86-64: 3 and PAPILLON_TEST_HIGHER = 4, or 1 and 3. Each
// gives the right products and has its own vectors, whichever object the linker met first.
#include "instruction_sets.hpp"

#include <cstdio>

int main() {
  __builtin_cpu_init();
  bool const third = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool const fourth = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  if (!third || (PAPILLON_TEST_HIGHER == 4 && !fourth)) {
    std::printf("[skipped] this processor is not of level %d of x86-64\n", PAPILLON_TEST_HIGHER);
    return 0;
  }
#if PAPILLON_TEST_HIGHER == 4
  int const lower = multiplied_at_v3(), higher = multiplied_at_v4(), expected_lower = 32, expected_higher = 64;
#else
  int const lower = multiplied_at_v1(), higher = multiplied_at_v3(), expected_lower = 16, expected_higher = 32;
#endif
  std::printf("%d and %d bytes\n", lower, higher);
  return lower == expected_lower && higher == expected_higher ? 0 : 1;
}
