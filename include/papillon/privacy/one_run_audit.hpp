// SPDX-License-Identifier: MIT
/// \file one_run_audit.hpp
/// A lower bound on epsilon from one training. Under (epsilon, delta)-differential privacy at least v right guesses out
/// of r about m canaries (canary_guesses.hpp) have at most the probability
///   beta + 2 m delta alpha,  beta = P[B >= v],  alpha = max over 1 <= i <= v of P[v > B >= v - i] / i,
/// B binomial with r trials of 1 / (1 + exp(-epsilon)). T. Steinke, M. Nasr, M. Jagielski, "Privacy auditing with one
/// (1) training run", 2023, section 5. An epsilon for which that is below 1 - level is refuted, with all below it.
#pragma once

#include <papillon/privacy/canary_guesses.hpp>
#include <papillon/privacy/crossing.hpp>
#include <papillon/privacy/incomplete_beta.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

inline void check_audit(double delta, double level) {
  if (!(delta >= 0 && delta < 1))
    throw error(errc::usage, message("no audit with delta ", delta, " (a probability below 1)"));
  if (!(level > 0 && level < 1))
    throw error(errc::usage, message("no audit at the level ", level, " (it lies between 0 and 1)"));
}

/// alpha: P[B = k] rises up to the mode and falls beyond, so going down from v - 1 the mean over i terms is largest
/// right before the first term that is below it.
inline double largest_mean_probability(double right, double guesses, complements p) {
  double const log_odds = std::log(p.x) - std::log(p.y), k = right - 1;
  double log_probability = std::lgamma(guesses + 1) - std::lgamma(k + 1) - std::lgamma(guesses - k + 1) +
                           k * std::log(p.x) + (guesses - k) * std::log(p.y);
  double sum = 0, mean = 0;
  for (double i = 1; i <= right; ++i) {  // P[B = right - i]
    double const probability = std::exp(log_probability);
    if (probability < mean) break;
    sum += probability;
    mean = sum / i;
    log_probability += std::log((right - i) / (guesses - right + i + 1)) - log_odds;
  }
  return mean;
}

}  // namespace detail

/// Largest probability of at least as many right guesses under (epsilon, delta)-differential privacy, at most 1.
/// epsilon >= 0, 0 <= delta < 1, else an error.
[[nodiscard]] inline double one_run_p_value(canary_guesses const& g, double epsilon, double delta) {
  detail::check_guesses(g);
  detail::check_audit(delta, 0.5);
  if (!(epsilon >= 0)) throw error(errc::usage, message("no audit of epsilon ", epsilon, " (it is not negative)"));
  if (g.right == 0) return 1;
  auto const v = static_cast<double>(g.right), r = static_cast<double>(g.guesses);
  detail::complements const p{1 / (1 + std::exp(-epsilon)), 1 / (1 + std::exp(epsilon))};
  double const beta = std::exp(detail::log_incomplete_beta(v, r - v + 1, p));
  if (delta == 0 || p.y == 0) return beta;
  return std::min(1.0, beta + 2 * static_cast<double>(g.canaries) * delta * detail::largest_mean_probability(v, r, p));
}

/// The bound: with the chance `level` or more, a training that is (epsilon, delta)-private has an epsilon of at least
/// this, from below; 0 if nothing is refuted.
[[nodiscard]] inline double one_run_epsilon(canary_guesses const& g, double delta, double level = 0.95) {
  detail::check_audit(delta, level);
  auto const refuted = [&](double epsilon) { return one_run_p_value(g, epsilon, delta) < 1 - level; };
  return refuted(0) ? find_crossing(refuted).below : 0;
}

/// The best bound of several numbers of guesses about the same canaries. Taking the best is a test of its own, so that
/// each is held at 1 - (1 - level) / their number. 0 of none.
[[nodiscard]] inline double one_run_epsilon(std::span<canary_guesses const> tried, double delta, double level = 0.95) {
  double best = 0;
  for (auto const& g : tried)
    best = std::max(best, one_run_epsilon(g, delta, 1 - (1 - level) / static_cast<double>(tried.size())));
  return best;
}

}  // namespace papillon::privacy
