// SPDX-License-Identifier: MIT
/// \file signals.hpp
/// What a single image's logits z say about its membership, without other networks. p = softmax(z), y the label:
///   gap  [argmax z = y]     loss  log p_y     confidence  max_j log p_j     entropy  sum_j p_j log p_j
///   modified entropy  (1 - p_y) log p_y + sum_{j != y} p_j log(1 - p_j)     rescaled logit  log p_y - log(1 - p_y)
/// All are higher for members, double, and formed from logits, since probabilities near 0 and 1 have no digits left.
/// Yeom et al. 2018 (gap, loss), Salem et al. 2019 (confidence, entropy), Song and Mittal 2021 (modified entropy),
/// Carlini et al. 2022 (rescaled logit).
#pragma once

#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include <papillon/privacy/outputs.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

/// log sum_j exp z_j over all j but `without`, whatever the size of the z; -infinity over none.
inline double log_sum_exp(std::span<double const> z, std::size_t without = std::numeric_limits<std::size_t>::max()) {
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t j = 0; j < z.size(); ++j)
    if (j != without) largest = std::max(largest, z[j]);
  if (std::isinf(largest)) largest = 0;  // infinity less itself would not be a number
  double sum = 0;
  for (std::size_t j = 0; j < z.size(); ++j)
    if (j != without) sum += std::exp(z[j] - largest);
  return largest + std::log(sum);
}

/// log 1 / (1 + exp(-x)), exact to the last digits on both sides.
inline double log_logistic(double x) { return x > 0 ? -std::log1p(std::exp(-x)) : x - std::log1p(std::exp(x)); }

/// Of one query of one image.
struct class_probabilities {
  std::vector<double> log_p;      ///< log p_j
  std::vector<double> log_not_p;  ///< log(1 - p_j)
  std::size_t top = 0;            ///< the first class of the highest logit

  void assign(std::span<double const> z) {
    log_p.resize(z.size());
    log_not_p.resize(z.size());
    top = static_cast<std::size_t>(std::max_element(z.begin(), z.end()) - z.begin());
    // Only the top class can have a probability near 1. Its complement is summed; the others' are subtracted from 1.
    double const margin = z[top] - log_sum_exp(z, top);
    log_p[top] = log_logistic(margin);
    log_not_p[top] = log_logistic(-margin);
    for (std::size_t j = 0; j < z.size(); ++j) {
      if (j == top) continue;
      log_p[j] = z[j] - z[top] + log_p[top];
      log_not_p[j] = std::log1p(-std::exp(log_p[j]));
    }
  }
};

/// Calls signal(probabilities at the temperature, label) for each query of each image: [queries][images].
template <class Signal>
std::vector<double> for_each_output(outputs_view const& outputs, double temperature, Signal signal) {
  if (!(temperature > 0) || std::isinf(temperature))
    throw error(errc::usage, message("temperature ", temperature, " of a softmax (it must be positive)"));
  std::vector<double> values, z(outputs.classes());
  values.reserve(outputs.queries() * outputs.images());
  class_probabilities probabilities;
  for (std::size_t q = 0; q < outputs.queries(); ++q)
    for (std::size_t i = 0; i < outputs.images(); ++i) {
      outputs.copy_logits(q, i, z);
      for (double& logit : z) logit /= temperature;
      probabilities.assign(z);
      values.push_back(signal(probabilities, outputs.label(i)));
    }
  return values;
}

/// log p where it is multiplied by something that may be 0: never below log 1e-30.
inline double floored(double log_p) { return std::max(log_p, std::log(1e-30)); }

}  // namespace detail

/// Mean of values [queries][images] over the queries: [images].
[[nodiscard]] inline std::vector<double> mean_over_queries(std::span<double const> values, std::size_t queries) {
  if (queries == 0 || values.size() % queries != 0)
    throw error(errc::usage, message("a mean over ", queries, " queries of ", values.size(), " values (no multiple)"));
  std::vector<double> means(values.size() / queries);
  for (std::size_t v = 0; v < values.size(); ++v) means[v % means.size()] += values[v];
  for (double& m : means) m /= static_cast<double>(queries);
  return means;
}

