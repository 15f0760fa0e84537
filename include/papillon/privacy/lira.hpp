// SPDX-License-Identifier: MIT
/// \file lira.hpp
/// LiRA, the likelihood ratio attack: is an image's phi (rescaled logit) one of a network trained on the image, or not?
/// With the centre and deviation of phi over the IN and over the OUT references, for each image:
///   online   log N(phi; mu_in, s_in^2) - log N(phi; mu_out, s_out^2)     offline   log Phi((phi - mu_out) / s_out)
/// Scores of several queries are averaged. Carlini et al. 2022, "Membership inference attacks from first principles".
#pragma once

#include <numbers>

#include <papillon/privacy/reference_statistics.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Which deviation an image's phi has on one side.
enum class lira_variance {
  automatic,  ///< pooled below 64 references, from there on that of the image
  pooled,     ///< one for all images, about each image's own mean
  example,    ///< the image's own (divisor n), at least 0.001; needs two references a side
  total,      ///< one for all images, about the mean of all: "fixed" in Carlini et al.
};

enum class lira_centre { mean, median };

/// The offline score: the share of OUT networks below phi, or minus the log density, which takes an unusually low phi
/// for membership too and is for comparison only.
enum class lira_offline_score { one_sided, two_sided };

struct lira_settings {
  lira_variance variance = lira_variance::automatic;
  lira_centre centre = lira_centre::mean;
  lira_offline_score offline = lira_offline_score::one_sided;
};

namespace detail {

inline double log_normal_density(double x, double centre, double deviation) {
  double const z = (x - centre) / deviation;
  return -z * z / 2 - std::log(deviation) - std::log(2 * std::numbers::pi) / 2;
}

/// The normal distribution of each image's phi on one side.
struct reference_normals {
  std::vector<double> centre;     ///< [images]; NaN without references
  std::vector<double> deviation;  ///< [images]; NaN where the image has too few references for its own

  [[nodiscard]] double log_density(std::size_t i, double phi) const {
    return log_normal_density(phi, centre[i], deviation[i]);
  }
  [[nodiscard]] double log_cdf(std::size_t i, double phi) const {
    return log_normal_cdf((phi - centre[i]) / deviation[i]);
  }
};

/// Median of each image's values on one side, the mean of the middle two for an even number; NaN without values.
inline std::vector<double> reference_medians(
    references_view const& references, std::size_t query, reference_side side) {
  std::vector<double> medians(references.images()), values;
  for (std::size_t i = 0; i < medians.size(); ++i) {
    values.clear();
    for (std::size_t r = 0; r < references.networks(); ++r)
      if (references.side(r, i) == side) values.push_back(references.value(r, query, i));
    if (values.empty() || std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) {
      medians[i] = nan;
      continue;
    }
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    medians[i] = values.size() % 2 == 1 ? *middle : (*std::max_element(values.begin(), middle) + *middle) / 2;
  }
  return medians;
}

/// A deviation that all images share; throws papillon::error (usage) unless it is positive.
inline double common_deviation(double variance, reference_side side) {
  if (variance > 0) return std::sqrt(variance);
  throw error(errc::usage, message("the ", side == reference_side::in ? "IN" : "OUT",
                               " references have no common deviation (their variance is ", variance,
                               ": too few, all alike, or one of them diverged) give more references"));
}

inline reference_normals fit_normals(
    references_view const& references, std::size_t query, reference_side side, lira_settings const& settings) {
  reference_statistics const s(references, query, side);
  reference_normals fit{s.mean, std::vector<double>(s.mean.size())};
  if (settings.centre == lira_centre::median) fit.centre = reference_medians(references, query, side);
  auto variance = settings.variance;
  if (variance == lira_variance::automatic)
    variance = references.networks() < 64 ? lira_variance::pooled : lira_variance::example;
  if (variance == lira_variance::example) {
    constexpr double floor = 1e-3;
    for (std::size_t i = 0; i < s.count.size(); ++i)
      fit.deviation[i] =
          s.count[i] < 2 ? nan : std::max(std::sqrt(s.squares[i] / static_cast<double>(s.count[i])), floor);
  } else {
    double const common = variance == lira_variance::pooled ? s.pooled_variance() : s.total_variance();
    std::fill(fit.deviation.begin(), fit.deviation.end(), common_deviation(common, side));
  }
  return fit;
}

}  // namespace detail

/// Online scores [images] of a target's phi [queries][images]. NaN, so never a member, where an image has no IN or no
/// OUT reference (with its own deviation: fewer than two). Throws papillon::error (usage) if the numbers of target and
/// references differ, or a deviation for all images is asked for and there is none.
[[nodiscard]] inline std::vector<double> lira_online(
    std::span<double const> phi, references_view const& references, lira_settings const& settings = {}) {
  auto const scores_of = [&](std::size_t q, std::span<double const> of_query) {
    auto const in = detail::fit_normals(references, q, reference_side::in, settings);
    auto const out = detail::fit_normals(references, q, reference_side::out, settings);
    std::vector<double> scores(of_query.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
      scores[i] = in.log_density(i, of_query[i]) - out.log_density(i, of_query[i]);
    return scores;
  };
  return detail::average_queries(phi, references, scores_of);
}

/// Offline scores [images], from OUT references alone; NaN and errors as above.
[[nodiscard]] inline std::vector<double> lira_offline(
    std::span<double const> phi, references_view const& references, lira_settings const& settings = {}) {
  auto const scores_of = [&](std::size_t q, std::span<double const> of_query) {
    auto const out = detail::fit_normals(references, q, reference_side::out, settings);
    std::vector<double> scores(of_query.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
      scores[i] = settings.offline == lira_offline_score::one_sided ? out.log_cdf(i, of_query[i])
                                                                    : -out.log_density(i, of_query[i]);
    return scores;
  };
  return detail::average_queries(phi, references, scores_of);
}

}  // namespace papillon::privacy
