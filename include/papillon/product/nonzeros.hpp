// SPDX-License-Identifier: MIT
/// \file nonzeros.hpp
/// Every structure is a product of factors, and every factor is the list of its nonzeros: that is all the operators
/// know of structures (for_each_nonzero, structure/support.hpp). Here: the factors, the storage they need, and a mask
/// whose coefficients stay in a dense slot.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <papillon/structure/chain.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/support.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// A CSR support whose coefficients stay where a dense matrix has them: index = row * cols + col, zero off the
/// support. So optimisers, pruning and checkpoints see a masked layer as a dense one.
struct masked {
  csr_mask const* support;
  [[nodiscard]] int rows() const { return support->rows(); }
  [[nodiscard]] int cols() const { return support->cols(); }
  /// Coefficients stored, off the support included.
  [[nodiscard]] std::size_t storage() const {
    return static_cast<std::size_t>(rows()) * static_cast<std::size_t>(cols());
  }
};

using papillon::for_each_nonzero;

template <class F>
void for_each_nonzero(masked const& s, F&& f) {
  for_each_nonzero(
      *s.support, [&](int r, int c, int) { f(r, c, r * s.cols() + c); });
}

/// The factors of a structure, leftmost (output side) first.
[[nodiscard]] inline std::array<dense, 1> factors_of(dense const& s) { return {s}; }
[[nodiscard]] inline std::span<csr_mask const, 1> factors_of(csr_mask const& s) {
  return std::span<csr_mask const, 1>(&s, 1);
}
[[nodiscard]] inline std::array<masked, 1> factors_of(masked const& s) { return {s}; }
[[nodiscard]] constexpr std::array<pattern, 1> factors_of(pattern const& s) { return {s}; }
[[nodiscard]] inline std::span<pattern const> factors_of(runtime_chain const& s) { return s.factors(); }
template <pattern... Ps>
[[nodiscard]] constexpr std::array<pattern, sizeof...(Ps)> factors_of(chain<Ps...> const&) {
  return {Ps...};
}

/// Coefficients a factor stores.
[[nodiscard]] inline std::size_t storage_of(dense const& s) {
  return static_cast<std::size_t>(s.rows()) * static_cast<std::size_t>(s.cols());
}
[[nodiscard]] inline std::size_t storage_of(csr_mask const& s) { return static_cast<std::size_t>(s.nnz()); }
[[nodiscard]] inline std::size_t storage_of(masked const& s) { return s.storage(); }
[[nodiscard]] constexpr std::size_t storage_of(pattern const& p) { return static_cast<std::size_t>(p.nnz()); }

}  // namespace papillon::product
