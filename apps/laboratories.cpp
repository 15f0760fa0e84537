// SPDX-License-Identifier: MIT
#include "laboratories.hpp"

#include <papillon/error.hpp>

namespace papillon::app {

namespace {
error unknown(std::string const& device) {
  return error(errc::usage, "unknown device '" + device + "' (this program has omp and seq) choose one of them");
}
}  // namespace

std::unique_ptr<study::laboratory> make_laboratory(std::string const& device, int threads) {
  if (device == "omp") return make_laboratory_omp(threads);
  if (device == "seq") return make_laboratory_seq();
  throw unknown(device);
}

std::unique_ptr<study::network_tools> make_network_tools(std::string const& device, int threads) {
  if (device == "omp") return make_network_tools_omp(threads);
  if (device == "seq") return make_network_tools_seq();
  throw unknown(device);
}

}  // namespace papillon::app
