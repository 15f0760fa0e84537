// SPDX-License-Identifier: MIT
/// \file device_adam.hpp
/// A step of Adam on values that are on a device; the recurrence and its source stand in train/adam.hpp.
#pragma once

#include <papillon/exec/memory.hpp>
#include <papillon/nn/kernels/elementwise.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/optimiser_kernels.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// The kernel of a step on `count` values; `step`: adam_constants on the device.
template <class T>
[[nodiscard]] train::adam_update<T> adam_kernel(adam_settings const& s, T const* gradient, T* first, T* second,
                                                T* weights, T const* step, int count) {
  return {gradient,
          first,
          second,
          weights,
          step,
          static_cast<T>(s.beta1),
          static_cast<T>(s.beta2),
          static_cast<T>(1 - s.beta1),
          static_cast<T>(1 - s.beta2),
          static_cast<T>(s.weight_decay),
          static_cast<T>(s.epsilon),
          count};
}

/// Step t = 1, 2, ... on `count` values; moments are zero before the first. Returns when it is done.
template <class T>
void adam_step_on_device(exec::device const& on, adam_settings const& s, int t, T const* gradient, T* first, T* second,
                         T* weights, int count) {
  auto const step = adam_constants<T>(s, t);
  exec::memory<T> const constants(on, 2);
  constants.upload(step);
  nn::for_each_value(on,
                     adam_kernel(s, gradient, first, second, weights, static_cast<T const*>(constants.data()), count));
  on.wait();
}

}  // namespace papillon::train
