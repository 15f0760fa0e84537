// SPDX-License-Identifier: MIT
/// \file trade_off.hpp
/// What a configuration pays in accuracy for its defence, against the dense network (a0, d0): the signed ratio of
/// relative changes, ((d - d0) / d0) (a0 / |a - a0|), and the line through the dense point closest to all
/// configurations in least squares, slope sum (a - a0)(d - d0) / sum (a - a0)^2, with the share 1 - SS_res / SS_dense
/// of the squares about the dense defence that it explains and an interval by resampled seeds.
#pragma once

#include <papillon/privacy/crossed.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Accuracy and defence of one network, %; NaN: missing.
struct trade_off {
  double accuracy = nan, defence = nan;
};

/// Relative change of defence for a relative change of accuracy, negative where the defence falls. NaN where |a - a0|
/// is below its standard error, or that is NaN: a change that cannot be told from 0 is nothing to divide by.
[[nodiscard]] inline double signed_ratio(trade_off point, trade_off dense, double accuracy_standard_error) noexcept {
  double const paid = std::abs(point.accuracy - dense.accuracy);
  if (!(paid > 0 && paid >= accuracy_standard_error) || dense.defence == 0) return nan;
  return (point.defence - dense.defence) / dense.defence * (dense.accuracy / paid);
}

/// The line through the dense point.
struct trade_off_line {
  double slope = nan;      ///< points of defence a point of accuracy; NaN where no accuracy differs from the dense one
  double explained = nan;  ///< share, 0 to 1; NaN where no defence differs from the dense one
  interval limits;         ///< of the slope
  std::size_t count = 0;   ///< configurations
};

namespace detail {

/// Slope, explained share and count of points; `limits` stays empty.
inline trade_off_line line_through(trade_off dense, std::span<trade_off const> points) {
  double products = 0, squares = 0, heights = 0, residuals = 0;
  trade_off_line r;
  auto const for_each_known = [&](auto visit) {
    for (auto const& p : points) {
      double const da = p.accuracy - dense.accuracy, dd = p.defence - dense.defence;
      if (!std::isnan(da) && !std::isnan(dd)) visit(da, dd);
    }
  };
  for_each_known([&](double da, double dd) {
    products += da * dd;
    squares += da * da;
    heights += dd * dd;
    ++r.count;
  });
  if (!(squares > 0)) return r;
  r.slope = products / squares;
  for_each_known([&](double da, double dd) { residuals += (dd - r.slope * da) * (dd - r.slope * da); });
  if (heights > 0) r.explained = 1 - residuals / heights;
  return r;
}

/// Mean of the seeds of one configuration, each as often as drawn; seeds that miss a number are left out.
inline trade_off weighted_mean(std::span<trade_off const> by_seed, std::span<std::uint32_t const> weights) {
  double accuracy = 0, defence = 0, total = 0;
  for (std::size_t s = 0; s < by_seed.size(); ++s) {
    if (std::isnan(by_seed[s].accuracy) || std::isnan(by_seed[s].defence)) continue;
    double const w = weights[s];
    accuracy += w * by_seed[s].accuracy;
    defence += w * by_seed[s].defence;
    total += w;
  }
  return {accuracy / total, defence / total};
}

}  // namespace detail

/// The line through the means over seeds: dense[s], and configurations[c * seeds + s] of configuration c, seeds the
/// number of dense points. Its interval resamples seeds, the same for all configurations; it needs two. An error where
/// the points fill no such table.
[[nodiscard]] inline trade_off_line fit_line_through(std::span<trade_off const> dense,
    std::span<trade_off const> configurations, bootstrap_options const& options = {}) {
  std::size_t const seeds = dense.size();
  if (seeds == 0 || configurations.size() % seeds != 0)
    throw error(errc::usage,
        message(configurations.size(), " points are no table (its rows are configurations of ", seeds, " seeds)"));
  std::vector<trade_off> means(configurations.size() / seeds);
  auto const fit = [&](std::span<std::uint32_t const> weights) {
    for (std::size_t c = 0; c < means.size(); ++c)
      means[c] = detail::weighted_mean(configurations.subspan(c * seeds, seeds), weights);
    return detail::line_through(detail::weighted_mean(dense, weights), means);
  };
  auto r = fit(std::vector<std::uint32_t>(seeds, 1u));
  if (seeds > 1)
    r.limits = crossed_bootstrap(
        seeds, 0, [&](auto weights, auto) { return fit(weights).slope; }, options)
                   .limits;
  return r;
}

}  // namespace papillon::privacy
