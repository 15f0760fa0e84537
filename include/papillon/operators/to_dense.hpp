// SPDX-License-Identifier: MIT
/// \file to_dense.hpp
/// The matrix that a structure and its coefficients stand for: W = K_1 ... K_L entry by entry. rows x cols numbers, so
/// for references, comparisons and export; products apply the factors instead.
#pragma once

#include <papillon/structure/size.hpp>

namespace papillon::inline PAPILLON_ISA {

/// W, row-major. Coefficients as a linear_operator takes them: dense row-major, a mask row by row, a chain factor by
/// factor, leftmost first. Throws papillon::error (bad_input) unless there are as many as the structure stores.
template <class T, structure S> [[nodiscard]] std::vector<T> to_dense(S const& w, std::span<T const> coefficients) {
  if (auto const wanted = papillon::coefficients(w); coefficients.size() != wanted)
    throw error(errc::bad_input, message("to_dense: ", coefficients.size(), " coefficients (the structure has ", wanted,
                                     ") pass one per nonzero"));
  return detail::multiply_out<T>(
      w, [&](std::size_t i) { return coefficients[i]; }, [](T& sum, T k, T x) { sum += k * x; });
}
template <class T, structure S> [[nodiscard]] std::vector<T> to_dense(S const& w, std::vector<T> const& coefficients) {
  return to_dense(w, std::span<T const>(coefficients));
}

}  // namespace papillon
