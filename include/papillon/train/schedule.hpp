// SPDX-License-Identifier: MIT
/// \file schedule.hpp
/// The step schedule of the learning rate: divided by a factor after given epochs. "After 150" means that epochs
/// 0..149 use the rate before the division and epoch 150 is the first one after it, as PyTorch's MultiStepLR counts:
/// rate(e) = learning_rate / factor^|{d in divide_after : d <= e}|.
#pragma once

#include <vector>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// A piecewise constant learning rate; equal epochs in `divide_after` divide once each.
struct step_schedule {
  double learning_rate = 0.03;
  std::vector<int> divide_after{};  ///< epochs, in any order
  double factor = 10;

  /// The learning rate of an epoch, counted from 0.
  [[nodiscard]] double at(int epoch) const {
    double rate = learning_rate;
    for (int const after : divide_after)
      if (after <= epoch) rate /= factor;
    return rate;
  }
};

}  // namespace papillon::train
