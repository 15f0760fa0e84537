// SPDX-License-Identifier: MIT
/// \file student.hpp
/// LiRA for few references. The normal distribution of lira.hpp takes estimates for the truth; here phi is judged by
/// the predictive distribution of one more reference, given n, under a flat prior on the mean and a scaled inverse
/// chi-square prior (nu0, the pooled variance s_p^2) on the variance: Student's t with nu = nu0 + n - 1 degrees of
/// freedom, centre the mean, scale^2 = (nu0 s_p^2 + sum of squares) / nu (1 + 1/n). Gelman et al. 2013, section 3.3.
#pragma once

#include <papillon/privacy/lira.hpp>
#include <papillon/privacy/student_t.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Strength of the prior on the variance: it counts as that many references would.
inline constexpr double default_prior_freedom = 4;

/// The predictive distribution after `count` values of the given mean and sum of squared deviations from it.
/// Undefined (NaN) without a value.
[[nodiscard]] inline student_t predictive_distribution(
    std::size_t count, double mean, double squares, double prior_variance, double prior_freedom) {
  auto const n = static_cast<double>(count);
  double const freedom = prior_freedom + n - 1;
  return {freedom, mean, std::sqrt((prior_freedom * prior_variance + squares) / freedom * (1 + 1 / n))};
}

namespace detail {

/// The predictive distribution of each image's phi on one side.
inline std::vector<student_t> fit_students(
    references_view const& references, std::size_t query, reference_side side, double prior_freedom) {
  if (!(prior_freedom > 0))
    throw error(errc::usage, message("prior degrees of freedom ", prior_freedom, " (they must be positive)"));
  reference_statistics const s(references, query, side);
  double const deviation = common_deviation(s.pooled_variance(), side);
  std::vector<student_t> fit;
  for (std::size_t i = 0; i < s.count.size(); ++i)
    fit.push_back(predictive_distribution(s.count[i], s.mean[i], s.squares[i], deviation * deviation, prior_freedom));
  return fit;
}

}  // namespace detail

/// Online scores [images] of a target's phi [queries][images]: the difference of the log densities. NaN, so never a
/// member, where an image has no IN or no OUT reference; one on a side is enough. Throws papillon::error (usage) if the
/// numbers of target and references differ, or no image has two references on a side.
[[nodiscard]] inline std::vector<double> student_online(
    std::span<double const> phi, references_view const& references, double prior_freedom = default_prior_freedom) {
  auto const scores_of = [&](std::size_t q, std::span<double const> of_query) {
    auto const in = detail::fit_students(references, q, reference_side::in, prior_freedom);
    auto const out = detail::fit_students(references, q, reference_side::out, prior_freedom);
    std::vector<double> scores(of_query.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
      scores[i] = in[i].log_density(of_query[i]) - out[i].log_density(of_query[i]);
    return scores;
  };
  return detail::average_queries(phi, references, scores_of);
}

/// Offline scores [images], the log distribution function of OUT references; NaN and errors as above.
[[nodiscard]] inline std::vector<double> student_offline(
    std::span<double const> phi, references_view const& references, double prior_freedom = default_prior_freedom) {
  auto const scores_of = [&](std::size_t q, std::span<double const> of_query) {
    auto const out = detail::fit_students(references, q, reference_side::out, prior_freedom);
    std::vector<double> scores(of_query.size());
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = out[i].log_cdf(of_query[i]);
    return scores;
  };
  return detail::average_queries(phi, references, scores_of);
}

}  // namespace papillon::privacy
