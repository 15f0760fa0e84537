// SPDX-License-Identifier: MIT
/// \file to_dense.hpp
/// The matrix that a structure and its coefficients stand for: W = K_1 ... K_L entry by entry, multiplied from the
/// input side. rows x cols numbers, so for references, comparisons and export; products apply the factors instead.
#pragma once

#include <papillon/structure/size.hpp>

namespace papillon::inline PAPILLON_ISA {

/// W, row-major. Coefficients as a linear_operator takes them: dense row-major, a mask row by row, a chain factor by
/// factor, leftmost first. Throws papillon::error (bad_input) unless there are as many as the structure stores.
template <class T, structure S> [[nodiscard]] std::vector<T> to_dense(S const& w, std::span<T const> coefficients) {
  auto const& factors = factors_of(w);
  std::size_t end = papillon::coefficients(w);
  if (coefficients.size() != end)
    throw error(errc::bad_input,
        message("to_dense: ", coefficients.size(), " coefficients (the structure has ", end, ") pass one per nonzero"));
  auto const width = static_cast<std::size_t>(w.cols());
  std::vector<T> product;
  for (std::size_t l = factors.size(); l-- > 0;) {
    T const* const k = coefficients.data() + (end -= static_cast<std::size_t>(factors[l].storage()));
    std::vector<T> next(static_cast<std::size_t>(factors[l].rows()) * width, T{});
    factors[l].for_each_nonzero([&](int r, int c, int i) {
      T* const to = next.data() + static_cast<std::size_t>(r) * width;
      if (product.empty()) {
        to[c] = k[i];
        return;
      }
      T const* const from = product.data() + static_cast<std::size_t>(c) * width;
      for (std::size_t j = 0; j < width; ++j) to[j] += k[i] * from[j];
    });
    product = std::move(next);
  }
  return product;
}
template <class T, structure S> [[nodiscard]] std::vector<T> to_dense(S const& w, std::vector<T> const& coefficients) {
  return to_dense(w, std::span<T const>(coefficients));
}

}  // namespace papillon
