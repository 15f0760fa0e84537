// SPDX-License-Identifier: MIT
/// \file chain_file.hpp
/// A chain with its coefficients in a safetensors file: tensors NAME.factor0 (the output side), NAME.factor1, ... of
/// dims (a, b, c, d) row-major, as a network's checkpoint has them; PyTorch reads and writes them as they stand. The
/// dims are the patterns.
#pragma once

#include <limits>

#include <papillon/io/finite.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/structure/factor_name.hpp>
#include <papillon/structure/runtime_chain.hpp>

namespace papillon::inline PAPILLON_ISA::io {

template <class T> struct stored_chain {
  runtime_chain chain;
  std::vector<T> coefficients;  ///< those of linear_operator(chain, coefficients)
};

/// Appends the factors. Throws papillon::error (failed) if there are not chain.nnz() coefficients or a name is taken.
template <class T>
void add_chain(
    safetensors& file, std::string const& name, runtime_chain const& chain, std::vector<T> const& coefficients) {
  if (coefficients.size() != static_cast<std::size_t>(chain.nnz()))
    throw error(errc::failed, message("cannot store chain ", name, " (", coefficients.size(), " coefficients for ",
                                  chain.nnz(), " places) pass them all"));
  std::span<T const> rest(coefficients);
  for (std::size_t k = 0; k < chain.factors().size(); ++k) {
    pattern const p = chain.factors()[k];
    auto const side = [](int n) { return static_cast<std::size_t>(n); };
    file.add(name + "." + factor_name(k), {side(p.a), side(p.b), side(p.c), side(p.d)}, rest.first(side(p.nnz())));
    rest = rest.subspan(side(p.nnz()));
  }
}

/// Reads them. Throws papillon::error (bad_input) if there is no factor0, the dims are no chain, or a coefficient is
/// not finite.
template <class T> [[nodiscard]] stored_chain<T> get_chain(safetensors const& file, std::string const& name) {
  std::vector<pattern> patterns;
  std::vector<T> coefficients;
  for (std::string key; file.contains(key = name + "." + factor_name(patterns.size())) || patterns.empty();) {
    auto const& dims = file.dims(key);
    bool fits = dims.size() == 4;
    for (std::size_t const d : dims) fits = fits && d <= static_cast<std::size_t>(std::numeric_limits<int>::max());
    if (!fits)
      throw error(errc::bad_input,
          message("tensor ", key, " is no factor (its dims are not a, b, c, d) store factors as (a, b, c, d)"));
    patterns.push_back(
        {static_cast<int>(dims[0]), static_cast<int>(dims[1]), static_cast<int>(dims[2]), static_cast<int>(dims[3])});
    auto const values = file.get<T>(key);
    if (auto const at = first_not_finite(values); at < values.size())
      throw error(errc::bad_input,
          message("tensor ", key, " cannot be used (value ", at, " is not finite) store the chain anew"));
    coefficients.insert(coefficients.end(), values.begin(), values.end());
  }
  try {
    return {runtime_chain(std::move(patterns)), std::move(coefficients)};
  } catch (error const& e) {
    throw error(e.code(), message(name, " cannot be used: ", e.what()));
  }
}

}  // namespace papillon::io
