// SPDX-License-Identifier: MIT
/// \file random_mask.hpp
/// Masks that look at no weight: of every layer so many weights are kept as are asked for, which ones drawn uniformly.
/// With the counts of a mask that pruning found, what remains is the difference that its choice of weights makes. A
/// layer's draw is a function of the stream and of where the layer stands in the buffer of parameters; of two masks of
/// one stream, what the sparser one keeps of a layer the other keeps, too.
#pragma once

#include <numeric>

#include <papillon/prune/magnitude.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

/// How many entries of each slot a mask keeps, in the order of the slots.
[[nodiscard]] inline std::vector<std::size_t> kept_counts(std::span<nn::slot const> parameters, mask const& m) {
  std::vector<std::size_t> counts;
  for (nn::slot const& s : parameters) counts.push_back(m.kept(s.offset, s.size));
  return counts;
}

/// A mask that keeps kept[i] weights of slot i; stream: of purpose random_mask. Throws papillon::error (usage) unless
/// there is a count for every slot, none is above the slot's size, and what is never pruned is kept whole.
[[nodiscard]] inline mask random_mask(
    std::span<nn::slot const> parameters, std::span<std::size_t const> kept, random::stream const& stream) {
  if (kept.size() != parameters.size())
    throw error(errc::usage, message("cannot draw a mask (", kept.size(), " counts for ", parameters.size(),
                                 " parameters) give one for each, batch norm and biases included"));
  std::size_t size = 0;
  for (nn::slot const& s : parameters) size = std::max(size, s.offset + s.size);
  mask m = dense_mask(size);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    nn::slot const& s = parameters[i];
    if (kept[i] > s.size || (!prunable(s) && kept[i] != s.size))
      throw error(errc::usage, message("cannot draw a mask (", kept[i], " of the ", s.size, " numbers of ", s.name,
                                   " cannot be kept) take the counts from a mask of the same network"));
    std::vector<std::uint32_t> order(s.size);
    std::iota(order.begin(), order.end(), 0U);
    random::engine draw(stream, 0, s.offset);
    random::shuffle(draw, order);
    for (std::uint32_t const place : std::span(order).subspan(kept[i])) m.keep[s.offset + place] = 0;
  }
  return m;
}

}  // namespace papillon::prune
