// SPDX-License-Identifier: MIT
/// \file any_matrix_view.hpp
/// A matrix_view of numbers of any type and strides, for interfaces that take what a user has (vectors and spans; Eigen
/// and xtensor matrices with eigen.hpp and xtensor.hpp) and are no templates. Reading copies, row by row, as double: a
/// matrix of n x m is the sequence of its rows, a vector or span the sequence of its elements.
#pragma once

#include <cassert>

#include <papillon/tensor/matrix_view.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class M> concept viewable_numbers = viewable_as_matrix<M const> && requires(M const& m) {
  requires std::is_arithmetic_v<typename decltype(as_matrix(m))::value_type>;
};

/// It copies nothing: what it looks at has to outlive it.
class any_matrix_view {
 public:
  any_matrix_view() = default;

  template <viewable_numbers M> any_matrix_view(M const& m) {  // NOLINT: meant to be implicit
    auto const v = as_matrix(m);
    data_ = v.data;
    rows_ = v.rows;
    cols_ = v.cols;
    row_stride_ = v.row_stride;
    col_stride_ = v.col_stride;
    read_ = read<typename decltype(v)::value_type>;
  }

  /// Number of elements.
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(rows_ * cols_); }
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// Writes elements first, first + 1, ... of the sequence of rows; as many as `out` has, which must exist.
  void copy(std::size_t first, std::span<double> out) const {
    assert(first + out.size() <= size());
    if (!out.empty()) read_(*this, static_cast<std::ptrdiff_t>(first), out);
  }
  [[nodiscard]] std::vector<double> values() const {
    std::vector<double> all(size());
    copy(0, all);
    return all;
  }

 private:
  template <class T> static void read(any_matrix_view const& v, std::ptrdiff_t first, std::span<double> out) {
    auto const* const data = static_cast<T const*>(v.data_);
    std::ptrdiff_t r = first / v.cols_, c = first % v.cols_;
    for (double& x : out) {
      x = static_cast<double>(data[r * v.row_stride_ + c * v.col_stride_]);
      if (++c == v.cols_) {
        c = 0;
        ++r;
      }
    }
  }

  void const* data_ = nullptr;
  std::ptrdiff_t rows_ = 0, cols_ = 0, row_stride_ = 0, col_stride_ = 0;
  void (*read_)(any_matrix_view const&, std::ptrdiff_t, std::span<double>) = nullptr;
};

}  // namespace papillon
