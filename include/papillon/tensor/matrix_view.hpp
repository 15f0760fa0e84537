// SPDX-License-Identifier: MIT
/// \file matrix_view.hpp
/// A view of somebody else's matrix: rows are features, columns are vectors of the batch; any two strides, in elements.
/// `as_matrix(x)` makes one from what a user has; adaptors for Eigen and xtensor stand in eigen.hpp and xtensor.hpp,
/// and other types join by overloading `view_of(matrix_view_tag, x)` in namespace papillon.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T> struct matrix_view {
  using value_type = std::remove_const_t<T>;

  T* data = nullptr;
  std::ptrdiff_t rows = 0, cols = 0;
  std::ptrdiff_t row_stride = 0, col_stride = 0;

  [[nodiscard]] constexpr T& at(std::ptrdiff_t r, std::ptrdiff_t c) const {
    return data[r * row_stride + c * col_stride];
  }
  constexpr operator matrix_view<T const>() const  // NOLINT: meant to be implicit
      requires(!std::is_const_v<T>) {
    return {data, rows, cols, row_stride, col_stride};
  }
};

/// Finds `view_of` overloads by argument-dependent lookup, wherever they are declared.
struct matrix_view_tag {};

template <class T> [[nodiscard]] constexpr matrix_view<T> view_of(matrix_view_tag, matrix_view<T> m) { return m; }
/// A span is one vector.
template <class T, std::size_t N> [[nodiscard]] constexpr matrix_view<T> view_of(matrix_view_tag, std::span<T, N> v) {
  return {v.data(), static_cast<std::ptrdiff_t>(v.size()), 1, 1, static_cast<std::ptrdiff_t>(v.size())};
}
template <class T, class A> [[nodiscard]] constexpr matrix_view<T> view_of(matrix_view_tag tag, std::vector<T, A>& v) {
  return view_of(tag, std::span<T>(v));
}
template <class T, class A>
[[nodiscard]] constexpr matrix_view<T const> view_of(matrix_view_tag tag, std::vector<T, A> const& v) {
  return view_of(tag, std::span<T const>(v));
}

template <class M> concept viewable_as_matrix = requires(M&& m) { view_of(matrix_view_tag{}, m); };

template <viewable_as_matrix M> [[nodiscard]] constexpr auto as_matrix(M&& m) { return view_of(matrix_view_tag{}, m); }

}  // namespace papillon
