// SPDX-License-Identifier: MIT
/// \file evaluate.hpp
/// What a network answers for a list of samples, in evaluation mode and without augmentation: logits, mean
/// cross-entropy, accuracy (top-1; of equal logits the first class wins).
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/data/batches.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/tensor/tensor.hpp>
#include <papillon/train/stepper.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Runs one network over lists of samples, batch by batch; its buffers are made once.
template <exec::policy E, class T, int Lanes = exec::lanes_of<E, T>> class evaluator {
 public:
  /// The network must outlive the evaluator. batch: samples at a time, at least 1.
  evaluator(exec::context<E> const& where, nn::network<T, Lanes> const& net, int batch)
      : where_(where), net_(&net), run_(where, net, batch, nn::mode::eval),
        values_(where, net.parameter_count(), net.state_count()), loss_(where, batch),
        input_(where.template make<T>(packed(net.input()))), logits_(net.output(), batch) {}

  /// Loss and accuracy over the samples of `set` that `indices` names.
  template <class Set>
  [[nodiscard]] evaluation measure(nn::weights<T> const& weights, Set const& set,
      std::span<std::uint32_t const> indices, typename Set::normalisation_type const& normalisation = {}) {
    double loss = 0, correct = 0;
    for_each_batch(weights, set, indices, normalisation,
        [&](auto const& batches, std::size_t, tensor_view<T const, Lanes> logits) {
          loss_.launch(where_.place(), batches, logits, tensor_view<T, Lanes>());
          auto const r = loss_.read(logits.images());
          loss += r.loss * logits.images();
          correct += r.correct;
        });
    double const count = std::max(1.0, static_cast<double>(indices.size()));
    return {loss / count, correct / count};
  }

  /// Logits of the samples that `indices` names, row by row: out[k * classes + c], k a position in `indices`.
  template <class Set>
  void logits(nn::weights<T> const& weights, Set const& set, std::span<std::uint32_t const> indices, std::span<T> out,
      typename Set::normalisation_type const& normalisation = {}) {
    auto const classes = static_cast<std::size_t>(net_->output().size());
    assert(out.size() == indices.size() * classes);
    for_each_batch(
        weights, set, indices, normalisation, [&](auto const&, std::size_t first, tensor_view<T const, Lanes> logits) {
          tensor_view<T, Lanes> const here(logits_.storage().data(), net_->output(), logits.images());
          input_.download_from(logits.data(), std::span<T>(here.data(), packed(net_->output(), logits.images())));
          relayout<T, Lanes>(here, out.subspan(first * classes, static_cast<std::size_t>(logits.images()) * classes));
        });
  }

 private:
  [[nodiscard]] std::size_t packed(shape s) const { return packed(s, run_.max_images()); }
  [[nodiscard]] static std::size_t packed(shape s, int images) {
    return static_cast<std::size_t>(exec::blocks_for(images, Lanes)) * static_cast<std::size_t>(s.size()) * Lanes;
  }

  /// Calls f(batches, position of its first sample, logits) for consecutive batches; logits lie where the work runs.
  template <class Set, class F>
  void for_each_batch(nn::weights<T> const& weights, Set const& set, std::span<std::uint32_t const> indices,
      typename Set::normalisation_type const& normalisation, F const& f) {
    values_.load(weights);
    auto batches = data::make_batches<T>(where_, set, normalisation, run_.max_images());
    for (std::size_t first = 0; first < indices.size(); first += static_cast<std::size_t>(run_.max_images())) {
      auto const part =
          indices.subspan(first, std::min(static_cast<std::size_t>(run_.max_images()), indices.size() - first));
      batches.choose(part);
      tensor_view<T, Lanes> const x(input_.data(), net_->input(), static_cast<int>(part.size()));
      batches.fill(where_.place(), false, x);
      f(batches, first,
          run_.launch_forward(where_.place(), values_.parameters.view(), values_.state.view(), nn::mode::eval, x));
    }
  }

  exec::context<E> where_;
  nn::network<T, Lanes> const* net_;
  nn::runner<E, T, Lanes> run_;
  resident_weights<E, T> values_;
  batch_loss<E, T, nn::cross_entropy_loss> loss_;
  exec::memory<T> input_;
  tensor<T, Lanes> logits_;
};

template <exec::policy E, class T, int Lanes> evaluator(E, nn::network<T, Lanes> const&, int) -> evaluator<E, T, Lanes>;
template <exec::policy E, class T, int Lanes>
evaluator(exec::context<E>, nn::network<T, Lanes> const&, int) -> evaluator<E, T, Lanes>;

}  // namespace papillon::train
