// SPDX-License-Identifier: MIT
/// \file sgd.hpp
/// Stochastic gradient descent with momentum and coupled L2 weight decay, over flat buffers (no Nesterov, no
/// dampening):
///   g' = g + weight_decay w,   v <- momentum v + g',   w <- w - learning_rate v     (torch.optim.SGD's recurrence)
/// Every product is part of an explicit fused multiply-add, so that no compiler contracts it differently. Each entry is
/// computed on its own: all policies and thread counts give the same bits.
/// An entry whose weight, gradient and velocity are zero stays zero: pruned weights need no mask here.
#pragma once

#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>

#include <papillon/exec/policy.hpp>
#include <papillon/train/for_each_chunk.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Constants of SGD besides the learning rate, which a schedule gives.
struct sgd_settings {
  double momentum = 0.9;
  double weight_decay = 0;  ///< applied to all parameters, batch norm and biases included
};

/// One step: updates `weights` and `velocity` (zero before the first step) from `gradient`; all of the same size.
template <exec::policy Policy, class T>
void sgd_step(Policy const& policy, sgd_settings const& settings, double learning_rate, std::span<T const> gradient,
              std::span<T> velocity, std::span<T> weights) {
  assert(gradient.size() == weights.size() && velocity.size() == weights.size());
  auto const momentum = static_cast<T>(settings.momentum);
  auto const decay = static_cast<T>(settings.weight_decay);
  auto const minus_rate = static_cast<T>(-learning_rate);
  for_each_chunk(policy, weights.size(), [=](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      velocity[i] = std::fma(momentum, velocity[i], std::fma(decay, weights[i], gradient[i]));
      weights[i] = std::fma(minus_rate, velocity[i], weights[i]);
    }
  });
}

}  // namespace papillon::train
