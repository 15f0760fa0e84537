// SPDX-License-Identifier: MIT
/// \file dense.hpp
/// The structure of an ordinary matrix: every entry may be nonzero.
/// Coefficients are stored row-major, rows x cols.
#pragma once

#include <limits>

#include <papillon/error.hpp>
#include <papillon/structure/concepts.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {
/// Throws unless rows and cols are at least 1 and rows * cols is an int.
constexpr void require_shape(char const* what, int rows, int cols) {
  if (rows >= 1 && cols >= 1 && static_cast<long long>(rows) * cols <= std::numeric_limits<int>::max()) return;
  throw error(errc::bad_input, message(what, ": a shape of ", rows, " x ", cols,
                                   " is impossible (rows and cols start at 1, and their product is an int)"));
}
}  // namespace detail

/// All of a rows x cols matrix. Throws papillon::error (bad_input) unless rows, cols >= 1 and rows * cols is an int.
class dense {
 public:
  constexpr dense(int rows, int cols) : rows_(rows), cols_(cols) { detail::require_shape("dense", rows, cols); }

  [[nodiscard]] constexpr int rows() const noexcept { return rows_; }
  [[nodiscard]] constexpr int cols() const noexcept { return cols_; }
  [[nodiscard]] constexpr int nnz() const noexcept { return rows_ * cols_; }
  [[nodiscard]] constexpr int storage() const noexcept { return nnz(); }
  template <class F> constexpr void for_each_nonzero(F&& f) const {
    int index = 0;
    for (int r = 0; r < rows_; ++r)
      for (int c = 0; c < cols_; ++c) f(r, c, index++);
  }

  friend constexpr bool operator==(dense const&, dense const&) = default;

 private:
  int rows_, cols_;
};
static_assert(structure_factor<dense> && structure<dense>);

/// The structure of the transposed matrix.
[[nodiscard]] constexpr dense transposed(dense s) { return {s.cols(), s.rows()}; }

}  // namespace papillon
