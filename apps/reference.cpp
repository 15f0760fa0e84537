// SPDX-License-Identifier: MIT
// papillon reference: the reference page of the configuration, as in docs/reference/configuration.md.
#include <study/reference.hpp>

#include <cstdio>

#include "commands.hpp"

namespace papillon::app {

void reference(options const&) { std::fputs(study::reference_page().c_str(), stdout); }

}  // namespace papillon::app
