// SPDX-License-Identifier: MIT
// papillon info: how this program was built and what it runs on.
#include <cstdio>
#include <string>

#include <study/provenance.hpp>

#include "commands.hpp"
#include "laboratories.hpp"

namespace papillon::app {

namespace {

/// What --isa can choose from.
std::string choice() {
#if defined(PAPILLON_BUILT_ISAS)
  return study::isa() + ", of " PAPILLON_BUILT_ISAS;
#else
  return study::isa() + ", no other is built (-DPAPILLON_ISAS=all)";
#endif
}

}  // namespace

void info(options const& o) {
  for (auto const& [name, text] : study::build_facts()) std::printf("%-16s %s\n", name.c_str(), text.c_str());
  std::printf("%-16s %s\n", "isa", choice().c_str());
  std::printf("%-16s %s\n", "device", make_laboratory(o.device, o.threads)->description().c_str());
}

}  // namespace papillon::app
