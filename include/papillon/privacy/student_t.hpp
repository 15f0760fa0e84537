// SPDX-License-Identifier: MIT
/// \file student_t.hpp
/// Student's t distribution with a centre and a scale, by logarithms: its tails underflow long before its scores stop
/// mattering. Density  Gamma((nu+1)/2) / (Gamma(nu/2) sqrt(nu pi) s) (1 + t^2/nu)^(-(nu+1)/2),  t = (x - centre) / s;
/// distribution function by the incomplete beta function, I_{nu/(nu+t^2)}(nu/2, 1/2) / 2 for t < 0.
#pragma once

#include <cmath>
#include <limits>
#include <numbers>

#include <papillon/config.hpp>
#include <papillon/privacy/incomplete_beta.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

/// log(Gamma(x + 1/2) / Gamma(x)), x > 0. From 50 on by its series, where the difference of two large lgamma cancels.
inline double log_gamma_ratio(double x) {
  if (x < 50) return std::lgamma(x + 0.5) - std::lgamma(x);
  double const w = 1 / (x * x);
  return std::log(x) / 2 - (1.0 / 8 - w * (1.0 / 192 - w / 640)) / x;
}

/// log sqrt(1 + r^2), r >= 0.
inline double log_length(double r) { return r < 1e100 ? std::log1p(r * r) / 2 : std::log(r); }

/// log of twice the probability that Student's t with nu degrees of freedom lies below -|t|.
inline double log_student_tails(double nu, double t) {
  double const ratio = std::abs(t) / std::sqrt(nu), length = std::hypot(1.0, ratio);
  // x = nu / (nu + t^2) and 1 - x, each without cancellation; log x also where x underflows
  double const log_x = -2 * log_length(ratio), x = 1 / (length * length), rest = (ratio / length) * (ratio / length);
  double const a = nu / 2, b = 0.5;
  double const log_beta = std::log(std::numbers::pi) / 2 - log_gamma_ratio(a);  // log B(a, 1/2)
  if (rest == 0) return 0;
  double const log_power = a * log_x + b * std::log(rest) - log_beta;
  if (x < (a + 1) / (a + b + 2)) return log_power - std::log(a) + std::log(beta_fraction(a, b, x));
  return std::log1p(-std::exp(log_power) / b * beta_fraction(b, a, rest));
}

}  // namespace detail

/// Undefined (NaN) unless freedom > 0 and scale > 0.
struct student_t {
  double freedom;  ///< nu
  double centre;
  double scale;

  [[nodiscard]] double log_density(double x) const {
    double const ratio = std::abs(x - centre) / scale / std::sqrt(freedom);
    return detail::log_gamma_ratio(freedom / 2) - std::log(std::numbers::pi * freedom) / 2 - std::log(scale) -
           (freedom + 1) * detail::log_length(ratio);
  }

  /// log of the distribution function, accurate in both tails.
  [[nodiscard]] double log_cdf(double x) const {
    double const t = (x - centre) / scale;
    if (std::isnan(t)) return t;
    double const tails = detail::log_student_tails(freedom, t);
    return t > 0 ? std::log1p(-std::exp(tails) / 2) : tails - std::numbers::ln2;
  }
};

}  // namespace papillon::privacy
