// SPDX-License-Identifier: MIT
/// \file imp.hpp
/// Iterative magnitude pruning, one round at a time. Round 0 is a dense training. Round k = 1, 2, ... takes the weights
/// at the end of the epoch of best validation accuracy of round k-1, prunes a fraction of those of smallest magnitude,
/// rewinds to the same weights (batch norm's parameters and statistics and the biases with them) and trains again:
/// schedule restarted, momentum zero, random numbers keyed by k. Pruned weights are exactly zero from then on. Each
/// round needs only what the round before left, so rounds can run as tasks of their own. Lottery tickets rewind to the
/// initial weights (Frankle & Carbin 2019) or to those of an early epoch (Frankle et al. 2020).
#pragma once

#include <papillon/nn/layer.hpp>
#include <papillon/nn/run/network.hpp>
#include <papillon/prune/magnitude.hpp>
#include <papillon/prune/mask.hpp>
#include <papillon/train/training_state.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

/// One round: which weights it trains, and how far it has come.
template <class T> struct imp_round {
  mask keep;
  train::training_state<T> state;
};

/// A round before its first epoch, whatever chose the mask: the weights that `keep` leaves start from `initial`.
template <class T> [[nodiscard]] imp_round<T> begin_masked(mask keep, nn::weights<T> initial) {
  keep.apply(std::span<T>(initial.parameters));
  return {std::move(keep), train::begin_training(std::move(initial))};
}

/// Round k before its first epoch. parameters: the slots of the network; best, before: the best weights and the mask of
/// round k-1. Throws papillon::error (failed) if a weight to be ranked is not finite.
template <class T>
[[nodiscard]] imp_round<T> begin_round(
    std::span<nn::slot const> parameters, nn::weights<T> best, mask before, pruning_rate const& rate) {
  mask keep = prune_smallest(parameters, std::span<T const>(best.parameters), rate, std::move(before));
  return begin_masked(std::move(keep), std::move(best));
}

/// The same rewound to weights `ticket` of the same network, statistics included, in place of the best.
template <class T>
[[nodiscard]] imp_round<T> begin_round(std::span<nn::slot const> parameters, nn::weights<T> const& best, mask before,
    pruning_rate const& rate, nn::weights<T> ticket) {
  return begin_masked(
      prune_smallest(parameters, std::span<T const>(best.parameters), rate, std::move(before)), std::move(ticket));
}

}  // namespace papillon::prune
