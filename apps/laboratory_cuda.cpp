// SPDX-License-Identifier: MIT
// Networks as kernels on a CUDA device. Compiled where papillon::cuda is (PAPILLON_CUDA).
#include <study/laboratory_on.hpp>
#include <study/network_tools_on.hpp>

#include "laboratories.hpp"

namespace papillon::app {

std::unique_ptr<study::laboratory> make_laboratory_cuda() {
  return std::make_unique<study::laboratory_on<exec::cuda>>(
      exec::cuda{}, "cuda, " + exec::cuda_runtime::describe_device());
}

std::unique_ptr<study::network_tools> make_network_tools_cuda() {
  return std::make_unique<study::network_tools_on<exec::cuda>>(exec::cuda{});
}

}  // namespace papillon::app
