// SPDX-License-Identifier: MIT
/// \file to_dense.hpp
/// A structured operator as an Eigen matrix, rows x cols: column j is W e_j. For looking at, and for comparisons.
#pragma once

#include <papillon/ops/linear_operator.hpp>
#include <papillon/tensor/eigen.hpp>

namespace papillon {

template <class S, class T>
[[nodiscard]] Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> to_dense(linear_operator<S, T> const& w) {
  using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  matrix product(w.rows(), w.cols());
  apply(exec::seq{}, w, matrix(matrix::Identity(w.cols(), w.cols())), product);
  return product;
}

}  // namespace papillon
