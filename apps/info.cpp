// SPDX-License-Identifier: MIT
// papillon info: how this program was built and what it runs on.
#include <cstdio>

#include <study/provenance.hpp>

#include "commands.hpp"
#include "laboratories.hpp"

namespace papillon::app {

void info(options const& o) {
  for (auto const& [name, text] : study::build_facts()) std::printf("%-16s %s\n", name.c_str(), text.c_str());
  std::printf("%-16s %s\n", "device", make_laboratory(o.device, o.threads)->description().c_str());
}

}  // namespace papillon::app
