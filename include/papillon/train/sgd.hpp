// SPDX-License-Identifier: MIT
/// \file sgd.hpp
/// Stochastic gradient descent with momentum and coupled L2 weight decay, over flat buffers (no Nesterov, no
/// dampening):
///   g' = g + weight_decay w,   v <- momentum v + g',   w <- w - learning_rate v     (torch.optim.SGD's recurrence)
/// Every product is part of an explicit fused multiply-add, so that no compiler contracts it differently.
/// An entry whose weight, gradient and velocity are zero stays zero: pruned weights need no mask here.
#pragma once

#include <cassert>
#include <cmath>

#include <papillon/train/optimiser.hpp>

namespace papillon::inline PAPILLON_ISA::train {

template <class T> struct sgd_update {
  static constexpr char const* name = "sgd";
  static constexpr int flops = 6, bytes = 5 * sizeof(T);
  optimiser_buffers<T> b;  ///< constants: -learning_rate
  T momentum, decay;

  PAPILLON_HD void operator()(int i) const {
    b.state[i] = std::fma(momentum, b.state[i], std::fma(decay, b.weights[i], b.gradient[i]));
    b.weights[i] = std::fma(b.constants[0], b.state[i], b.weights[i]);
  }
};

/// Constants of SGD besides the learning rate, which a schedule gives. An optimiser of trainers.
struct sgd_settings {
  double momentum = 0.9;
  double weight_decay = 0;  ///< applied to all parameters, batch norm and biases included

  static constexpr std::array<char const*, 1> state_names{"velocity"};
  template <class T> [[nodiscard]] std::array<T, 1> constants(double learning_rate, int) const {
    return {static_cast<T>(-learning_rate)};
  }
  template <class T> [[nodiscard]] sgd_update<T> step(optimiser_buffers<T> const& b) const {
    return {b, static_cast<T>(momentum), static_cast<T>(weight_decay)};
  }
};
static_assert(optimiser<sgd_settings, float>);

/// One step on the host (vectors or spans of one size): updates `weights` and `velocity`, zero before the first step,
/// from `gradient`.
template <exec::policy E, class Weights, class T = typename std::remove_cvref_t<Weights>::value_type>
void sgd_step(E e, sgd_settings const& settings, double learning_rate,
    std::span<std::type_identity_t<T> const> gradient, std::span<std::type_identity_t<T>> velocity, Weights&& weights) {
  assert(gradient.size() == weights.size() && velocity.size() == weights.size());
  auto const rate = settings.constants<T>(learning_rate, 0);
  auto const count = static_cast<int>(weights.size());
  exec::for_each(e, count, settings.step<T>({gradient.data(), velocity.data(), weights.data(), rate.data(), count}));
}

}  // namespace papillon::train
