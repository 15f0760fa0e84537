// SPDX-License-Identifier: MIT
/// \file network_probabilities.hpp
/// A trained network as the black box that an attack queries: from images to probabilities, in evaluation mode, under a
/// policy. Always in the network's own precision: features divide by a small epsilon, so nothing may be rounded on the
/// way.
#pragma once

#include <span>

#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/run.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Refers to a network and its values, which must outlive it; owns its workspace, so one object belongs to one caller.
template <exec::policy Policy, class T, int Lanes>
class network_probabilities {
 public:
  /// \param largest_batch  most images a call may bring
  network_probabilities(Policy const& policy, nn::network<T, Lanes> const& network, nn::weights<T> const& weights,
                        int largest_batch)
      : policy_(policy), network_(&network), weights_(&weights),
        workspace_(policy, network, largest_batch, nn::mode::eval) {}

  /// Probabilities of each image, images x classes, row-major.
  void operator()(tensor_view<T const, Lanes> images, std::span<T> probabilities) {
    nn::softmax(policy_, nn::forward(policy_, *network_, *weights_, images, workspace_), probabilities);
  }
  [[nodiscard]] int classes() const { return network_->output().size(); }

 private:
  Policy policy_;
  nn::network<T, Lanes> const* network_;
  nn::weights<T> const* weights_;
  nn::workspace<T, Lanes> workspace_;
};

}  // namespace papillon::privacy
