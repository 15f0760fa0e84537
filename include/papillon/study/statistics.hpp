// SPDX-License-Identifier: MIT
/// \file statistics.hpp
/// The few formulas that turn numbers of single experiments into what the study reports: mean and sample deviation,
/// defence, significance, ratio, and the line through the dense network's point.
/// Missing numbers (NaN) are left out of sums; a result that is not defined is missing.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <papillon/study/results.hpp>

namespace papillon::study {

using privacy::defence;

/// Mean and sample standard deviation sqrt(sum (x - mean)^2 / (n - 1)) of the values that are not missing.
[[nodiscard]] inline spread spread_of(std::span<double const> values) noexcept {
  spread s;
  double sum = 0;
  for (double v : values) {
    if (is_missing(v)) continue;
    sum += v;
    ++s.count;
  }
  if (s.count == 0) return s;
  s.mean = sum / s.count;
  if (s.count == 1) return s;
  double squares = 0;
  for (double v : values) {
    if (is_missing(v)) continue;
    squares += (v - s.mean) * (v - s.mean);
  }
  s.deviation = std::sqrt(squares / (s.count - 1));
  return s;
}

/// Whether the closed intervals mean +- deviation of `a` and `b` are disjoint; unknown where one has no deviation.
[[nodiscard]] inline significance differs(spread const& a, spread const& b) noexcept {
  if (is_missing(a.mean) || is_missing(a.deviation) || is_missing(b.mean) || is_missing(b.deviation))
    return significance::unknown;
  return std::abs(a.mean - b.mean) > a.deviation + b.deviation ? significance::yes : significance::no;
}

/// Relative change of defence for a relative change of accuracy, against the dense network (accuracy a0, defence d0):
/// (|d - d0| / d0) * (a0 / |a - a0|). Missing where a = a0 or d0 = 0.
[[nodiscard]] inline double ratio(double accuracy, double defence, double dense_accuracy,
                                  double dense_defence) noexcept {
  double const da = std::abs(accuracy - dense_accuracy);
  if (!(da > 0) || dense_defence == 0) return missing;
  return (std::abs(defence - dense_defence) / dense_defence) * (dense_accuracy / da);
}

/// A point of the trade-off plane.
struct accuracy_and_defence {
  double accuracy = missing, defence = missing;
};

/// Slope of the line through `dense` that is closest to `others` in least squares:
/// sum (a - a0)(d - d0) / sum (a - a0)^2. Missing where no point has another accuracy than `dense`.
[[nodiscard]] inline double slope_through(accuracy_and_defence dense,
                                          std::span<accuracy_and_defence const> others) noexcept {
  double products = 0, squares = 0;
  for (auto const& p : others) {
    double const da = p.accuracy - dense.accuracy, dd = p.defence - dense.defence;
    if (is_missing(da) || is_missing(dd)) continue;
    products += da * dd;
    squares += da * da;
  }
  return squares > 0 ? products / squares : missing;
}

}  // namespace papillon::study
