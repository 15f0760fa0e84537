// SPDX-License-Identifier: MIT
/// \file feature_scaling.hpp
/// How a discriminator sees its features: (x - shift) * scale, column by column.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/privacy/samples.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

struct feature_scaling {
  std::vector<float> shift, scale;

  /// Of `width` columns as they are.
  explicit feature_scaling(std::size_t width) : shift(width), scale(width, 1.0f) {}
  /// To mean 0 and deviation 1 over the given rows, a constant column to 0.
  feature_scaling(samples const& data, std::span<std::uint32_t const> rows) : feature_scaling(data.width()) {
    for (std::size_t j = 0; j < data.width(); ++j) {
      double sum = 0, squares = 0;
      for (auto r : rows) sum += static_cast<double>(data.features(r, j));
      double const mean = sum / static_cast<double>(rows.size());
      for (auto r : rows) squares += std::pow(static_cast<double>(data.features(r, j)) - mean, 2);
      double const deviation = std::sqrt(squares / static_cast<double>(rows.size()));
      shift[j] = static_cast<float>(mean);
      scale[j] = deviation > 0 ? static_cast<float>(1 / deviation) : 1.0f;
    }
  }
};

}  // namespace papillon::privacy
