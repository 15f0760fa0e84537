// SPDX-License-Identifier: MIT
/// \file adam.hpp
/// Adam (Kingma & Ba, 2015) in the form of torch.optim.Adam, over flat buffers, with optional coupled L2 weight decay:
///   g' = g + weight_decay w,   m <- b1 m + (1 - b1) g',   v <- b2 v + (1 - b2) g'^2,
///   w <- w - learning_rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon),   t = 1, 2, ...
/// Products that meet a sum are explicit fused multiply-adds.
#pragma once

#include <cassert>
#include <cmath>

#include <papillon/train/optimiser.hpp>

namespace papillon::inline PAPILLON_ISA::train {

template <class T> struct adam_update {
  static constexpr char const* name = "adam";
  static constexpr int flops = 14, bytes = 7 * sizeof(T);
  optimiser_buffers<T> b;                      ///< state: m, then v; constants: -rate / (1 - b1^t), sqrt(1 - b2^t)
  T beta1, beta2, new1, new2, decay, epsilon;  ///< new1 = 1 - beta1 and new2 = 1 - beta2, formed in double

  PAPILLON_HD void operator()(int i) const {
    T *const m = b.state, *const v = b.state + b.count;
    T const g = std::fma(decay, b.weights[i], b.gradient[i]);
    m[i] = std::fma(beta1, m[i], new1 * g);
    v[i] = std::fma(beta2, v[i], (new2 * g) * g);
    b.weights[i] = std::fma(b.constants[0], m[i] / (std::sqrt(v[i]) / b.constants[1] + epsilon), b.weights[i]);
  }
};

/// Constants of Adam. An optimiser of trainers, which give it their schedule's learning rate.
struct adam_settings {
  double learning_rate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;

  static constexpr std::array<char const*, 2> state_names{"first_moment", "second_moment"};
  template <class T> [[nodiscard]] std::array<T, 2> constants(double rate, int t) const {
    return {static_cast<T>(-rate / (1 - std::pow(beta1, t))), static_cast<T>(std::sqrt(1 - std::pow(beta2, t)))};
  }
  template <class T> [[nodiscard]] adam_update<T> step(optimiser_buffers<T> const& b) const {
    return {.b = b,
        .beta1 = static_cast<T>(beta1),
        .beta2 = static_cast<T>(beta2),
        .new1 = static_cast<T>(1 - beta1),
        .new2 = static_cast<T>(1 - beta2),
        .decay = static_cast<T>(weight_decay),
        .epsilon = static_cast<T>(epsilon)};
  }
};
static_assert(optimiser<adam_settings, float>);

/// What Adam remembers of the gradients: the running moments and the number of steps taken.
template <class T> struct adam_state {
  explicit adam_state(std::size_t parameters) : moments(2 * parameters) {}

  std::vector<T> moments;  ///< m, then v
  int steps = 0;           ///< t
};

/// One step on the host (vectors or spans of one size): updates `weights` and `state` from `gradient`.
template <exec::policy E, class Weights, class T = typename std::remove_cvref_t<Weights>::value_type>
void adam_step(E e, adam_settings const& s, std::span<std::type_identity_t<T> const> gradient,
    adam_state<std::type_identity_t<T>>& state, Weights&& weights) {
  assert(gradient.size() == weights.size() && state.moments.size() == 2 * weights.size());
  auto const constants = s.constants<T>(s.learning_rate, ++state.steps);
  auto const count = static_cast<int>(weights.size());
  exec::for_each(e, count, s.step<T>({gradient.data(), state.moments.data(), weights.data(), constants.data(), count}));
}

}  // namespace papillon::train
