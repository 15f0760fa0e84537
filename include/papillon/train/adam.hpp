// SPDX-License-Identifier: MIT
/// \file adam.hpp
/// Adam (Kingma & Ba, 2015) in the form of torch.optim.Adam, over flat buffers, with optional coupled L2 weight decay:
///   g' = g + weight_decay w,   m <- b1 m + (1 - b1) g',   v <- b2 v + (1 - b2) g'^2,
///   w <- w - learning_rate / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon),   t = 1, 2, ...
/// Products that meet a sum are explicit fused multiply-adds, entries are independent: all policies give the same bits.
#pragma once

#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <papillon/exec/policy.hpp>
#include <papillon/train/for_each_chunk.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Constants of Adam.
struct adam_settings {
  double learning_rate = 0.001;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
};

/// What Adam remembers of the gradients: the running moments and the number of steps taken.
template <class T>
struct adam_state {
  explicit adam_state(std::size_t parameters) : first(parameters), second(parameters) {}

  std::vector<T> first;   ///< m
  std::vector<T> second;  ///< v
  int steps = 0;          ///< t
};

/// What changes from step to step t: -learning_rate / (1 - b1^t) and sqrt(1 - b2^t).
template <class T>
[[nodiscard]] std::array<T, 2> adam_constants(adam_settings const& s, int t) {
  return {static_cast<T>(-s.learning_rate / (1 - std::pow(s.beta1, t))),
          static_cast<T>(std::sqrt(1 - std::pow(s.beta2, t)))};
}

/// One step: updates `weights` and `state` from `gradient`; all of the same size.
template <exec::policy Policy, class T>
void adam_step(Policy const& policy, adam_settings const& settings, std::span<T const> gradient, adam_state<T>& state,
               std::span<T> weights) {
  assert(gradient.size() == weights.size() && state.first.size() == weights.size());
  ++state.steps;
  auto const b1 = static_cast<T>(settings.beta1);
  auto const b2 = static_cast<T>(settings.beta2);
  auto const new1 = static_cast<T>(1 - settings.beta1);
  auto const new2 = static_cast<T>(1 - settings.beta2);
  auto const decay = static_cast<T>(settings.weight_decay);
  auto const epsilon = static_cast<T>(settings.epsilon);
  auto const constants = adam_constants<T>(settings, state.steps);
  T const minus_rate = constants[0], correction = constants[1];
  std::span<T> const m(state.first);
  std::span<T> const v(state.second);
  for_each_chunk(policy, weights.size(), [=](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      T const g = std::fma(decay, weights[i], gradient[i]);
      m[i] = std::fma(b1, m[i], new1 * g);
      v[i] = std::fma(b2, v[i], (new2 * g) * g);
      weights[i] = std::fma(minus_rate, m[i] / (std::sqrt(v[i]) / correction + epsilon), weights[i]);
    }
  });
}

}  // namespace papillon::train
