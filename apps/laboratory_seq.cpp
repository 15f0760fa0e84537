// SPDX-License-Identifier: MIT
// Networks as the plain reference.
#include <study/laboratory_on.hpp>
#include <study/network_tools_on.hpp>

#include "laboratories.hpp"

namespace papillon::app {

std::unique_ptr<study::laboratory> make_laboratory_seq() {
  return std::make_unique<study::laboratory_on<exec::seq>>(exec::seq{}, "seq, 1 thread");
}

std::unique_ptr<study::network_tools> make_network_tools_seq() {
  return std::make_unique<study::network_tools_on<exec::seq>>(exec::seq{});
}

}  // namespace papillon::app
