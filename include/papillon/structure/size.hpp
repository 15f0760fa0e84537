// SPDX-License-Identifier: MIT
/// \file size.hpp
/// How large any structure is: coefficients, nonzeros of the matrix, bytes in memory, multiply-adds of a product. One
/// set of functions for dense, CSR masks, patterns and chains.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <papillon/structure/concepts.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/pattern.hpp>
#include <papillon/structure/support.hpp>

namespace papillon::inline PAPILLON_ISA {

/// Coefficients that are stored and trained: of a chain those of its factors.
template <structure S>
[[nodiscard]] std::size_t coefficients(S const& s) {
  return static_cast<std::size_t>(s.nnz());
}

/// Entries of the rows x cols matrix that may be nonzero; for a chain it is spelled out (structure/support.hpp).
template <structure S>
[[nodiscard]] std::size_t nonzeros(S const& s) {
  return static_cast<std::size_t>(s.nnz());
}
template <factored_structure S>
[[nodiscard]] std::size_t nonzeros(S const& s) {
  auto const ones = support(s);
  return static_cast<std::size_t>(std::count(ones.begin(), ones.end(), std::uint8_t{1}));
}

/// Bytes of the coefficients, each of a T, and of what says where they stand: for a mask its columns and row pointers.
template <class T, structure S>
[[nodiscard]] std::size_t bytes(S const& s) {
  return coefficients(s) * sizeof(T);
}
template <class T>
[[nodiscard]] std::size_t bytes(csr_mask const& s) {
  return coefficients(s) * sizeof(T) + s.columns().size_bytes() + s.row_pointers().size_bytes();
}

/// Multiply-adds of a product with `vectors` vectors.
template <structure S>
[[nodiscard]] std::size_t multiply_adds(S const& s, std::size_t vectors = 1) {
  return coefficients(s) * vectors;
}

}  // namespace papillon
