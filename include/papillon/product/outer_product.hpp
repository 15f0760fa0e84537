// SPDX-License-Identifier: MIT
/// \file outer_product.hpp
/// G[k][o] += sum over m of x[k][m] d[m][o], in register tiles whose lanes are neighbouring o: how a weight's gradient
/// is summed where the outputs of one image lie side by side. No lanes have to be added up at the end, as they have
/// where they are images (tile_kernel.hpp), so it suits short sums. Every sum runs over rising m.
#pragma once

#include <algorithm>
#include <cstddef>

#include <papillon/tensor/vec.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::product {

/// Sizes and distances, in values. d has rows of whole registers, zero beyond `outputs`; G may be written, unchanged,
/// up to one register beyond its end.
struct outer_product_shape {
  int inputs, outputs, terms;
  std::ptrdiff_t x_row, d_row, g_row;
};

namespace detail {

template <class T, int L, int Inputs, int Registers>
PAPILLON_ALWAYS_INLINE void outer_product_tile(outer_product_shape const& s, T const* x, T const* d, T* g) {
  T const* row[Inputs];
  for (int k = 0; k < Inputs; ++k) row[k] = x + k * s.x_row;
  vec<T, L> sum[Inputs][Registers] = {};
  for (std::ptrdiff_t m = 0; m < s.terms; ++m, d += s.d_row) {
    vec<T, L> v[Registers];
    for (int r = 0; r < Registers; ++r) v[r] = load<L>(d + r * L);
    for (int k = 0; k < Inputs; ++k) {
      vec<T, L> const xk = broadcast<L>(row[k][m]);
      for (int r = 0; r < Registers; ++r) add_product<T, L>(sum[k][r], xk, v[r]);
    }
  }
  for (int k = 0; k < Inputs; ++k)
    for (int r = 0; r < Registers; ++r) {
      T* const at = g + k * s.g_row + r * L;
      store<L>(at, load<L>(at) + sum[k][r]);
    }
}

template <class T, int L, int Registers>
void outer_product_columns(outer_product_shape const& s, T const* x, T const* d, T* g) {
  bool constexpr native = L * static_cast<int>(sizeof(T)) == native_vector_bytes;
  constexpr int wide = !native ? 1 : native_vector_registers == 32 ? 8 : 4;
  int k = 0;
  for (; k + wide <= s.inputs; k += wide)
    outer_product_tile<T, L, wide, Registers>(s, x + k * s.x_row, d, g + k * s.g_row);
  for (; k < s.inputs; ++k) outer_product_tile<T, L, 1, Registers>(s, x + k * s.x_row, d, g + k * s.g_row);
}

}  // namespace detail

/// All of G, some rows and one or two registers of columns at a time.
template <int L, class T> void accumulate_outer_product(outer_product_shape const& s, T const* x, T const* d, T* g) {
  int o = 0;
  for (; o + L < s.outputs; o += 2 * L) detail::outer_product_columns<T, L, 2>(s, x, d + o, g + o);
  if (o < s.outputs) detail::outer_product_columns<T, L, 1>(s, x, d + o, g + o);
}

}  // namespace papillon::product

#pragma GCC diagnostic pop
