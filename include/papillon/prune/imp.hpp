// SPDX-License-Identifier: MIT
/// \file imp.hpp
/// Iterative magnitude pruning, one round at a time. Round 0 is a dense training. Round k = 1, 2, ... takes the weights
/// at the end of the epoch of best validation accuracy of round k-1, prunes a fraction of those of smallest magnitude,
/// rewinds to the same weights (batch norm's parameters and statistics and the biases with them) and trains again:
/// schedule restarted, momentum zero, random numbers keyed by k. Pruned weights are exactly zero from then on. Each
/// round needs only what the round before left, so rounds can run as tasks of their own.
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

/// Round k before its first epoch. parameters: the slots of the network; best, before: the best weights and the mask of
/// round k-1. Throws papillon::error (failed) if a weight to be ranked is not finite.
template <class T>
[[nodiscard]] imp_round<T> begin_round(
    std::span<nn::slot const> parameters, nn::weights<T> best, mask before, pruning_rate const& rate) {
  mask keep = prune_smallest(parameters, std::span<T const>(best.parameters), rate, std::move(before));
  keep.apply(std::span<T>(best.parameters));
  return {std::move(keep), train::begin_training(std::move(best))};
}

}  // namespace papillon::prune
