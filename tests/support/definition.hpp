// SPDX-License-Identifier: MIT
/// \file definition.hpp
/// Structured matrices entry by entry, from their definition alone: plain loops that share nothing with the library's
/// products.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <Eigen/Core>

#include <papillon/structure/pattern.hpp>

namespace papillon::test {

template <class T> using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

/// A factor with pattern (a, b, c, d): blocks of I_a (x) 1_{b x c} (x) I_d, whose entry in block ia, row ib, column ic
/// and diagonal id is T[ia][ib][ic][id]; `next` moves on behind it.
template <class T> matrix<T> factor_by_definition(pattern p, T const*& next) {
  matrix<T> k = matrix<T>::Zero(p.a * p.b * p.d, p.a * p.c * p.d);
  for (int ia = 0; ia < p.a; ++ia)
    for (int ib = 0; ib < p.b; ++ib)
      for (int ic = 0; ic < p.c; ++ic)
        for (int id = 0; id < p.d; ++id) k((ia * p.b + ib) * p.d + id, (ia * p.c + ic) * p.d + id) = *next++;
  return k;
}

/// W = K_1 ... K_L, coefficients factor by factor, leftmost first; multiplied out by loops.
template <class T>
matrix<T> chain_by_definition(std::vector<pattern> const& factors, std::vector<T> const& coefficients) {
  T const* next = coefficients.data();
  matrix<T> product = factor_by_definition(factors.front(), next);
  for (std::size_t l = 1; l < factors.size(); ++l) {
    matrix<T> const right = factor_by_definition(factors[l], next), left = product;
    product = matrix<T>::Zero(left.rows(), right.cols());
    for (Eigen::Index i = 0; i < left.rows(); ++i)
      for (Eigen::Index k = 0; k < left.cols(); ++k)
        for (Eigen::Index j = 0; j < right.cols(); ++j) product(i, j) += left(i, k) * right(k, j);
  }
  return product;
}

/// Coefficients row by row where keep is not zero; an empty keep keeps all.
template <class T>
matrix<T> mask_by_definition(
    int rows, int cols, std::vector<std::uint8_t> const& keep, std::vector<T> const& coefficients) {
  matrix<T> w = matrix<T>::Zero(rows, cols);
  T const* next = coefficients.data();
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < cols; ++c)
      if (keep.empty() || keep[static_cast<std::size_t>(r * cols + c)] != 0) w(r, c) = *next++;
  return w;
}

/// Y = W X, or W^H X, by the three loops of the definition.
template <class T, class X> matrix<T> multiply_by_definition(matrix<T> const& w, X const& x) {
  matrix<T> y = matrix<T>::Zero(w.rows(), x.cols());
  for (Eigen::Index r = 0; r < w.rows(); ++r)
    for (Eigen::Index n = 0; n < x.cols(); ++n)
      for (Eigen::Index c = 0; c < w.cols(); ++c) y(r, n) += w(r, c) * x(c, n);
  return y;
}

}  // namespace papillon::test
