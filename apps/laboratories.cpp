// SPDX-License-Identifier: MIT
#include "laboratories.hpp"

#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>

namespace papillon::app {

namespace {

[[noreturn]] void refuse(std::string const& device) {
  if (device == "cuda")
    throw error(errc::usage,
        "no device cuda (this program was built without it) use --device omp, or build with -DPAPILLON_CUDA=ON");
  throw error(
      errc::usage, message("unknown device '", device, "' (there are omp, seq, emulated and cuda) choose one of them"));
}

}  // namespace

std::unique_ptr<study::laboratory> make_laboratory(std::string const& device, int threads) {
  if (device == "omp") return make_laboratory_omp(threads);
  if (device == "seq") return make_laboratory_seq();
  if (device == "emulated") return make_laboratory_emulated();
  if constexpr (exec::cuda_available)
    if (device == "cuda") return make_laboratory_cuda();
  refuse(device);
}

std::unique_ptr<study::network_tools> make_network_tools(std::string const& device, int threads) {
  if (device == "omp") return make_network_tools_omp(threads);
  if (device == "seq") return make_network_tools_seq();
  if (device == "emulated") return make_network_tools_emulated();
  if constexpr (exec::cuda_available)
    if (device == "cuda") return make_network_tools_cuda();
  refuse(device);
}

}  // namespace papillon::app
