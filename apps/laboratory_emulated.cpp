// SPDX-License-Identifier: MIT
// Networks as kernels for a GPU, run on the host.
#include <study/laboratory_on.hpp>
#include <study/network_tools_on.hpp>

#include "laboratories.hpp"

namespace papillon::app {

std::unique_ptr<study::laboratory> make_laboratory_emulated() {
  return std::make_unique<study::laboratory_on<exec::emulated>>(exec::emulated{}, "emulated, 1 thread, 32 lanes");
}

std::unique_ptr<study::network_tools> make_network_tools_emulated() {
  return std::make_unique<study::network_tools_on<exec::emulated>>(exec::emulated{});
}

}  // namespace papillon::app
