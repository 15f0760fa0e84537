// SPDX-License-Identifier: MIT
/// \file training_state.hpp
/// Where a training stands after its last finished epoch: everything that resuming needs. Random numbers are
/// counter-based and keyed by the epoch, so they add nothing.
#pragma once

#include <map>

#include <papillon/nn/run/network.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Arrays by name: what parts of a training remember that are neither its network nor its optimiser.
template <class T> using named_arrays = std::map<std::string, std::vector<T>>;

/// A training between two epochs.
template <class T> struct training_state {
  nn::weights<T> last;  ///< at the end of the last finished epoch; the initial weights before the first
  std::vector<T>
      optimiser;        ///< what it remembers, an array for each of its state_names: SGD's velocity; empty: nothing yet
  int epochs = 0;       ///< finished epochs
  nn::weights<T> best;  ///< at the end of the epoch of best validation accuracy, ties: the earliest
  int best_epoch = -1;  ///< that epoch, counted from 0; -1: none yet, `best` is then the initial weights
  double best_accuracy = 0;  ///< validation accuracy of `best`, a fraction
  named_arrays<T>
      beside{};  ///< at the end of the last finished epoch, as `last`: an adversary, a target of the weights

  friend bool operator==(training_state const&, training_state const&) = default;
};

/// The state before the first epoch: given weights, no momentum.
template <class T> [[nodiscard]] training_state<T> begin_training(nn::weights<T> initial) {
  training_state<T> state;
  state.optimiser.assign(initial.parameters.size(), T{});
  state.best = initial;
  state.last = std::move(initial);
  return state;
}

}  // namespace papillon::train