/// log p_y of every query, [queries][images], by the softmax of z / temperature. What RMIA and calibration start from.
[[nodiscard]] inline std::vector<double> log_probabilities(outputs_view const& outputs, double temperature = 1) {
  auto const log_p = [](auto const& p, std::size_t y) { return p.log_p[y]; };
  return detail::for_each_output(outputs, temperature, log_p);
}

/// phi = log p_y - log(1 - p_y) of every query, [queries][images]. What LiRA starts from.
[[nodiscard]] inline std::vector<double> rescaled_logits(outputs_view const& outputs) {
  auto const phi = [](auto const& p, std::size_t y) { return p.log_p[y] - p.log_not_p[y]; };
  return detail::for_each_output(outputs, 1, phi);
}

/// 1 where the network names the label, else 0; mean over the queries, [images].
[[nodiscard]] inline std::vector<double> gap_scores(outputs_view const& outputs) {
  auto const right = [](auto const& p, std::size_t y) { return p.top == y ? 1.0 : 0.0; };
  return mean_over_queries(detail::for_each_output(outputs, 1, right), outputs.queries());
}

/// log p_y, minus the cross-entropy; mean over the queries, [images].
[[nodiscard]] inline std::vector<double> loss_scores(outputs_view const& outputs) {
  return mean_over_queries(log_probabilities(outputs), outputs.queries());
}

/// log max_j p_j; mean over the queries, [images].
[[nodiscard]] inline std::vector<double> confidence_scores(outputs_view const& outputs) {
  auto const highest = detail::for_each_output(outputs, 1, [](auto const& p, std::size_t) { return p.log_p[p.top]; });
  return mean_over_queries(highest, outputs.queries());
}

/// Minus the entropy of the probabilities; mean over the queries, [images].
[[nodiscard]] inline std::vector<double> entropy_scores(outputs_view const& outputs) {
  auto const negative = detail::for_each_output(outputs, 1, [](auto const& p, std::size_t) {
    double sum = 0;
    for (double log_p : p.log_p) sum += std::exp(log_p) * detail::floored(log_p);
    return sum;
  });
  return mean_over_queries(negative, outputs.queries());
}

/// Minus the modified entropy, which knows the label; probabilities are at least 1e-30 within a logarithm. Mean over
/// the queries, [images].
[[nodiscard]] inline std::vector<double> modified_entropy_scores(outputs_view const& outputs) {
  auto const negative = detail::for_each_output(outputs, 1, [](auto const& p, std::size_t y) {
    double sum = std::exp(p.log_not_p[y]) * detail::floored(p.log_p[y]);
    for (std::size_t j = 0; j < p.log_p.size(); ++j)
      if (j != y) sum += std::exp(p.log_p[j]) * detail::floored(p.log_not_p[j]);
    return sum;
  });
  return mean_over_queries(negative, outputs.queries());
}

/// phi = log p_y - log(1 - p_y); mean over the queries, [images]. With one query it orders images as loss_scores does.
[[nodiscard]] inline std::vector<double> rescaled_logit_scores(outputs_view const& outputs) {
  return mean_over_queries(rescaled_logits(outputs), outputs.queries());
}

/// A signal by the name that attacks have.
struct named_signal {
  std::string_view name;
  std::vector<double> (*scores)(outputs_view const&);
};
/// Those that rank images finely enough for a threshold; gap has two values.
inline constexpr named_signal graded_signals[] = {{"loss", loss_scores}, {"confidence", confidence_scores},
    {"entropy", entropy_scores}, {"modified-entropy", modified_entropy_scores}};

}  // namespace papillon::privacy
