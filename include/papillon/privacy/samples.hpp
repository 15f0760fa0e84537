// SPDX-License-Identifier: MIT
/// \file samples.hpp
/// What a discriminator learns from or is applied to: a row of features an image, and whether the image is a member.
/// On disk: NAME.npy, one array of float32 whose last column is 1 for members and 0 for others.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>

#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>

#include <papillon/data/vector_set.hpp>
#include <papillon/error.hpp>
#include <papillon/io/finite.hpp>
#include <papillon/io/npy.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

struct samples {
  xt::xtensor<float, 2> features;     ///< images x features
  std::vector<std::uint8_t> members;  ///< 1 for members, 0 for others; one an image

  [[nodiscard]] std::size_t size() const { return members.size(); }
  [[nodiscard]] std::size_t width() const { return features.shape(1); }
  [[nodiscard]] std::span<float const> row(std::size_t i) const { return {features.data() + i * width(), width()}; }
};

/// The numbers of all rows.
[[nodiscard]] inline std::vector<std::uint32_t> all_rows(samples const& s) {
  std::vector<std::uint32_t> rows(s.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

/// The rows of the given numbers, in that order: one reading of "member" out of all images.
[[nodiscard]] inline samples select_rows(samples const& all, std::span<std::uint32_t const> rows) {
  samples s{xt::xtensor<float, 2>::from_shape({rows.size(), all.width()}), std::vector<std::uint8_t>(rows.size())};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= all.size())
      throw error(errc::usage, message("samples: row ", rows[i], " of ", all.size(), " (it does not exist)"));
    std::ranges::copy(all.row(rows[i]), s.features.data() + i * all.width());
    s.members[i] = all.members[rows[i]];
  }
  return s;
}

/// What scales features to mean 0 and deviation 1 over the given rows, column by column; a constant column becomes 0.
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

/// Writes samples as one npy file, atomically.
inline void write_samples(std::filesystem::path const& path, samples const& s) {
  auto table = xt::xtensor<float, 2>::from_shape({s.size(), s.width() + 1});
  for (std::size_t i = 0; i < s.size(); ++i) {
    std::ranges::copy(s.row(i), table.data() + i * (s.width() + 1));
    table(i, s.width()) = static_cast<float>(s.members[i]);
  }
  io::write_npy(path, table);
}

/// Reads them back; throws papillon::error (bad_input) if the file is no such table.
[[nodiscard]] inline samples read_samples(std::filesystem::path const& path) {
  auto const table = io::read_npy<float>(path);
  auto const fail = [&](std::string const& why) {
    throw error(
        errc::bad_input, message(path.string(), " holds no attack samples (", why, ") compute the features again"));
  };
  if (table.dimension() != 2 || table.shape(1) < 2) fail("not a table of features and membership");
  std::size_t const n = table.shape(0), width = table.shape(1) - 1;
  samples s{xt::xtensor<float, 2>::from_shape({n, width}), std::vector<std::uint8_t>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    float const* const row = table.data() + i * (width + 1);
    if (auto const at = io::first_not_finite(std::span(row, width)); at < width)
      fail(message("feature ", at, " in row ", i, " is not finite"));
    std::copy_n(row, width, s.features.data() + i * width);
    if (row[width] != 0.0f && row[width] != 1.0f) fail(message("membership that is neither 0 nor 1 in row ", i));
    s.members[i] = row[width] == 1.0f ? 1 : 0;
  }
  return s;
}

}  // namespace papillon::privacy
