// SPDX-License-Identifier: MIT
// Networks on threads and vector registers.
#include <papillon/error.hpp>
#include <papillon/exec/parallel.hpp>
#include <study/laboratory_on.hpp>
#include <study/network_tools_on.hpp>

#include "laboratories.hpp"

namespace papillon::app {

std::unique_ptr<study::laboratory> make_laboratory_omp(int threads) {
  exec::omp const policy{threads};
  auto text = message("omp, ", exec::thread_count(policy), " threads, ", native_lanes<float>, " lanes");
  return std::make_unique<study::laboratory_on<exec::omp>>(policy, std::move(text));
}

std::unique_ptr<study::network_tools> make_network_tools_omp(int threads) {
  return std::make_unique<study::network_tools_on<exec::omp>>(exec::omp{threads});
}

}  // namespace papillon::app
