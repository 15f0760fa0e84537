// SPDX-License-Identifier: MIT
/// \file two_factor_groups.hpp
/// Why two chainable factors are easy: K_1 K_2 falls apart into disjoint blocks, each the product of r columns of K_1
/// and r rows of K_2 that nothing else touches. So the best K_1, K_2 for a given matrix are truncated singular value
/// decompositions, block by block. Source: Le, Zheng, Riccietti, Gribonval, Butterfly factorization with error
/// guarantees, 2024 (two-factor problem with fixed supports).
#pragma once

#include <vector>

#include <papillon/structure/factor_link.hpp>

namespace papillon::inline PAPILLON_ISA {

/// The blocks of a chainable pair, numbered 0 ... count() - 1. The columns of `left` and rows of `right` between them
/// are m = (i r + q) d_1 + k, with 0 <= i < a_2, 0 <= k < d_1: block (i, k) owns those of q = 0 ... r - 1.
class two_factor_groups {
 public:
  /// The pair must be chainable.
  two_factor_groups(pattern left, pattern right)
      : left_(left), right_(right), whole_(fused(left, right)), paths_(paths_per_entry(left, right)) {}

  /// Blocks are rows() x cols(), of rank paths() at most.
  [[nodiscard]] std::size_t rows() const { return static_cast<std::size_t>(left_.b); }
  [[nodiscard]] std::size_t cols() const { return static_cast<std::size_t>(right_.c); }
  [[nodiscard]] std::size_t paths() const { return static_cast<std::size_t>(paths_); }
  [[nodiscard]] int count() const { return right_.a * left_.d; }

  /// Positions of a block's entries among the coefficients of the product, of `left` (rows x paths) and of `right`
  /// (paths x cols).
  [[nodiscard]] std::size_t whole_at(int group, std::size_t row, std::size_t col) const {
    int const i = group / left_.d, k = group % left_.d, inner = left_.d / right_.d, outer = right_.a / left_.a;
    return position(
        whole_, i / outer, narrow(row) * inner + k / right_.d, i % outer * right_.c + narrow(col), k % right_.d);
  }
  [[nodiscard]] std::size_t left_at(int group, std::size_t row, std::size_t q) const {
    int const i = group / left_.d, k = group % left_.d, outer = right_.a / left_.a;
    return position(left_, i / outer, narrow(row), i % outer * paths_ + narrow(q), k);
  }
  [[nodiscard]] std::size_t right_at(int group, std::size_t q, std::size_t col) const {
    int const i = group / left_.d, k = group % left_.d, inner = left_.d / right_.d;
    return position(right_, i, narrow(q) * inner + k / right_.d, narrow(col), k % right_.d);
  }

 private:
  [[nodiscard]] static int narrow(std::size_t n) { return static_cast<int>(n); }
  [[nodiscard]] static std::size_t position(pattern p, int ia, int ib, int ic, int id) {
    return static_cast<std::size_t>(p.weight(ia, ib, ic, id));
  }

  pattern left_, right_, whole_;
  int paths_;
};

}  // namespace papillon
