// SPDX-License-Identifier: MIT
/// \file gaussian_audit.hpp
/// The audit of one training where the claim is Gaussian differential privacy (gaussian_mechanism.hpp), which says more
/// than one epsilon and delta and is refuted more easily. With b(x) = Phi(Phi^-1(x) - mu), c right of c' guesses about
/// m canaries: r = (1 - level) c / m, h = (1 - level) (c' - c) / m; for i = c - 1, ..., 0: h' = max(h, b(r)), r <- r +
/// i / (c' - i) (h' - h), h <- h'. mu is refuted if r + h > c' / m. S. Mahloujifar, L. Melis, K. Chaudhuri, "Auditing
/// f-differential privacy in one run", 2025.
#pragma once

#include <papillon/privacy/canary_guesses.hpp>
#include <papillon/privacy/crossing.hpp>
#include <papillon/privacy/gaussian_mechanism.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Whether so many right guesses refute mu-Gaussian differential privacy; mu >= 0, else an error.
[[nodiscard]] inline bool gaussian_privacy_refuted(canary_guesses const& g, double mu, double level = 0.95) {
  detail::check_guesses(g);
  detail::check_probability(level);
  if (!(mu >= 0)) throw error(errc::usage, message("no Gaussian privacy of mu = ", mu, " (it is not negative)"));
  if (g.right == 0) return false;
  auto const m = static_cast<double>(g.canaries), guesses = static_cast<double>(g.guesses),
             right = static_cast<double>(g.right), most = guesses / m;
  double r = (1 - level) * right / m, h = (1 - level) * (guesses - right) / m;
  for (double i = right - 1; i >= 0 && r + h <= most; --i) {  // neither r nor h ever falls
    double const next = std::max(h, normal_distribution(normal_quantile(r) - mu));
    r += i / (guesses - i) * (next - h);
    h = next;
  }
  return r + h > most;
}

/// The largest mu that is refuted, from below; 0 if none is.
[[nodiscard]] inline double gaussian_audit(canary_guesses const& g, double level = 0.95) {
  auto const refuted = [&](double mu) { return gaussian_privacy_refuted(g, mu, level); };
  return refuted(0) ? find_crossing(refuted).below : 0;
}

}  // namespace papillon::privacy
