// SPDX-License-Identifier: MIT
#include <study/laboratory.hpp>

#include <papillon/error.hpp>

namespace papillon::study {

void check_interruption(std::atomic<bool> const* stop) {
  if (stop != nullptr && stop->load(std::memory_order_relaxed))
    throw error(
        errc::interrupted, "interrupted (finished epochs and tasks are kept) the same command goes on from here");
}

}  // namespace papillon::study
