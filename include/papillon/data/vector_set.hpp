// SPDX-License-Identifier: MIT
/// \file vector_set.hpp
/// Labelled vectors of one width: row i lies at values[i * width]. Networks see (value - shift) * scale, column by
/// column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::data {

/// How a network sees the columns; empty: as they are.
struct column_scaling {
  std::vector<float> shift{}, scale{};
};

struct vector_set {
  using normalisation_type = column_scaling;

  int width = 0;
  int classes = 2;                     ///< at most 256
  std::vector<float> values{};         ///< [rows][width]
  std::vector<std::uint8_t> labels{};  ///< [rows], each below `classes`

  [[nodiscard]] std::size_t size() const { return labels.size(); }
};

/// Vectors that somebody else owns.
struct vector_view {
  using normalisation_type = column_scaling;

  std::span<float const> values;         ///< [rows][width]
  std::span<std::uint8_t const> labels;  ///< [rows]
  int width = 0;

  vector_view(std::span<float const> rows, std::span<std::uint8_t const> classes, int columns)
      : values(rows), labels(classes), width(columns) {}
  vector_view(vector_set const& s) : vector_view(s.values, s.labels, s.width) {}  // NOLINT: meant to be implicit
  [[nodiscard]] std::size_t size() const { return labels.size(); }
};

}  // namespace papillon::data
