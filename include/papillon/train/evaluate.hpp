// SPDX-License-Identifier: MIT
/// \file evaluate.hpp
/// What a network answers for a list of samples, in evaluation mode and without augmentation: logits, mean
/// cross-entropy, accuracy (top-1; of equal logits the first class wins).
#pragma once

#include <cassert>
#include <functional>

#include <papillon/train/stepper.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Runs one network over lists of samples, batch by batch.
template <exec::policy E, class T, int Lanes = exec::lanes_of<E, T>> class evaluator {
 public:
  /// The network must outlive the evaluator. batch: samples at a time, at least 1.
  evaluator(exec::context<E> const& where, nn::network<T, Lanes> const& net, int batch)
      : where_(where), net_(where, net, batch, nn::mode::eval), loss_(where, batch) {}

  /// Loss and accuracy over the samples of `set` that `indices` names. Throws papillon::error (bad_input) if one of
  /// them does not exist or is of a class that the network has no output for.
  template <class Set>
  [[nodiscard]] evaluation measure(nn::weights<T> const& weights, Set const& set,
      std::span<std::uint32_t const> indices, typename Set::normalisation_type const& normalisation = {}) {
    check_labels(set, indices, net_.net().output().size());
    auto batches = prepare(weights, set, normalisation);
    return measure_by_parts(indices, net_.most(), [&](std::span<std::uint32_t const> part) {
      loss_.launch(where_.place(), batches, answer(batches, part), tensor_view<T, Lanes>());
      return loss_.read(static_cast<int>(part.size()));
    });
  }

  /// Logits of the samples that `indices` names, row by row: out[k * classes + c], k a position in `indices`. Calls
  /// before_batch() before each batch; what that throws ends the work.
  template <class Set>
  void logits(nn::weights<T> const& weights, Set const& set, std::span<std::uint32_t const> indices, std::span<T> out,
      typename Set::normalisation_type const& normalisation = {}, std::function<void()> const& before_batch = {}) {
    auto const classes = static_cast<std::size_t>(net_.net().output().size());
    assert(out.size() == indices.size() * classes);
    auto batches = prepare(weights, set, normalisation);
    for_each_part(indices, net_.most(), [&](std::span<std::uint32_t const> part) {
      if (before_batch) before_batch();
      net_.read(answer(batches, part), out.first(part.size() * classes));
      out = out.subspan(part.size() * classes);
    });
  }

 private:
  template <class Set>
  [[nodiscard]] auto prepare(
      nn::weights<T> const& weights, Set const& set, typename Set::normalisation_type const& normalisation) const {
    net_.load(weights);
    return data::make_batches<T>(where_, set, normalisation, net_.most());
  }
  /// Logits of a batch, where the work runs.
  template <class Batches>
  [[nodiscard]] tensor_view<T const, Lanes> answer(Batches& batches, std::span<std::uint32_t const> part) {
    batches.choose(part);
    auto const x = net_.input(static_cast<int>(part.size()));
    batches.fill(where_.place(), false, x);
    return net_.launch_forward(where_.place(), nn::mode::eval, x);
  }

  exec::context<E> where_;
  resident_network<E, T, Lanes> net_;
  batch_loss<E, T, nn::cross_entropy_loss> loss_;
};

template <exec::policy E, class T, int Lanes> evaluator(E, nn::network<T, Lanes> const&, int) -> evaluator<E, T, Lanes>;
template <exec::policy E, class T, int Lanes>
evaluator(exec::context<E>, nn::network<T, Lanes> const&, int) -> evaluator<E, T, Lanes>;

}  // namespace papillon::train
