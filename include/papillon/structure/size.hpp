// SPDX-License-Identifier: MIT
/// \file size.hpp
/// How large any structure is: coefficients, nonzeros of the matrix, bytes in memory, multiply-adds of a product.
#pragma once

#include <algorithm>

#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/support.hpp>

namespace papillon::inline PAPILLON_ISA {

/// Coefficients that are stored, those of all factors together.
template <structure S> [[nodiscard]] std::size_t coefficients(S const& s) {
  std::size_t count = 0;
  for (auto const& f : factors_of(s)) count += static_cast<std::size_t>(f.storage());
  return count;
}

/// Multiply-adds of a product with `vectors` vectors, factor by factor.
template <structure S> [[nodiscard]] std::size_t multiply_adds(S const& s, std::size_t vectors = 1) {
  std::size_t count = 0;
  for (auto const& f : factors_of(s)) f.for_each_nonzero([&](int, int, int) { ++count; });
  return count * vectors;
}

/// Entries of the rows x cols matrix that may be nonzero; of several factors it is spelled out (structure/support.hpp).
template <structure S> [[nodiscard]] std::size_t nonzeros(S const& s) {
  if (factors_of(s).size() == 1) return multiply_adds(s);
  auto const ones = support(s);
  return static_cast<std::size_t>(std::count(ones.begin(), ones.end(), std::uint8_t{1}));
}

/// Bytes of the coefficients, each of a T, and of what says where they stand: for a mask its columns and row pointers.
template <class T, structure S> [[nodiscard]] std::size_t bytes(S const& s) { return coefficients(s) * sizeof(T); }
template <class T> [[nodiscard]] std::size_t bytes(csr_mask const& s) {
  return coefficients(s) * sizeof(T) + s.columns().size_bytes() + s.row_pointers().size_bytes();
}

}  // namespace papillon
