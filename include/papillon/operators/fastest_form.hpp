// SPDX-License-Identifier: MIT
/// \file fastest_form.hpp
/// Whether a structured matrix is multiplied fastest as the chain that it is, as CSR (of the product, where it is a
/// chain), or as an ordinary matrix: by predicted times (operators/product_time.hpp). Small matrices are often faster
/// dense, whatever their zeros.
#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include <papillon/operators/product_time.hpp>

namespace papillon::inline PAPILLON_ISA {

enum class product_form : int { chain, dense, csr };

/// Predicted seconds of a product in each form; infinite for a form that there is not.
struct form_times {
  double chain = std::numeric_limits<double>::infinity();
  double csr = std::numeric_limits<double>::infinity();
  double dense = std::numeric_limits<double>::infinity();

  [[nodiscard]] double least() const { return std::min({chain, csr, dense}); }
  /// The first in the order of product_form, where times are equal.
  [[nodiscard]] product_form fastest() const {
    return chain == least() ? product_form::chain : dense == least() ? product_form::dense : product_form::csr;
  }
};

/// Of a mask: as CSR, or with its zeros spelled out.
template <class T = float> [[nodiscard]] form_times predict_forms(csr_mask const& w, int vectors, machine const& m) {
  product_time<T> const time(m, vectors);
  return {.csr = time(w), .dense = time(dense(w.rows(), w.cols()))};
}

/// Of a chain: factor by factor, or multiplied out. The nonzeros of the product are those of the pattern that its
/// factors fuse to; where they do not, as many as there are paths.
template <class T = float, chain_structure S>
[[nodiscard]] form_times predict_forms(S const& w, int vectors, machine const& m) {
  product_time<T> const time(m, vectors);
  auto const factors = w.factors();
  pattern whole = factors[0];
  bool fuses = true;
  double paths = whole.c;
  for (std::size_t l = 1; l < factors.size(); ++l) {
    fuses = fuses && chainable(whole, factors[l]);
    if (fuses) whole = fused(whole, factors[l]);
    paths *= factors[l].c;
  }
  double const a_row = std::min(fuses ? 1.0 * whole.c : paths, 1.0 * w.cols()), nonzeros = a_row * w.rows();
  int const lanes = product_time<T>::lanes;
  product::indexed_support const product{
      w.rows(), w.cols(), nonzeros, a_row * ((w.rows() + lanes - 1) / lanes * lanes), fuses ? whole.b : 1};
  return {.chain = time(w), .csr = time(product), .dense = time(dense(w.rows(), w.cols()))};
}

/// The form that a product with so many vectors is predicted to be fastest in.
template <class T = float, class S> [[nodiscard]] product_form fastest_form(S const& w, int vectors, machine const& m) {
  return predict_forms<T>(w, vectors, m).fastest();
}

}  // namespace papillon
