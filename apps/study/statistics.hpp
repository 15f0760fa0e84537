// SPDX-License-Identifier: MIT
/// \file statistics.hpp
/// The few formulas that turn numbers of single experiments into what the study reports: mean and sample deviation,
/// defence, significance, ratio, and the line through the dense network's point.
/// Missing numbers (NaN) are left out of sums; a result that is not defined is missing.
#pragma once

#include <span>

#include <study/results.hpp>

namespace papillon::study {

using privacy::defence;

/// Mean and sample standard deviation sqrt(sum (x - mean)^2 / (n - 1)) of the values that are not missing.
[[nodiscard]] spread spread_of(std::span<double const> values) noexcept;

/// Whether the closed intervals mean +- deviation of `a` and `b` are disjoint; unknown where one has no deviation.
[[nodiscard]] significance differs(spread const& a, spread const& b) noexcept;

/// Relative change of defence for a relative change of accuracy, against the dense network (accuracy a0, defence d0):
/// (|d - d0| / d0) * (a0 / |a - a0|). Missing where a = a0 or d0 = 0.
[[nodiscard]] double ratio(double accuracy, double defence, double dense_accuracy, double dense_defence) noexcept;

/// A point of the trade-off plane.
struct accuracy_and_defence {
  double accuracy = missing, defence = missing;
};

/// Slope of the line through `dense` that is closest to `others` in least squares:
/// sum (a - a0)(d - d0) / sum (a - a0)^2. Missing where no point has another accuracy than `dense`.
[[nodiscard]] double slope_through(accuracy_and_defence dense, std::span<accuracy_and_defence const> others) noexcept;

}  // namespace papillon::study
