// SPDX-License-Identifier: MIT
/// \file index_map.hpp
/// y[i] = x[source[i]], or 0 where source[i] is `nothing`: permutations, and what pads or cuts off. Not a
/// Kronecker-sparse factor, and it has no coefficients; a product_operator composes it with those that have.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA {

class index_map {
 public:
  static constexpr int nothing = -1;

  /// One source a row. Throws papillon::error (bad_input) for a source that is neither `nothing` nor below `cols`.
  index_map(std::vector<int> source, int cols) : source_(std::move(source)), cols_(cols) {
    for (std::size_t i = 0; i < source_.size(); ++i)
      if (source_[i] < nothing || source_[i] >= cols)
        throw error(errc::bad_input,
            message("index map: row ", i, " takes entry ", source_[i], " (there are ", cols, ") count from 0"));
  }

  [[nodiscard]] int rows() const { return static_cast<int>(source_.size()); }
  [[nodiscard]] int cols() const { return cols_; }
  [[nodiscard]] std::span<int const> source() const { return source_; }

 private:
  std::vector<int> source_;
  int cols_;
};

/// Entry i is entry i of 2^levels with its bits in reverse order: the permutation of the fast Fourier transform.
[[nodiscard]] inline index_map bit_reversal(int levels) {
  std::vector<int> source(std::size_t{1} << levels);
  int const size = 1 << levels;
  for (std::size_t i = 1; i < source.size(); ++i) source[i] = source[i / 2] / 2 + (i % 2 != 0 ? size / 2 : 0);
  return {std::move(source), size};
}

}  // namespace papillon
