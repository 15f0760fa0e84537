// SPDX-License-Identifier: MIT
/// \file csr_mask.hpp
/// Where the weights that survived pruning stand, in compressed sparse rows: the columns kept in row r are
/// columns()[row_pointers()[r]] ... columns()[row_pointers()[r + 1] - 1], in rising order.
/// It holds positions only; coefficients are stored row by row, or in a dense matrix (product/masked.hpp).
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <papillon/structure/dense.hpp>

namespace papillon::inline PAPILLON_ISA {

/// The kept entries of a rows x cols matrix.
class csr_mask {
 public:
  /// `keep`: rows x cols, row-major, nonzero where an entry is kept.
  /// Throws papillon::error (bad_input) for an impossible shape or a `keep` of another size.
  csr_mask(int rows, int cols, std::span<std::uint8_t const> keep) : rows_(rows), cols_(cols) {
    detail::require_shape("csr_mask", rows, cols);
    auto const width = static_cast<std::size_t>(cols);
    if (keep.size() != static_cast<std::size_t>(rows) * width)
      throw error(errc::bad_input, message("csr_mask: keep has ", keep.size(), " entries (", rows, " x ", cols,
                                       " need ", rows * cols, ") pass one entry a weight, row-major"));
    pointers_.reserve(static_cast<std::size_t>(rows) + 1);
    pointers_.push_back(0);
    for (std::size_t begin = 0; begin < keep.size(); begin += width) {
      for (std::size_t c = 0; c < width; ++c)
        if (keep[begin + c] != 0) columns_.push_back(static_cast<int>(c));
      pointers_.push_back(static_cast<int>(columns_.size()));
    }
  }

  [[nodiscard]] int rows() const noexcept { return rows_; }
  [[nodiscard]] int cols() const noexcept { return cols_; }
  [[nodiscard]] int nnz() const noexcept { return pointers_.back(); }
  [[nodiscard]] int storage() const noexcept { return nnz(); }
  /// Row by row, columns rising.
  template <class F> void for_each_nonzero(F&& f) const {
    for (int r = 0; r < rows_; ++r)
      for (int k = row_begin(r); k < row_end(r); ++k) f(r, columns_[static_cast<std::size_t>(k)], k);
  }

  /// rows() + 1 positions in columns(): where each row begins, then nnz().
  [[nodiscard]] std::span<int const> row_pointers() const noexcept { return pointers_; }
  /// nnz() column indices, row by row.
  [[nodiscard]] std::span<int const> columns() const noexcept { return columns_; }
  /// The columns kept in row r, 0 <= r < rows().
  [[nodiscard]] std::span<int const> row(int r) const noexcept {
    auto const begin = static_cast<std::size_t>(row_begin(r));
    return columns().subspan(begin, static_cast<std::size_t>(row_end(r)) - begin);
  }
  [[nodiscard]] int row_begin(int r) const noexcept { return pointers_[static_cast<std::size_t>(r)]; }
  [[nodiscard]] int row_end(int r) const noexcept { return pointers_[static_cast<std::size_t>(r) + 1]; }

  friend bool operator==(csr_mask const&, csr_mask const&) = default;
  friend csr_mask transposed(csr_mask const& mask);

 private:
  csr_mask(int rows, int cols, std::vector<int> pointers, std::vector<int> columns)
      : rows_(rows), cols_(cols), pointers_(std::move(pointers)), columns_(std::move(columns)) {}

  int rows_, cols_;
  std::vector<int> pointers_, columns_;
};
static_assert(structure_factor<csr_mask> && structure<csr_mask>);

/// The kept entries of the transposed matrix; a counting sort, so its columns rise too.
[[nodiscard]] inline csr_mask transposed(csr_mask const& mask) {
  auto const index = [](int i) { return static_cast<std::size_t>(i); };
  std::vector<int> pointers(index(mask.cols()) + 1, 0);
  for (int const c : mask.columns()) ++pointers[index(c) + 1];
  for (std::size_t c = 1; c < pointers.size(); ++c) pointers[c] += pointers[c - 1];
  std::vector<int> next(pointers.begin(), pointers.end() - 1);
  std::vector<int> columns(mask.columns().size());
  for (int r = 0; r < mask.rows(); ++r)
    for (int const c : mask.row(r)) columns[index(next[index(c)]++)] = r;
  return {mask.cols(), mask.rows(), std::move(pointers), std::move(columns)};
}

}  // namespace papillon
