// SPDX-License-Identifier: MIT
/// \file memorisation.hpp
/// How much a network has to be trained on an image to be right on it: the share of IN references that are right minus
/// the share p of OUT references that are. Standard error sqrt(p(1-p)/n_in + q(1-q)/n_out).
/// Feldman 2020, "Does learning require memorization?"; Feldman and Zhang 2020.
#pragma once

#include <cmath>

#include <papillon/privacy/reference_statistics.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

struct memorisation {
  std::vector<double> values;           ///< [images], -1 to 1; NaN where an image has no IN or no OUT reference
  std::vector<double> standard_errors;  ///< [images]
  double mean;                          ///< over the values that exist; NaN if none does
  double share_memorised;               ///< of them, the share above 0.25

  static constexpr double memorised_from = 0.25;

  /// Of each reference and image, 1 where the reference is right and 0 where not (gap_scores); with several queries,
  /// their mean is the share for an image and reference.
  explicit memorisation(references_view const& right);
};

inline memorisation::memorisation(references_view const& right)
    : values(right.images()), standard_errors(right.images()), mean(0), share_memorised(0) {
  double existing = 0;
  for (std::size_t i = 0; i < right.images(); ++i) {
    double count[2] = {}, sum[2] = {};
    for (std::size_t r = 0; r < right.networks(); ++r) {
      auto const side = static_cast<std::size_t>(right.side(r, i));
      count[side] += 1;
      for (std::size_t q = 0; q < right.queries(); ++q)
        sum[side] += right.value(r, q, i) / static_cast<double>(right.queries());
    }
    double const q = sum[0] / count[0], p = sum[1] / count[1];
    values[i] = p - q;
    standard_errors[i] = std::sqrt(p * (1 - p) / count[1] + q * (1 - q) / count[0]);
    if (std::isnan(values[i])) continue;
    existing += 1;
    mean += values[i];
    share_memorised += values[i] > memorised_from ? 1 : 0;
  }
  mean /= existing;
  share_memorised /= existing;
}

}  // namespace papillon::privacy
