// SPDX-License-Identifier: MIT
/// \file incomplete_beta.hpp
/// The regularised incomplete beta function I_x(a, b) = integral_0^x t^(a-1) (1-t)^(b-1) dt / B(a, b), and its inverse:
/// the distribution function and the quantiles of Beta(a, b), from which those of Student's t and the limits of
/// proportions follow (intervals.hpp). By the continued fraction 8.17.22 of the DLMF; its factor without cancellation
/// for large a and b, after C. Loader, "Fast and accurate computation of binomial probabilities", 2000. Relative errors
/// are below 1e-10 up to a + b = 10^6 and grow in proportion beyond; quantiles are not below 1e-300.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <papillon/config.hpp>
#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

/// A probability and what it lacks to 1: near 1, the second has the digits that the first has not.
struct complements {
  double x, y;
};

/// log Gamma(a) - (a - 1/2) log a + a - log(2 pi) / 2: the error of Stirling's formula, for a > 0.
inline double stirling_error(double a) {
  double sum = 0;
  for (; a < 10; ++a) sum += (a + 0.5) * std::log1p(1 / a) - 1;  // the error at a is this more than that at a + 1
  double const r = 1 / (a * a);
  return sum +
         (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r * (1.0 / 1188 - r * 691.0 / 360360))))) / a;
}

/// a log(a / m) + m - a for a, m > 0, without cancellation where they are close.
inline double deviance(double a, double m) {
  double const v = (a - m) / (a + m);
  if (std::abs(v) > 0.1) return a * std::log(a / m) + m - a;
  double sum = 0, power = v;  // log(a / m) = 2 (v + v^3 / 3 + ...), and m - a = -v (a + m)
  for (int k = 3; k < 19; k += 2) {
    power *= v * v;
    sum += power / k;
  }
  return (a - m) * v + 2 * a * sum;
}

/// log(x^a y^b / B(a, b)), y = 1 - x: the density of log(x / y).
inline double log_beta_density(double a, double b, complements p) {
  double const n = a + b;
  return 0.5 * std::log(a / n * b / (2 * std::numbers::pi)) + stirling_error(n) - stirling_error(a) -
         stirling_error(b) - deviance(a, n * p.x) - deviance(b, n * p.y);
}

/// The fraction 1 / (1 + d1 / (1 + d2 / ...)) with I_x(a, b) = x^a y^b / (a B(a, b)) times it (modified Lentz method).
inline double beta_fraction(double a, double b, double x) {
  double const tiny = std::numeric_limits<double>::min();
  auto const nonzero = [tiny](double v) { return std::abs(v) < tiny ? tiny : v; };
  double value = 1, c = 1, d = 0;
  for (double m = 0;; ++m) {  // terms d_2m+1 and d_2m+2; their number grows like sqrt(max(a, b))
    double const s = a + 2 * m;
    double const odd = -(a + m) * (a + b + m) * x / (s * (s + 1));
    double const even = (m + 1) * (b - m - 1) * x / ((s + 1) * (s + 2));
    double change = 1;
    for (double const term : {odd, even}) {
      d = 1 / nonzero(1 + term * d);
      c = nonzero(1 + term / c);
      change *= c * d;
    }
    value *= change;
    if (!(std::abs(change - 1) > 2 * std::numeric_limits<double>::epsilon())) return 1 / value;
  }
}

/// log I_x(a, b).
inline double log_incomplete_beta(double a, double b, complements p) {
  if (p.x <= 0) return -std::numeric_limits<double>::infinity();
  if (p.y <= 0) return 0;
  auto const tail = [](double s, double t, complements q) {
    return log_beta_density(s, t, q) - std::log(s) + std::log(beta_fraction(s, t, q.x));
  };
  // the fraction converges fast below the mean
  if (p.x * (a + b + 2) < a + 1) return tail(a, b, p);
  return std::log1p(-std::exp(std::min(0.0, tail(b, a, {p.y, p.x}))));
}

/// x with I_x(a, b) = p, 0 < p < 1, by Newton's method for log I as a function of u = log(x / y). The density of u is
/// log-concave, so log I is concave: from the left of the solution the steps never pass it, from the right at most
/// once.
inline complements beta_quantile(double a, double b, double p) {
  if (p > 0.5) {
    complements const q = beta_quantile(b, a, 1 - p);
    return {q.y, q.x};
  }
  double const furthest = 690;  // x and y stay above 1e-300: nothing under- or overflows
  double u = std::log(a / b);
  for (int step = 0;; ++step) {
    complements const q{1 / (1 + std::exp(-u)), 1 / (1 + std::exp(u))};
    if (step == 200) return q;
    double const value = log_incomplete_beta(a, b, q);
    double const change = (value - std::log(p)) / std::exp(log_beta_density(a, b, q) - value);
    double const next = std::clamp(u - change, -furthest, furthest);
    // steps square: after one of 1e-11 nothing is left to gain
    if (!(std::abs(next - u) > 1e-11)) step = 199;
    u = next;
  }
}

inline void check_beta(double a, double b, double p) {
  if (!(a > 0 && b > 0 && std::isfinite(a + b)) || !(p >= 0 && p <= 1))
    throw error(errc::usage, message("no beta distribution at a = ", a, ", b = ", b, ", ", p,
                                 " (a and b are positive, the third lies between 0 and 1)"));
}

}  // namespace detail

/// I_x(a, b): the probability that Beta(a, b) is at most x. a, b > 0, 0 <= x <= 1, else an error.
[[nodiscard]] inline double incomplete_beta(double a, double b, double x) {
  detail::check_beta(a, b, x);
  return std::exp(detail::log_incomplete_beta(a, b, {x, 1 - x}));
}

/// x with I_x(a, b) = p: the quantile of Beta(a, b). a, b > 0, 0 <= p <= 1, else an error.
[[nodiscard]] inline double inverse_incomplete_beta(double a, double b, double p) {
  detail::check_beta(a, b, p);
  return p <= 0 || p >= 1 ? p : detail::beta_quantile(a, b, p).x;
}

}  // namespace papillon::privacy
