// SPDX-License-Identifier: MIT
// Looks at the processor before anything else runs: a program that was compiled for another one ends with a line that
// says so, not with an illegal instruction. Standard input, output and error are there even where the caller has closed
// them: files that are opened later must not take their places. This file is compiled for the oldest processor and uses
// nothing of the C++ library.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "instruction_sets.hpp"

/// The program itself (cli.cpp).
int run_papillon(int argc, char** argv);

namespace {

#if defined(__x86_64__)
void write_text(char const* text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) _exit(1);
}

// Before the constructors of static objects, which are compiled for this program's instruction set.
__attribute__((constructor(101))) void check_processor() {
  __builtin_cpu_init();
  char const* lacking = nullptr;
#  define PAPILLON_CHECK(name, macro, text) \
    if ((papillon_required_instruction_sets & (1U << name)) != 0 && !__builtin_cpu_supports(text)) lacking = text;
  PAPILLON_INSTRUCTION_SETS(PAPILLON_CHECK)
#  undef PAPILLON_CHECK
  if (lacking == nullptr) return;
  write_text("papillon: this processor cannot run this program (it lacks ");
  write_text(lacking);
  write_text(", which the program was compiled for) build it here, or with -DPAPILLON_NATIVE=OFF\n");
  _exit(1);
}
#endif

}  // namespace

int main(int argc, char** argv) {
  for (int standard = 0; standard <= 2; ++standard)
    if (fcntl(standard, F_GETFD) == -1 && errno == EBADF && open("/dev/null", O_RDWR) != standard) return 1;
  return run_papillon(argc, argv);
}
