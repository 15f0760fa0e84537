// SPDX-License-Identifier: MIT
/// \file magnitude.hpp
/// Global magnitude pruning: of the n weights not yet pruned, those round(fraction n) of smallest |w| go, ties by
/// position in the parameter buffer (the smaller position goes first). Ranked together are all convolution and linear
/// weights, the 1x1 shortcuts included; batch norm and biases are never pruned. Linear weights can have a fraction, and
/// then a ranking, of their own (Frankle & Carbin 2019 prune the last layer at half the rate of the others). Layerwise
/// pruning ranks each layer apart and takes the fraction of every one (Han et al. 2015).
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <optional>

#include <papillon/error.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/prune/mask.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

/// How much one round of pruning removes of what is left; fractions in [0, 1].
struct pruning_rate {
  double fraction = 0.2;
  std::optional<double> linear_fraction{};  ///< of the linear weights; empty: ranked with the convolutions
  bool layerwise = false;                   ///< every layer loses the fraction of its own weights
};

/// What takes at once the share of weights that `rounds` rounds of `rate` take: 1 - (1 - fraction)^rounds.
[[nodiscard]] inline pruning_rate after_rounds(pruning_rate rate, int rounds) {
  auto const all = [&](double fraction) { return 1 - std::pow(1 - fraction, rounds); };
  rate.fraction = all(rate.fraction);
  if (rate.linear_fraction) rate.linear_fraction = all(*rate.linear_fraction);
  return rate;
}

/// Whether a parameter's weights can be pruned.
[[nodiscard]] inline bool prunable(nn::slot const& s) {
  return s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear;
}

/// How many of n weights a fraction removes: round(fraction n), halves away from zero.
[[nodiscard]] inline std::size_t pruned_count(double fraction, std::size_t n) {
  return std::min(n, static_cast<std::size_t>(std::llround(fraction * static_cast<double>(n))));
}

namespace detail {

[[nodiscard]] inline error not_finite(nn::slot const& s) {
  return error(errc::failed, message("cannot prune by magnitude (", s.name,
                                 " has a weight that is not finite) train with a smaller learning rate"));
}

/// What is ranked together, and the fraction of it that goes.
[[nodiscard]] inline std::vector<std::pair<bool (*)(nn::slot const&), double>> rankings(pruning_rate const& rate) {
  if (!rate.linear_fraction) return {{prunable, rate.fraction}};
  return {{[](nn::slot const& s) { return s.kind == nn::slot_kind::convolution; }, rate.fraction},
      {[](nn::slot const& s) { return s.kind == nn::slot_kind::linear; }, *rate.linear_fraction}};
}

/// Removes the fraction of smallest magnitude from the kept weights of those slots that `chosen` accepts.
template <class T, class Chosen>
void prune_smallest_of(
    std::span<nn::slot const> parameters, std::span<T const> weights, double fraction, Chosen const& chosen, mask& m) {
  std::vector<std::pair<T, std::size_t>> ranked;  // (|w|, position): pairs compare as ties are to be broken
  for (nn::slot const& s : parameters) {
    if (!chosen(s)) continue;
    for (std::size_t i = s.offset; i < s.offset + s.size; ++i) {
      if (m.keep[i] == 0) continue;
      if (!std::isfinite(weights[i])) throw not_finite(s);
      ranked.emplace_back(std::abs(weights[i]), i);
    }
  }
  auto const border = ranked.begin() + static_cast<std::ptrdiff_t>(pruned_count(fraction, ranked.size()));
  std::nth_element(ranked.begin(), border, ranked.end());
  for (auto it = ranked.begin(); it != border; ++it) m.keep[it->second] = 0;
}

}  // namespace detail

/// One round: `m`, the mask so far, without the smallest of `weights`; both are over the parameter buffer that
/// `parameters` describes. Throws papillon::error (failed) if a kept weight is not finite.
template <class T>
[[nodiscard]] mask prune_smallest(
    std::span<nn::slot const> parameters, std::span<T const> weights, pruning_rate const& rate, mask m) {
  assert(weights.size() == m.keep.size());
  std::size_t const together = rate.layerwise ? 1 : parameters.size();
  for (auto const& [kinds, fraction] : detail::rankings(rate))
    for (std::size_t first = 0; first < parameters.size(); first += together)
      detail::prune_smallest_of(parameters.subspan(first, together), weights, fraction, kinds, m);
  return m;
}

}  // namespace papillon::prune
