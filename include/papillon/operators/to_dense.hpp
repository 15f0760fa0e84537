// SPDX-License-Identifier: MIT
/// \file to_dense.hpp
/// An operator (linear_operator, product_operator, real_operator) as an Eigen matrix, rows x cols: column j is W e_j.
/// For looking at, and for comparisons.
#pragma once

#include <papillon/operators/linear_operator.hpp>
#include <papillon/tensor/eigen.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class W>
[[nodiscard]] Eigen::Matrix<typename W::value_type, Eigen::Dynamic, Eigen::Dynamic> to_dense(W const& w) {
  using matrix = Eigen::Matrix<typename W::value_type, Eigen::Dynamic, Eigen::Dynamic>;
  matrix product(w.rows(), w.cols());
  apply(exec::seq{}, w, matrix(matrix::Identity(w.cols(), w.cols())), product);
  return product;
}

}  // namespace papillon
