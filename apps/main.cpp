// SPDX-License-Identifier: MIT
// Looks at the processor before anything else runs: a program that was compiled for another one ends with a line that
// says so, not with an illegal instruction. Standard input, output and error are there even where the caller has closed
// them: files that are opened later must not take their places. A file that may not grow is an error of the call that
// writes it, and does not end the program. This file is compiled for the oldest processor and uses
// nothing of the C++ library.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "processor.hpp"

/// The program itself (cli.cpp).
int run_papillon(int argc, char** argv);

namespace {

// Before the constructors of static objects, which are compiled for this program's instruction set.
__attribute__((constructor(101))) void check_processor() {
  auto const* lacking = papillon::app::lacking_instruction_set(papillon_required_instruction_sets);
  if (lacking == nullptr) return;
  dprintf(STDERR_FILENO,
      "papillon: this processor cannot run this program (it lacks %s, which the program was compiled for) build it "
      "here, "
      "or with -DPAPILLON_ISAS=all\n",
      lacking);
  _exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  for (int standard = 0; standard <= 2; ++standard)
    if (fcntl(standard, F_GETFD) == -1 && errno == EBADF && open("/dev/null", O_RDWR) != standard) return 1;
  signal(SIGXFSZ, SIG_IGN);
  return run_papillon(argc, argv);
}
