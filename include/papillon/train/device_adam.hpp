// SPDX-License-Identifier: MIT
/// \file device_adam.hpp
/// A step of Adam on values that are on a device; the recurrence and its source stand in train/adam.hpp.
#pragma once

#include <cmath>

#include <papillon/kernel/memory.hpp>
#include <papillon/ops/device/optimiser_kernels.hpp>
#include <papillon/ops/device/elementwise.hpp>
#include <papillon/train/adam.hpp>

namespace papillon::train {

/// Step t = 1, 2, ... on `count` values; moments are zero before the first. Returns when it is done.
template <class T>
void adam_step_on_device(kernel::device const& on, adam_settings const& s, int t, T const* gradient, T* first, T* second, T* weights, int count) {
  T const step[] = {static_cast<T>(-s.learning_rate / (1 - std::pow(s.beta1, t))), static_cast<T>(std::sqrt(1 - std::pow(s.beta2, t)))};
  kernel::memory<T> const constants(on, 2);
  constants.upload(step);
  ops::device::for_each_value(on, ops::device::adam_update<T>{gradient, first, second, weights, constants.data(), static_cast<T>(s.beta1), static_cast<T>(s.beta2),
                                                              static_cast<T>(1 - s.beta1), static_cast<T>(1 - s.beta2), static_cast<T>(s.weight_decay),
                                                              static_cast<T>(s.epsilon), count});
  on.wait();
}

}  // namespace papillon::train
