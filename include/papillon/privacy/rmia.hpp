// SPDX-License-Identifier: MIT
/// \file rmia.hpp
/// RMIA, the robust membership inference attack: ratio_x = p_y(x; target) / P(x), against the ratios of a population.
///   online   P(x) = mean of p_y(x) over all references, half of them IN
///   offline  P(x) = ((1 + a) q + 1 - a) / 2, q the mean of p_y(x) over OUT references
/// For one target the order of images is that of ratio_x: its logarithm is the score; the population only makes a
/// threshold that carries over to other targets. Everything starts from log p_y, at any temperature (log_probabilities
/// in signals.hpp). Zarifzadeh et al. 2024, "Low-cost high-power membership inference attacks".
#pragma once

#include <numbers>

#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/references.hpp>
#include <papillon/privacy/signals.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// How much more likely a network trained on an image is thought to find it, where no such network is at hand: 0 to 1,
/// 1 for not at all.
inline constexpr double default_rmia_a = 0.3;

namespace detail {

/// log of the mean of exp(value) over an image's references on the given sides; NaN without any.
inline double log_mean_probability(
    references_view const& references, std::size_t query, std::size_t image, bool in, std::vector<double>& values) {
  values.clear();
  for (std::size_t r = 0; r < references.networks(); ++r)
    if (in || references.side(r, image) == reference_side::out) values.push_back(references.value(r, query, image));
  if (values.empty()) return nan;
  return log_sum_exp(values) - std::log(static_cast<double>(values.size()));
}

/// Whether an image has references on both sides, or is known to be in none.
inline bool balanced(references_view const& references, std::size_t image) {
  if (!references.knows_keep()) return true;
  bool has[2] = {};
  for (std::size_t r = 0; r < references.networks(); ++r)
    has[static_cast<std::size_t>(references.side(r, image))] = true;
  return has[0] && has[1];
}

}  // namespace detail

/// log ratio_x [images] of a target's log p_y [queries][images], online; mean over the queries. Where it is said which
/// references were trained on which image, NaN (never a member) for images with no IN or no OUT reference: P(x) would
/// lean to one side. For a population, which no network was trained on, give references without `keep`.
/// Throws papillon::error (usage) if target and references differ in size.
[[nodiscard]] inline std::vector<double> rmia_online(
    std::span<double const> log_probabilities, references_view const& references) {
  std::vector<double> values;
  auto const scores_of = [&](std::size_t q, std::span<double const> of_query) {
    std::vector<double> ratios(of_query.size());
    for (std::size_t i = 0; i < ratios.size(); ++i)
      ratios[i] = detail::balanced(references, i)
                      ? of_query[i] - detail::log_mean_probability(references, q, i, true, values)
                      : nan;
    return ratios;
  };
  return detail::average_queries(log_probabilities, references, scores_of);
}

/// log ratio_x [images], offline; NaN for images without OUT reference. Throws papillon::error (usage) if target and
/// references differ in size, or unless 0 <= a <= 1.
[[nodiscard]] inline std::vector<double> rmia_offline(
    std::span<double const> log_probabilities, references_view const& references, double a = default_rmia_a) {
  if (!(a >= 0 && a <= 1)) throw error(errc::usage, message("a = ", a, " of RMIA (it must be from 0 to 1)"));
  std::vector<double> values;
  auto const scores_of = [&](std::size_t q, std::span<double const> of_query) {
    std::vector<double> ratios(of_query.size());
    for (std::size_t i = 0; i < ratios.size(); ++i) {
      double const log_q = detail::log_mean_probability(references, q, i, false, values);
      double const terms[] = {std::log1p(a) + log_q, std::log1p(-a)};  // of 2 P(x); at a = 1 the second is log 0
      ratios[i] = std::isnan(log_q) ? nan : of_query[i] - detail::log_sum_exp(terms) + std::numbers::ln2;
    }
    return ratios;
  };
  return detail::average_queries(log_probabilities, references, scores_of);
}

/// RMIA's own score [images]: the share of the population with ratio_x / ratio_z >= gamma, for log ratios of the images
/// and of the population, formed alike. A ratio that is no number is below all others, and beats none.
/// Time O((n + m) log m). Throws papillon::error (usage) if the population is empty or gamma not positive.
[[nodiscard]] inline std::vector<double> rmia_population_scores(
    std::span<double const> log_ratios, std::span<double const> population, double gamma = 1) {
  if (population.empty() || !(gamma > 0))
    throw error(errc::usage,
        message("RMIA: a population of ", population.size(), " images and gamma ", gamma, " (both must be positive)"));
  std::vector<double> sorted(population.begin(), population.end());
  for (double& ratio : sorted)
    if (std::isnan(ratio)) ratio = -std::numeric_limits<double>::infinity();
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> scores(log_ratios.size(), 0.0);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(log_ratios[i])) continue;
    auto const above = std::upper_bound(sorted.begin(), sorted.end(), log_ratios[i] - std::log(gamma));
    scores[i] = static_cast<double>(above - sorted.begin()) / static_cast<double>(sorted.size());
  }
  return scores;
}

/// The a of 0, 0.1, ..., 1 with which the offline attack on a network whose members are known (the shadow, never the
/// target) has the highest area under the ROC curve; of equals, the lowest. Throws papillon::error (usage) if sizes
/// differ, or without members or others.
[[nodiscard]] inline double choose_rmia_a(std::span<double const> log_probabilities, references_view const& references,
    std::span<std::uint8_t const> members) {
  double best_a = nan, best_auc = -1;
  for (int tenth = 0; tenth <= 10; ++tenth) {
    double const a = tenth / 10.0;
    auto const ratios = rmia_offline(log_probabilities, references, a);
    double const auc = evaluate_attack(std::span<double const>(ratios), members, 0.0).auc;
    if (!(auc > best_auc)) continue;
    best_a = a;
    best_auc = auc;
  }
  if (std::isnan(best_a)) throw error(errc::usage, "choosing RMIA's a needs members and others (one side is empty)");
  return best_a;
}

}  // namespace papillon::privacy
