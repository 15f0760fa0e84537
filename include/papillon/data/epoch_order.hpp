// SPDX-License-Identifier: MIT
/// \file epoch_order.hpp
/// The order in which an epoch visits its images: a uniformly random permutation, a function of the stream (of purpose
/// order), the epoch and the list; consecutive runs of it are the epoch's batches.
#pragma once

#include <vector>

#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::data {

[[nodiscard]] inline std::vector<std::uint32_t> epoch_order(
    random::stream const& stream, std::uint32_t epoch, std::span<std::uint32_t const> images) {
  std::vector<std::uint32_t> order(images.begin(), images.end());
  random::engine engine(stream, epoch);
  random::shuffle(engine, order);
  return order;
}

}  // namespace papillon::data
