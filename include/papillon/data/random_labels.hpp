// SPDX-License-Identifier: MIT
/// \file random_labels.hpp
/// Images whose labels say nothing: what a network knows of them it has learned by heart (Zhang et al. 2017). Image i's
/// label is uniform over the classes, the true one among them, and a function of (seed, i) alone.
#pragma once

#include <papillon/data/image_set.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// The set with all its labels drawn anew.
[[nodiscard]] inline image_set with_random_labels(image_set set, std::uint64_t seed) {
  // Role 15 is no network's, so that no canary is drawn from these numbers.
  random::stream const stream{.seed = seed, .role = 15, .what = random::purpose::canaries};
  for (std::size_t i = 0; i < set.size(); ++i) {
    random::engine draw(stream, 0, i);
    set.labels[i] = static_cast<std::uint8_t>(random::below(draw, static_cast<std::uint32_t>(set.classes)));
  }
  return set;
}

}  // namespace papillon::data
