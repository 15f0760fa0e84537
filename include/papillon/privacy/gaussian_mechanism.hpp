// SPDX-License-Identifier: MIT
/// \file gaussian_mechanism.hpp
/// Gaussian differential privacy, exactly: telling two data sets apart is as hard as telling N(0, 1) from N(mu, 1), as
/// where a sum of norm at most 1 is released once with noise of deviation 1 / mu. Then
///   delta(epsilon) = Phi(-epsilon / mu + mu / 2) - exp(epsilon) Phi(-epsilon / mu - mu / 2).
/// B. Balle, Y. Wang, "Improving the Gaussian mechanism for differential privacy", 2018, theorem 8; J. Dong, A. Roth,
/// W. Su, "Gaussian differential privacy", 2022, corollary 2.13.
#pragma once

#include <papillon/privacy/crossing.hpp>
#include <papillon/privacy/intervals.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// The smallest delta with which mu-Gaussian differential privacy is (epsilon, delta)-private. mu, epsilon >= 0, else
/// an error.
[[nodiscard]] inline double gaussian_delta(double mu, double epsilon) {
  if (!(mu >= 0 && epsilon >= 0))
    throw error(
        errc::usage, message("no Gaussian privacy of mu = ", mu, " at epsilon = ", epsilon, " (neither is negative)"));
  if (mu == 0) return 0;
  if (std::isinf(mu)) return std::isinf(epsilon) ? 0 : 1;
  double const log_first = log_normal_cdf(mu / 2 - epsilon / mu);
  double const log_ratio = epsilon + log_normal_cdf(-mu / 2 - epsilon / mu) - log_first;
  return log_ratio < 0 ? std::exp(log_first) * -std::expm1(log_ratio) : 0;
}

/// The smallest epsilon with which mu-Gaussian differential privacy is (epsilon, delta)-private, from above. mu >= 0,
/// 0 < delta < 1, else an error.
[[nodiscard]] inline double gaussian_epsilon(double mu, double delta) {
  detail::check_probability(delta);
  if (gaussian_delta(mu, 0) <= delta) return 0;
  if (std::isinf(mu)) return mu;
  return find_crossing([&](double epsilon) { return gaussian_delta(mu, epsilon) > delta; }).above;
}

}  // namespace papillon::privacy
