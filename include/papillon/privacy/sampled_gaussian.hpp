// SPDX-License-Identifier: MIT
/// \file sampled_gaussian.hpp
/// What one step of the sampled Gaussian mechanism gives away: each record enters with probability q, the sum of what
/// enters (norm at most 1) is released with normal noise of deviation sigma. Its Renyi differential privacy of order a,
///   log A / (a - 1),  A = E_{z ~ N(0, sigma^2)}[((1 - q) + q exp((2 z - 1) / (2 sigma^2)))^a],
/// at whole orders the sum over k of C(a, k) (1 - q)^(a - k) q^k exp(k (k - 1) / (2 sigma^2)). I. Mironov, K. Talwar,
/// L. Zhang, "Renyi differential privacy of the sampled Gaussian mechanism", 2019, section 3.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <papillon/config.hpp>
#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

/// log(exp(a) + exp(b)).
inline double log_add(double a, double b) {
  double const larger = std::max(a, b);
  return larger == -std::numeric_limits<double>::infinity() ? larger : larger + std::log1p(std::exp(-std::abs(a - b)));
}

/// log(exp(x) - 1), x > 0.
inline double log_expm1(double x) { return x < 1 ? std::log(std::expm1(x)) : x + std::log1p(-std::exp(-x)); }

inline void check_mechanism(double rate, double noise) {
  if (!(rate >= 0 && rate <= 1))
    throw error(errc::usage, message("no sampling rate ", rate, " (a probability lies between 0 and 1)"));
  if (!(noise > 0 && std::isfinite(noise)))
    throw error(errc::usage, message("no guarantee with noise ", noise,
                                 " (its deviation is positive, in units of the largest norm) give more noise"));
}

/// log(A - 1) at a whole order. Binomial probabilities sum to 1, so A - 1 is their sum over k >= 2 weighted by
/// exp(k (k - 1) / (2 sigma^2)) - 1: of positive terms, whose digits are all there however small it is.
inline double log_excess_whole(double q, double sigma, double order) {
  double const log_odds = std::log(q) - std::log1p(-q);
  double log_probability = order * std::log1p(-q), sum = -std::numeric_limits<double>::infinity();
  for (double k = 0; k <= order; ++k) {
    if (k >= 2) sum = log_add(sum, log_probability + log_expm1(k * (k - 1) / (2 * sigma * sigma)));
    log_probability += std::log((order - k) / (k + 1)) + log_odds;
  }
  return sum;
}

/// log(A - 1) at any order, by the trapezoidal rule. With l the log of the ratio of densities, whose exponential has
/// mean 1, A - 1 is the mean of exp(a l) - 1 - a (exp(l) - 1), which is nowhere negative. The ratio's logarithm ends at
/// a distance of pi sigma^2 from the real line: with this step the rule's error is below exp(-70).
inline double log_excess_real(double q, double sigma, double order) {
  double const step = std::min(sigma / 8, sigma * sigma / 4), first = -30 * sigma, last = 30 * sigma + order + 2;
  double const scale = std::log(step / sigma) - std::log(2 * std::numbers::pi) / 2, log_q = std::log(q);
  auto const count = static_cast<long>((last - first) / step) + 1;
  double sum = -std::numeric_limits<double>::infinity();
  for (long i = 0; i <= count; ++i) {
    double const z = first + static_cast<double>(i) * step, w = (2 * z - 1) / (2 * sigma * sigma);
    double const l = w < 30 ? std::log1p(q * std::expm1(w)) : w + log_q + std::log1p((1 - q) / q * std::exp(-w));
    double log_value;  // may be NaN or -infinity where l is 0 but for rounding
    if (order * l < 30) log_value = std::log(std::expm1(order * l) - order * std::expm1(l));
    else log_value = order * l + std::log1p((order - 1) * std::exp(-order * l) - order * std::exp((1 - order) * l));
    double const log_term = log_value - z * z / (2 * sigma * sigma) + scale;
    if (std::isfinite(log_term)) sum = log_add(sum, log_term);
  }
  return sum;
}

}  // namespace detail

/// Renyi divergence of order `order` > 1 that one step cannot exceed: `rate` q is the probability with which a record
/// enters, `noise` sigma the deviation of the noise in units of the largest norm. Two data sets are neighbours if one
/// has a record more. Steps add up. Throws papillon::error (usage) for q outside [0, 1], sigma or order out of range.
[[nodiscard]] inline double sampled_gaussian_rdp(double rate, double noise, double order) {
  detail::check_mechanism(rate, noise);
  if (!(order > 1 && std::isfinite(order)))
    throw error(errc::usage, message("no Renyi divergence of order ", order, " (orders are above 1 and finite)"));
  if (rate == 0) return 0;
  if (rate == 1) return order / (2 * noise * noise);
  double const log_excess = order == std::floor(order) ? detail::log_excess_whole(rate, noise, order)
                                                       : detail::log_excess_real(rate, noise, order);
  return detail::log_add(0, log_excess) / (order - 1);
}

}  // namespace papillon::privacy
