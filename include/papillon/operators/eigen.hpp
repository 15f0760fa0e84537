// SPDX-License-Identifier: MIT
/// \file eigen.hpp
/// `to_dense` of an operator (linear_operator, product_operator, real_operator) as an Eigen matrix, rows x cols: column
/// j is W e_j. For looking at, and for comparisons; operators/to_dense.hpp has that of a structure, without Eigen.
#pragma once

#include <papillon/operators/linear_operator.hpp>
#include <papillon/tensor/eigen.hpp>

namespace papillon::inline PAPILLON_ISA {

template <linear_map W>
[[nodiscard]] Eigen::Matrix<typename W::value_type, Eigen::Dynamic, Eigen::Dynamic> to_dense(W const& w) {
  using matrix = Eigen::Matrix<typename W::value_type, Eigen::Dynamic, Eigen::Dynamic>;
  matrix product(w.rows(), w.cols());
  apply(exec::seq{}, w, matrix(matrix::Identity(w.cols(), w.cols())), product);
  return product;
}

}  // namespace papillon
