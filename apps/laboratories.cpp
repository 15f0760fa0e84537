// SPDX-License-Identifier: MIT
#include "laboratories.hpp"

#include <papillon/error.hpp>

namespace papillon::app {

std::unique_ptr<study::laboratory> make_laboratory(std::string const& device, int threads) {
  if (device == "omp") return make_laboratory_omp(threads);
  if (device == "seq") return make_laboratory_seq();
  throw error(errc::usage, "unknown device '" + device + "' (this program has omp and seq) choose one of them");
}

}  // namespace papillon::app
