// SPDX-License-Identifier: MIT
/// \file weight_pull.hpp
/// A penalty strength / 2 |w - target|^2 on some of the parameters of a training, whose target moves between epochs;
/// its derivative, strength (w - target), is added to the gradient before the optimiser's step. What ADMM is made of
/// (prune/admm.hpp); trainers take it by trainer::pull.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include <papillon/train/training_state.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Where the target is, and how it moves. What it remembers lies with the training, so that this stays constant.
template <class T> class weight_pull {
 public:
  weight_pull() = default;
  weight_pull(weight_pull const&) = default;
  weight_pull& operator=(weight_pull const&) = default;
  virtual ~weight_pull() = default;

  [[nodiscard]] virtual double strength() const = 0;
  /// One byte a parameter: 1 where there is a target.
  [[nodiscard]] virtual std::span<std::uint8_t const> pulled() const = 0;
  /// Before the first epoch, from the weights it starts with, and after each, from those at its end.
  virtual void begin(std::span<T const> weights, named_arrays<T>& beside) const = 0;
  virtual void move(std::span<T const> weights, named_arrays<T>& beside) const = 0;
  /// One number a parameter; of those that are not pulled any finite one.
  [[nodiscard]] virtual std::vector<T> target(named_arrays<T> const& beside) const = 0;
};

/// The derivative, added to the gradient of a parameter.
template <class T> struct pulled_gradient {
  static constexpr char const* name = "pull";
  static constexpr int flops = 3, bytes = 4 * sizeof(T) + 1;
  T const *weights, *target;
  std::uint8_t const* pulled;
  T* gradient;
  T strength;

  PAPILLON_HD void operator()(int i) const {
    if (pulled[i] != 0) gradient[i] = std::fma(strength, weights[i] - target[i], gradient[i]);
  }
};

}  // namespace papillon::train
