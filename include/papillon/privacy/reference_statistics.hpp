// SPDX-License-Identifier: MIT
/// \file reference_statistics.hpp
/// How the references' values of one query scatter, image by image, on one side (IN or OUT), and over all images:
///   pooled variance  sum_i sum_r (v_ri - mean_i)^2 / (number of values - images with any)
///   total variance   mean over all values of (v_ri - mean of all)^2
/// A value that is not a number (a reference that diverged) makes all that depends on it NaN.
#pragma once

#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/references.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

struct reference_statistics {
  std::vector<std::size_t> count;  ///< [images], references on that side
  std::vector<double> mean;        ///< [images]; NaN without references
  std::vector<double> squares;     ///< [images], sum of squared deviations from the image's mean

  reference_statistics(references_view const& references, std::size_t query, reference_side side)
      : count(references.images()), mean(references.images()), squares(references.images()) {
    auto const for_each = [&](auto visit) {  // network by network: in the order in which the values lie
      for (std::size_t r = 0; r < references.networks(); ++r)
        for (std::size_t i = 0; i < references.images(); ++i)
          if (references.side(r, i) == side) visit(i, references.value(r, query, i));
    };
    for_each([this](std::size_t i, double v) {
      ++count[i];
      mean[i] += v;
    });
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] /= static_cast<double>(count[i]);
    for_each([this](std::size_t i, double v) { squares[i] += (v - mean[i]) * (v - mean[i]); });
  }

  /// Mean over images of the variance about their own means, each with one degree of freedom less than references.
  /// NaN where no image has two references.
  [[nodiscard]] double pooled_variance() const {
    double sum = 0;
    std::size_t freedom = 0;
    for (std::size_t i = 0; i < count.size(); ++i) {
      if (count[i] == 0) continue;
      sum += squares[i];
      freedom += count[i] - 1;
    }
    return freedom == 0 ? nan : sum / static_cast<double>(freedom);
  }

  /// Variance of all values of the side about their common mean; NaN without values.
  [[nodiscard]] double total_variance() const {
    double sum = 0, scatter = 0;
    std::size_t number = 0;
    for (std::size_t i = 0; i < count.size(); ++i) {
      if (count[i] == 0) continue;
      sum += mean[i] * static_cast<double>(count[i]);
      number += count[i];
    }
    double const centre = sum / static_cast<double>(number);
    for (std::size_t i = 0; i < count.size(); ++i)
      if (count[i] != 0)
        scatter += squares[i] + static_cast<double>(count[i]) * (mean[i] - centre) * (mean[i] - centre);
    return scatter / static_cast<double>(number);
  }
};

}  // namespace papillon::privacy
