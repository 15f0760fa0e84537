// SPDX-License-Identifier: MIT
// Stands for a program that the launcher becomes: says which it is and what it was given, and ends with 42.
#include <cstdio>

int main(int argc, char** argv) {
  std::printf("%s:", PAPILLON_STAND_IN);
  for (int i = 1; i < argc; ++i) std::printf(" [%s]", argv[i]);
  std::printf("\n");
  return 42;
}
