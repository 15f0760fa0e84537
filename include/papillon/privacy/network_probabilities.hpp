// SPDX-License-Identifier: MIT
/// \file network_probabilities.hpp
/// A trained network as the black box that an attack queries: from images to probabilities, in evaluation mode. Always
/// in the network's own precision: features divide by a small epsilon, so nothing may be rounded on the way.
#pragma once

#include <span>

#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/runner.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Refers to a network and its values, which must outlive it; owns its memory, so one object belongs to one caller.
template <exec::policy E, class T, int Lanes> class network_probabilities {
 public:
  /// \param largest_batch  most images a call may bring
  network_probabilities(exec::context<E> const& where, nn::network<T, Lanes> const& network,
      nn::weights<T> const& weights, int largest_batch)
      : weights_(&weights), run_(where, network, largest_batch, nn::mode::eval) {}

  /// Probabilities of each image, images x classes, row-major.
  void operator()(tensor_view<T const, Lanes> images, std::span<T> probabilities) {
    nn::softmax(exec::seq{}, run_.forward(*weights_, images), probabilities);
  }
  [[nodiscard]] int classes() const { return run_.net().output().size(); }

 private:
  nn::weights<T> const* weights_;
  nn::runner<E, T, Lanes> run_;
};

template <exec::policy E, class T, int Lanes>
network_probabilities(E, nn::network<T, Lanes> const&, nn::weights<T> const&, int)
    -> network_probabilities<E, T, Lanes>;

}  // namespace papillon::privacy
