// SPDX-License-Identifier: MIT
/// \file masked.hpp
/// A CSR support whose coefficients stay where a dense matrix has them, index = row * cols + col, zero off the support:
/// so optimisers, pruning and checkpoints see a masked layer as a dense one. From some density on it pays to multiply
/// the zeros too.
#pragma once

#include <vector>

#include <papillon/structure/concepts.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>

namespace papillon::inline PAPILLON_ISA::product {

struct masked {
  csr_mask const* support;  ///< outlives it

  [[nodiscard]] int rows() const { return support->rows(); }
  [[nodiscard]] int cols() const { return support->cols(); }
  /// Coefficients stored, off the support included.
  [[nodiscard]] int storage() const { return rows() * cols(); }
  template <class F> void for_each_nonzero(F&& f) const {
    support->for_each_nonzero([&](int r, int c, int) { f(r, c, r * cols() + c); });
  }
};
static_assert(structure_factor<masked>);

/// Share of nonzeros from which a masked weight is multiplied as a dense one whose zeros are multiplied too (its
/// gradient stays on the support either way). Register tiles: measured over ResNet-20's training step on AVX-512, 16
/// lanes, the two take equal time at about a half. Kernels: an estimate from what a group of eight outputs and one
/// output have to read for a multiplication.
inline constexpr double dense_from_density = 0.5;
inline constexpr double dense_from_density_on_device = 0.25;

/// Calls f(row, col, index, learned) for the entries that a product multiplies: the nonzeros, or all of a masked weight
/// from a share `dense_from` of nonzeros on. learned: whether the coefficient has a gradient.
template <structure_factor Factor, class F>
void for_each_multiplied(Factor const& factor, double /*dense_from*/, F&& f) {
  factor.for_each_nonzero([&](int r, int c, int i) { f(r, c, i, true); });
}
template <class F> void for_each_multiplied(masked const& factor, double dense_from, F&& f) {
  if (factor.support->nnz() < dense_from * factor.storage()) {
    factor.for_each_nonzero([&](int r, int c, int i) { f(r, c, i, true); });
    return;
  }
  std::vector<char> kept(static_cast<std::size_t>(factor.storage()));
  factor.for_each_nonzero([&](int, int, int i) { kept[static_cast<std::size_t>(i)] = 1; });
  dense(factor.rows(), factor.cols()).for_each_nonzero([&](int r, int c, int i) {
    f(r, c, i, kept[static_cast<std::size_t>(i)] != 0);
  });
}

}  // namespace papillon::product
