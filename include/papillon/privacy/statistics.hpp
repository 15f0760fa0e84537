// SPDX-License-Identifier: MIT
/// \file statistics.hpp
/// What a few seeds say about a mean or a difference: t interval and t test with count - 1 degrees of freedom, the
/// exact sign-flip permutation test (R. Fisher, "The Design of Experiments", 1935), and the correction for many tests
/// at once by S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979). Missing
/// numbers (NaN) are left out; a result that does not exist, such as the interval of one seed, is NaN.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/privacy/intervals.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// A mean of independent numbers.
struct mean_estimate {
  double mean = nan;
  double standard_error = nan;  ///< sample deviation / sqrt(count); NaN of less than two
  std::size_t count = 0;

  /// mean +- t standard errors, count - 1 degrees of freedom.
  [[nodiscard]] interval limits(double level = 0.95) const {
    if (count < 2) return {};
    double const half = student_quantile(0.5 + level / 2, static_cast<double>(count - 1)) * standard_error;
    return {mean - half, mean + half};
  }

  /// Two-sided t test of the mean being `expected`. Where all numbers are equal: 1 if they are `expected`, else 0.
  [[nodiscard]] double p(double expected = 0) const {
    if (count < 2) return nan;
    if (standard_error == 0) return mean == expected ? 1 : 0;
    return student_two_sided((mean - expected) / standard_error, static_cast<double>(count - 1));
  }
};

namespace detail {

inline std::vector<double> not_missing(std::span<double const> values) {
  std::vector<double> r;
  std::copy_if(values.begin(), values.end(), std::back_inserter(r), [](double v) { return !std::isnan(v); });
  return r;
}

/// The sums of all 2^n ways to sign n values.
inline std::vector<double> signed_sums(std::span<double const> values) {
  std::vector<double> sums{0};
  for (double v : values) {
    std::size_t const n = sums.size();
    for (std::size_t i = 0; i < n; ++i) {
      sums.push_back(sums[i] - v);
      sums[i] += v;
    }
  }
  return sums;
}

}  // namespace detail

[[nodiscard]] inline mean_estimate estimate_mean(std::span<double const> values) {
  auto const all = detail::not_missing(values);
  mean_estimate r;
  r.count = all.size();
  if (all.empty()) return r;
  auto const n = static_cast<double>(all.size());
  r.mean = std::accumulate(all.begin(), all.end(), 0.0) / n;
  if (all.size() < 2) return r;
  double squares = 0;
  for (double v : all) squares += (v - r.mean) * (v - r.mean);
  r.standard_error = std::sqrt(squares / (n * (n - 1)));
  return r;
}

/// Two-sided p of values that are, if nothing is there, as likely positive as negative: the share of all 2^count ways
/// to sign them whose sum is at least as far from 0 as theirs; never below 2 / 2^count. All ways are counted, each as
/// the sum of two halves, so that the work grows like 2^(count / 2). NaN of less than two values, an error for more
/// than 40.
[[nodiscard]] inline double sign_flip_p(std::span<double const> values) {
  auto const all = detail::not_missing(values);
  if (all.size() < 2) return nan;
  if (all.size() > 40)
    throw error(errc::usage, message("no sign-flip test of ", all.size(), " values (their 2^", all.size(),
                                 " signs are too many to count); the t test does for that many"));
  double scale = 0, sum = 0;
  for (double v : all) {
    scale += std::abs(v);
    sum += v;
  }
  double const bound = std::abs(sum) - 1e-12 * scale;  // sums that differ by rounding are equal
  std::span<double const> const values_left(all);
  auto const left = detail::signed_sums(values_left.first(all.size() / 2));
  auto right = detail::signed_sums(values_left.subspan(all.size() / 2));
  std::sort(right.begin(), right.end());
  std::size_t inside = 0;  // |sum| < bound
  for (double s : left)
    if (bound > 0)
      inside += static_cast<std::size_t>(std::lower_bound(right.begin(), right.end(), bound - s) -
                                         std::upper_bound(right.begin(), right.end(), -bound - s));
  return 1 - static_cast<double>(inside) / (static_cast<double>(left.size()) * static_cast<double>(right.size()));
}

/// p-values corrected for their number m, in the order given: the r-th smallest becomes the larger of its predecessor
/// and min(1, (m - r + 1) p). Those below alpha contain no false positive with a chance of 1 - alpha. NaN stay,
/// uncounted.
[[nodiscard]] inline std::vector<double> holm(std::span<double const> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::sort(order.begin(), order.end(), [p](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> r(p.begin(), p.end());
  double before = 0;
  for (std::size_t k = 0; k < order.size(); ++k)
    r[order[k]] = before = std::max(before, std::min(1.0, static_cast<double>(order.size() - k) * p[order[k]]));
  return r;
}

/// A difference that was measured once a seed.
struct paired_difference {
  double mean = nan;
  double low = nan, high = nan;  ///< t interval
  double p = nan;                ///< two-sided t test
  double sign_flip_p = nan;      ///< the test without the assumption of a normal distribution; coarse below 6 seeds
  std::size_t count = 0;         ///< seeds
};

/// Summary of differences, one a seed.
[[nodiscard]] inline paired_difference summarise_differences(std::span<double const> differences, double level = 0.95) {
  auto const estimate = estimate_mean(differences);
  interval const limits = estimate.limits(level);
  double const flips = estimate.count <= 40 ? sign_flip_p(differences) : nan;
  return {estimate.mean, limits.low, limits.high, estimate.p(), flips, estimate.count};
}

/// values[s] - baseline[s], s the seed; a seed counts where it has both. An error where the numbers differ.
[[nodiscard]] inline paired_difference compare_paired(
    std::span<double const> values, std::span<double const> baseline, double level = 0.95) {
  if (values.size() != baseline.size())
    throw error(errc::usage,
        message("paired values differ in number (", values.size(), " and ", baseline.size(), "); one a seed of each"));
  std::vector<double> differences(values.size());
  for (std::size_t s = 0; s < values.size(); ++s) differences[s] = values[s] - baseline[s];
  return summarise_differences(differences, level);
}

/// The p-quantile of values, 0 <= p <= 1, linear between neighbours (type 7 of R. Hyndman and Y. Fan, Am. Stat. 50,
/// 1996; numpy's default): p = 1/2 is the median. NaN of none.
[[nodiscard]] inline double quantile(std::span<double const> values, double p) {
  if (!(p >= 0 && p <= 1)) throw error(errc::usage, message("no quantile ", p, " (it lies between 0 and 1)"));
  auto sorted = detail::not_missing(values);
  if (sorted.empty()) return nan;
  std::sort(sorted.begin(), sorted.end());
  double const at = p * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(at);
  return std::lerp(sorted[below], sorted[std::min(below + 1, sorted.size() - 1)], at - static_cast<double>(below));
}

}  // namespace papillon::privacy
