// SPDX-License-Identifier: MIT
/// \file thresholds.hpp
/// The simplest attacks, as baselines: an image is a member where the loss of its true class is low, or where the
/// prediction is confident. The threshold is the one that is best on the shadow network's members and non-members.
/// Both read the probabilities and the class out of the attack features, see features.hpp for the columns.
#pragma once

#include <algorithm>
#include <cmath>

#include <xtensor/xtensor.hpp>

#include <papillon/privacy/attack_result.hpp>
#include <papillon/privacy/metrics.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Logarithm of the probability of a class, accurate for probabilities near 1 as well, where float32 has no more
/// digits: there it is taken from the sum of the other probabilities.
[[nodiscard]] inline double log_probability(std::span<float const> probabilities, std::size_t which) {
  double others = 0;
  for (std::size_t j = 0; j < probabilities.size(); ++j)
    if (j != which) others += static_cast<double>(probabilities[j]);
  auto const p = static_cast<double>(probabilities[which]);
  return p < 0.5 ? std::log(p) : std::log1p(-std::min(others, 0.5));
}

namespace detail {

/// A score for each row of features: the log-probability of the class that `choose(probabilities, one-hot)` names.
template <class Choose> std::vector<double> log_probabilities(xt::xtensor<float, 2> const& features, Choose choose) {
  std::size_t const classes = features.shape(1) / 3;
  std::vector<double> scores(features.shape(0));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    std::span const row(features.data() + i * 3 * classes, 3 * classes);
    auto const probabilities = row.first(classes);
    scores[i] = log_probability(probabilities, choose(probabilities, row.last(classes)));
  }
  return scores;
}

inline std::size_t largest(std::span<float const> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

}  // namespace detail

/// Minus the cross-entropy of the true class, for each row of features: high for members.
[[nodiscard]] inline std::vector<double> loss_scores(xt::xtensor<float, 2> const& features) {
  return detail::log_probabilities(
      features, [](auto, auto one_hot) { return detail::largest(one_hot); });
}

/// Logarithm of the highest probability, for each row of features: high for members.
[[nodiscard]] inline std::vector<double> confidence_scores(xt::xtensor<float, 2> const& features) {
  return detail::log_probabilities(
      features, [](auto probabilities, auto) { return detail::largest(probabilities); });
}

/// The threshold that is best on the shadow, applied to the target; and, as an oracle, the best one on the target
/// itself.
[[nodiscard]] inline threshold_result threshold_attack(std::span<double const> shadow_scores,
    std::span<std::uint8_t const> shadow_members, std::span<double const> target_scores,
    std::span<std::uint8_t const> target_members) {
  threshold_result r;
  double const threshold = best_threshold(shadow_scores, shadow_members).threshold;
  r.target = evaluate_attack(target_scores, target_members, threshold);
  r.oracle_accuracy = best_threshold(target_scores, target_members).accuracy;
  return r;
}

}  // namespace papillon::privacy
