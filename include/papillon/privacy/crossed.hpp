// SPDX-License-Identifier: MIT
/// \file crossed.hpp
/// Uncertainty where every seed sees the same images: both are samples, crossed, not nested. The variance of a mean is
/// V_S + V_I - V_SI, that of seeds and of images each count the noise of single cells once, hence the correction. For
/// what is no mean the bootstrap resamples seeds and, independently, images, the same images for every seed:
/// P. McCullagh, "Resampling and exchangeable arrays", Bernoulli 6 (2000), and A. Owen, Ann. Appl. Stat. 1 (2007).
#pragma once

#include <cstdint>

#include <papillon/privacy/statistics.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// The mean of a table, a row a seed, a column an image, and the parts of its variance.
struct crossed_mean {
  double mean = nan;
  double seed_variance = nan;      ///< V_S = s^2(row means) / seeds; NaN of one seed
  double image_variance = nan;     ///< V_I = s^2(column means) / images; NaN of one image
  double residual_variance = nan;  ///< V_SI = mean square of what rows and columns leave / (seeds images)
  std::size_t seeds = 0, images = 0;

  /// V_S + V_I - V_SI, but not below V_S or V_I.
  [[nodiscard]] double variance() const {
    double const v = seed_variance + image_variance - residual_variance;
    return std::isnan(v) ? nan : std::max({v, seed_variance, image_variance});
  }

  /// t interval, seeds - 1 degrees of freedom.
  [[nodiscard]] interval limits(double level = 0.95) const {
    return mean_estimate{mean, std::sqrt(variance()), seeds}.limits(level);
  }
};

/// values[s * images + i]: image i under seed s, all of them known. An error where they fill no such table.
[[nodiscard]] inline crossed_mean estimate_crossed_mean(std::span<double const> values, std::size_t seeds) {
  if (seeds == 0 || values.empty() || values.size() % seeds != 0)
    throw error(errc::usage, message(values.size(), " values are no table (its rows are ", seeds, " seeds)"));
  if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); }))
    throw error(errc::usage, "no crossed mean (a value is missing); leave out its seed or its image");
  std::size_t const images = values.size() / seeds;
  auto const S = static_cast<double>(seeds), n = static_cast<double>(images);
  std::vector<double> rows(seeds), columns(images);
  for (std::size_t s = 0; s < seeds; ++s)
    for (std::size_t i = 0; i < images; ++i) {
      rows[s] += values[s * images + i] / n;
      columns[i] += values[s * images + i] / S;
    }
  auto const by_seed = estimate_mean(rows), by_image = estimate_mean(columns);
  auto const squared = [](double x) { return x * x; };
  crossed_mean r{by_seed.mean, squared(by_seed.standard_error), squared(by_image.standard_error), nan, seeds, images};
  double squares = 0;
  for (std::size_t s = 0; s < seeds; ++s)
    for (std::size_t i = 0; i < images; ++i) squares += squared(values[s * images + i] - rows[s] - columns[i] + r.mean);
  if (seeds > 1 && images > 1) r.residual_variance = squares / ((S - 1) * (n - 1) * S * n);
  return r;
}

struct bootstrap_options {
  std::uint32_t resamples = 2000;
  double level = 0.95;
  std::uint64_t seed = 0;  ///< of the random numbers
};

/// Percentile interval and deviation of a statistic over the resamples in which it exists.
struct bootstrap_estimate {
  interval limits;
  double standard_error = nan;
  std::size_t resamples = 0;
};

namespace detail {

/// How often each of weights.size() things is drawn in as many draws with replacement.
inline void draw_with_replacement(random::engine engine, std::span<std::uint32_t> weights) {
  std::fill(weights.begin(), weights.end(), 0u);
  auto const n = static_cast<std::uint32_t>(weights.size());
  for (std::uint32_t i = 0; i < n; ++i) ++weights[random::below(engine, n)];
}

}  // namespace detail

/// statistic(seed_weights, image_weights), spans of how often each seed and each image is drawn, is called a resample;
/// it returns a number, NaN where there is none (no member was drawn, say). Resample b draws the same for the same
/// number of seeds and the same number of images whatever the statistic: those of several configurations are paired.
/// `images` may be 0, to resample seeds alone.
template <class Statistic>
[[nodiscard]] bootstrap_estimate crossed_bootstrap(
    std::size_t seeds, std::size_t images, Statistic&& statistic, bootstrap_options const& options = {}) {
  detail::check_probability(options.level);
  std::vector<std::uint32_t> seed_weights(seeds), image_weights(images);
  std::vector<double> values;
  random::stream const stream{options.seed, 0, random::purpose::resampling, 0};
  for (std::uint32_t b = 0; b < options.resamples; ++b) {
    detail::draw_with_replacement(random::engine(stream, b, 0), seed_weights);
    detail::draw_with_replacement(random::engine(stream, b, 1), image_weights);
    double const value =
        statistic(std::span<std::uint32_t const>(seed_weights), std::span<std::uint32_t const>(image_weights));
    if (!std::isnan(value)) values.push_back(value);
  }
  double const tail = (1 - options.level) / 2;
  auto const spread = estimate_mean(values);
  return {{quantile(values, tail), quantile(values, 1 - tail)},
      spread.standard_error * std::sqrt(static_cast<double>(values.size())), values.size()};
}

}  // namespace papillon::privacy
