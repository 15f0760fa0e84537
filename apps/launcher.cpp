// SPDX-License-Identifier: MIT
// The program `papillon` where it is built for several instruction sets (PAPILLON_ISAS): whole programs of their own,
// papillon-avx512 and so on, stand beside it, and it becomes the best that the processor can run, or the one that --isa
// names. It is compiled for the oldest processor and uses nothing of the C++ library.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "processor.hpp"

// The build says which programs there are, the best first: PAPILLON_LAUNCHED is PAPILLON_ISA_PROGRAM(avx512) ...
#define PAPILLON_ISA_PROGRAM(name) extern "C" unsigned const papillon_required_##name;
PAPILLON_LAUNCHED
#undef PAPILLON_ISA_PROGRAM

namespace {

struct program {
  char const* isa;
  unsigned const* required;
};

constexpr program programs[] = {
#define PAPILLON_ISA_PROGRAM(name) {#name, &papillon_required_##name},
    PAPILLON_LAUNCHED
#undef PAPILLON_ISA_PROGRAM
};

/// The value of --isa; nullptr: it is not given. Where there is none after it the program itself says so.
char const* asked_isa(int argc, char** argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; ++i) {
    if (strcmp(argv[i], "--isa") == 0) return argv[i + 1];
    if (strncmp(argv[i], "--isa=", 6) == 0) return argv[i] + 6;
  }
  return nullptr;
}

/// "avx512, avx2, baseline".
void print_isas() {
  char const* comma = "";
  for (auto const& p : programs) dprintf(STDERR_FILENO, "%s%s", comma, p.isa), comma = ", ";
}

/// The program to become; nullptr: none can be, and why was said.
program const* choose(char const* isa, int& status) {
  char const* lacking = nullptr;
  for (auto const& p : programs) {
    if (isa != nullptr && strcmp(isa, p.isa) != 0) continue;
    lacking = papillon::app::lacking_instruction_set(*p.required);
    if (lacking == nullptr) return &p;
  }
  status = isa == nullptr ? 1 : 2;
  if (lacking == nullptr) {
    dprintf(STDERR_FILENO, "papillon: there is no --isa %s (this program was built for ", isa);
    print_isas();
    dprintf(STDERR_FILENO, ") choose one of them, or leave --isa out\n");
  } else if (isa != nullptr) {
    dprintf(STDERR_FILENO,
        "papillon: this processor cannot run --isa %s (it lacks %s) leave --isa out, and the best that it can is "
        "taken\n",
        isa, lacking);
  } else {
    dprintf(STDERR_FILENO, "papillon: this processor can run none of this program's instruction sets, ");
    print_isas();
    dprintf(STDERR_FILENO, " (it lacks %s) build with -DPAPILLON_ISAS=all\n", lacking);
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  int status = 1;
  auto const* chosen = choose(asked_isa(argc, argv), status);
  if (chosen == nullptr) return status;

  constexpr char name[] = "papillon-";
  char path[PATH_MAX];
  auto const length = readlink("/proc/self/exe", path, sizeof path);
  auto const* slash = length > 0 ? static_cast<char const*>(memrchr(path, '/', static_cast<size_t>(length))) : nullptr;
  auto const folder = slash == nullptr ? 0 : static_cast<size_t>(slash - path) + 1;
  if (slash == nullptr || folder + sizeof name + strlen(chosen->isa) > sizeof path) {
    dprintf(STDERR_FILENO,
        "papillon: cannot tell where it stands (/proc/self/exe does not say) start papillon-%s itself\n", chosen->isa);
    return 1;
  }
  strcpy(path + folder, name);
  strcat(path + folder, chosen->isa);
  execv(path, argv);
  dprintf(STDERR_FILENO, "papillon: cannot start %s (%s) install it beside papillon\n", path, strerror(errno));
  return 1;
}
