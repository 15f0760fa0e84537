// SPDX-License-Identifier: MIT
/// \file intervals.hpp
/// Intervals and what they are made of: quantiles of the normal and of Student's t distribution, and the exact limits
/// of a proportion. C. Clopper and E. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
/// binomial", Biometrika 26 (1934): k of n lie in [Beta(alpha/2; k, n-k+1), Beta(1-alpha/2; k+1, n-k)].
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include <papillon/config.hpp>
#include <papillon/error.hpp>
#include <papillon/privacy/incomplete_beta.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Of numbers that do not exist.
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A closed interval; NaN: does not exist.
struct interval {
  double low = nan, high = nan;
};

namespace detail {

inline void check_probability(double p) {
  if (!(p > 0 && p < 1)) throw error(errc::usage, message("no probability or level ", p, " (it lies between 0 and 1)"));
}

}  // namespace detail

/// Probability that a standard normal number is at most z.
[[nodiscard]] inline double normal_distribution(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

/// log of the standard normal distribution function, to a relative 1e-14 in both tails, where the function itself
/// rounds to 0 or 1.
[[nodiscard]] inline double log_normal_cdf(double x) {
  if (x > 0) return std::log1p(-std::erfc(x / std::numbers::sqrt2) / 2);
  if (x > -30) return std::log(std::erfc(-x / std::numbers::sqrt2) / 2);
  double const w = 1 / (x * x);  // asymptotic series; its next term is below 945 / 30^10 < 2e-12, of a sum above 450
  double const series = std::log1p(-w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w))));
  return -x * x / 2 - std::log(-x) - std::log(2 * std::numbers::pi) / 2 + series;
}

/// z with normal_distribution(z) = p; 0 < p < 1, else an error.
[[nodiscard]] inline double normal_quantile(double p) {
  detail::check_probability(p);
  double const centred = 1 - 2 * p;
  if (centred < -0.5) return -normal_quantile(1 - p);
  double const slope = std::sqrt(std::numbers::inv_pi / 2);  // the density at 0
  if (centred <= 0.5) {  // near the middle by erf, which keeps the digits of a small z
    double z = -centred / (2 * slope);
    for (int step = 0; step < 8; ++step)
      z -= (std::erf(z / std::numbers::sqrt2) + centred) / (2 * slope * std::exp(-z * z / 2));
    return z;
  }
  // log of the distribution function is concave, and the start to the left of the solution: Newton's steps never pass
  // it
  double z = -std::min(38.0, std::sqrt(-2 * std::log(2 * p)));
  for (int step = 0; step < 12; ++step) {
    double const below = normal_distribution(z);
    z -= std::log(below / p) * below / (slope * std::exp(-z * z / 2));
  }
  return z;
}

/// Probability that |T| >= |t| for Student's t with `freedom` > 0 degrees of freedom: the p-value of a two-sided test.
[[nodiscard]] inline double student_two_sided(double t, double freedom) {
  if (!(freedom > 0)) throw error(errc::usage, message("no t distribution of ", freedom, " degrees of freedom"));
  if (std::isnan(t)) return nan;
  double const square = t * t / freedom;  // t^2 / (f + t^2) is Beta(1/2, f/2)
  return std::exp(detail::log_incomplete_beta(freedom / 2, 0.5, {1 / (1 + square), 1 / (1 + 1 / square)}));
}

/// Probability that Student's t with `freedom` > 0 degrees of freedom is at most t.
[[nodiscard]] inline double student_distribution(double t, double freedom) {
  double const half = 0.5 * student_two_sided(t, freedom);
  return t < 0 ? half : 1 - half;
}

/// t with student_distribution(t, freedom) = p; 0 < p < 1, freedom > 0, else an error.
[[nodiscard]] inline double student_quantile(double p, double freedom) {
  detail::check_probability(p);
  if (!(freedom > 0)) throw error(errc::usage, message("no t distribution of ", freedom, " degrees of freedom"));
  if (p > 0.5) return -student_quantile(1 - p, freedom);
  if (p == 0.5) return 0;
  auto const [x, y] = detail::beta_quantile(freedom / 2, 0.5, 2 * p);
  return -std::sqrt(freedom * (y / x));
}

/// Limits of the probability of which `count` of `total` trials came out, by Clopper and Pearson: they hold it with at
/// least the chance `level`, whatever it is. [0, 1] for no trials. count <= total, 0 < level < 1, else an error.
[[nodiscard]] inline interval clopper_pearson(std::size_t count, std::size_t total, double level = 0.95) {
  detail::check_probability(level);
  if (count > total) throw error(errc::usage, message("no proportion ", count, " of ", total, " (more than all)"));
  double const tail = (1 - level) / 2;
  auto const k = static_cast<double>(count), others = static_cast<double>(total - count);
  interval r{0, 1};
  if (count > 0) r.low = detail::beta_quantile(k, others + 1, tail).x;
  if (count < total) r.high = detail::beta_quantile(others, k + 1, tail).y;
  return r;
}

/// So many of so many.
struct proportion {
  std::size_t count = 0, total = 0;

  /// count / total; NaN of nothing.
  [[nodiscard]] double rate() const noexcept {
    return total > 0 ? static_cast<double>(count) / static_cast<double>(total) : nan;
  }

  /// 100 count / total.
  [[nodiscard]] double percent() const noexcept {
    return total > 0 ? 100.0 * static_cast<double>(count) / static_cast<double>(total) : nan;
  }

  /// The limits of the rate by Clopper and Pearson.
  [[nodiscard]] interval limits(double level = 0.95) const { return clopper_pearson(count, total, level); }
};

}  // namespace papillon::privacy
