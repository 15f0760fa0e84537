// SPDX-License-Identifier: MIT
/// \file eigen.hpp
/// Eigen matrices, vectors, blocks and maps as matrix views, in place: row- or column-major, any strides.
#pragma once

#include <Eigen/Core>

#include <papillon/tensor/matrix_view.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {
template <class T, class D> [[nodiscard]] matrix_view<T> eigen_view(T* data, D const& m) {
  static_assert((D::Flags & Eigen::DirectAccessBit) != 0,
      "papillon: an Eigen expression has no storage to view; evaluate it first, as in (a + b).eval()");
  bool const row_major = D::IsRowMajor;
  return {data, m.rows(), m.cols(), row_major ? m.outerStride() : m.innerStride(),
      row_major ? m.innerStride() : m.outerStride()};
}
}  // namespace detail

template <class D> [[nodiscard]] auto view_of(matrix_view_tag, Eigen::DenseBase<D>& m) {
  return detail::eigen_view(m.derived().data(), m.derived());
}
template <class D> [[nodiscard]] auto view_of(matrix_view_tag, Eigen::DenseBase<D> const& m) {
  return detail::eigen_view<typename D::Scalar const>(m.derived().data(), m.derived());
}

}  // namespace papillon
