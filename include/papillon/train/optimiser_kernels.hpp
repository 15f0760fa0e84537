// SPDX-License-Identifier: MIT
/// \file optimiser_kernels.hpp
/// The steps of SGD and Adam for one parameter each; recurrences and source in train/sgd.hpp and train/adam.hpp, with
/// the same explicit fused multiply-adds and so the same bits. What changes from step to step is read from device
/// memory, so that a recorded step can be replayed.
#pragma once

#include <cmath>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::train {

template <class T>
struct sgd_update {
  static constexpr char const* name = "sgd";
  static constexpr int flops = 6, bytes = 5 * sizeof(T);
  T const* gradient;
  T *velocity, *weights;
  T const* minus_rate;  ///< one number
  T momentum, decay;
  int count;

  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const {
    velocity[i] = std::fma(momentum, velocity[i], std::fma(decay, weights[i], gradient[i]));
    weights[i] = std::fma(*minus_rate, velocity[i], weights[i]);
  }
};

template <class T>
struct adam_update {
  static constexpr char const* name = "adam";
  static constexpr int flops = 14, bytes = 7 * sizeof(T);
  T const* gradient;
  T *first, *second, *weights;
  T const* step;                               ///< two numbers: -rate / (1 - beta1^t), sqrt(1 - beta2^t)
  T beta1, beta2, new1, new2, decay, epsilon;  ///< new1 = 1 - beta1 and new2 = 1 - beta2, formed in double
  int count;

  [[nodiscard]] PAPILLON_HD int size() const { return count; }
  PAPILLON_HD void operator()(int i) const {
    T const g = std::fma(decay, weights[i], gradient[i]);
    first[i] = std::fma(beta1, first[i], new1 * g);
    second[i] = std::fma(beta2, second[i], (new2 * g) * g);
    weights[i] = std::fma(step[0], first[i] / (std::sqrt(second[i]) / step[1] + epsilon), weights[i]);
  }
};

}  // namespace papillon::train
