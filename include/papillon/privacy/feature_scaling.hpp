// SPDX-License-Identifier: MIT
/// \file feature_scaling.hpp
/// Features scaled to mean 0 and deviation 1, column by column, as a discriminator may see them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <papillon/data/vector_set.hpp>
#include <papillon/privacy/samples.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Over the given rows; a constant column becomes 0.
[[nodiscard]] inline data::column_scaling standardised(samples const& data, std::span<std::uint32_t const> rows) {
  data::column_scaling s;
  for (std::size_t j = 0; j < data.width(); ++j) {
    double sum = 0, squares = 0;
    for (auto r : rows) sum += static_cast<double>(data.features(r, j));
    double const mean = sum / static_cast<double>(rows.size());
    for (auto r : rows) squares += std::pow(static_cast<double>(data.features(r, j)) - mean, 2);
    double const deviation = std::sqrt(squares / static_cast<double>(rows.size()));
    s.shift.push_back(static_cast<float>(mean));
    s.scale.push_back(deviation > 0 ? static_cast<float>(1 / deviation) : 1.0f);
  }
  return s;
}

}  // namespace papillon::privacy
