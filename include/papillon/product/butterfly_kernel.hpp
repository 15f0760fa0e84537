// SPDX-License-Identifier: MIT
/// \file butterfly_kernel.hpp
/// A pass of a butterfly (butterfly_plan.hpp) with one vector or a few, or with one complex vector as two planes:
/// weights are read once, in order, and between a pass's levels values stay in registers.
#pragma once

#include <papillon/product/butterfly_plan.hpp>
#include <papillon/product/vector_set.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::product {

namespace detail {

/// A register of values: real ones, or the real and the imaginary parts of complex ones.
template <class T, int L, bool Complex> struct butterfly_value { vec<T, L> part[Complex ? 2 : 1]; };

template <class T, int L, bool Complex>
PAPILLON_ALWAYS_INLINE void set_product(
    butterfly_value<T, L, Complex>& y, T const* w, butterfly_value<T, L, Complex> const& x) {
  vec<T, L> const re = load<L>(w);
  if constexpr (Complex) {
    vec<T, L> const im = load<L>(w + L);
    y.part[0] = re * x.part[0];
    y.part[1] = re * x.part[1];
    add_product<T, L>(y.part[0], -im, x.part[1]);
    add_product<T, L>(y.part[1], im, x.part[0]);
  } else {
    y.part[0] = re * x.part[0];
  }
}
template <class T, int L, bool Complex>
PAPILLON_ALWAYS_INLINE void add_to_product(
    butterfly_value<T, L, Complex>& y, T const* w, butterfly_value<T, L, Complex> const& x) {
  vec<T, L> const re = load<L>(w);
  add_product<T, L>(y.part[0], re, x.part[0]);
  if constexpr (Complex) {
    vec<T, L> const im = load<L>(w + L);
    add_product<T, L>(y.part[1], re, x.part[1]);
    add_product<T, L>(y.part[0], -im, x.part[1]);
    add_product<T, L>(y.part[1], im, x.part[0]);
  }
}

template <class T, int L, int H, int... I>
PAPILLON_ALWAYS_INLINE void exchange_lanes(vec<T, L>& to, vec<T, L> const& v, std::integer_sequence<int, I...>) {
  to = __builtin_shufflevector(v, v, (I ^ H)...);
}

/// Levels within a register, from the distance H on to the last one, L / 2 or (falling) 1.
template <int H, bool Falling, class T, int L, bool Complex>
PAPILLON_ALWAYS_INLINE void levels_within(butterfly_value<T, L, Complex>& x, T const*& w) {
  if constexpr (H > 0 && H < L) {
    constexpr int weight = L * (Complex ? 2 : 1);
    butterfly_value<T, L, Complex> y, other;
    for (int p = 0; p < (Complex ? 2 : 1); ++p)
      exchange_lanes<T, L, H>(other.part[p], x.part[p], std::make_integer_sequence<int, L>{});
    set_product(y, w, x);
    add_to_product(y, w + weight, other);
    w += 2 * weight;
    x = y;
    levels_within<Falling ? H / 2 : 2 * H, Falling>(x, w);
  }
}

/// Levels between registers, from those H apart on.
template <int H, bool Falling, class T, int L, bool Complex, int N>
PAPILLON_ALWAYS_INLINE void levels_between(butterfly_value<T, L, Complex> (&x)[N], T const*& w) {
  if constexpr (H > 0 && H < N) {
    constexpr int weight = L * (Complex ? 2 : 1);
#pragma GCC unroll 16
    for (int r = 0; r < N; ++r)
      if ((r & H) == 0) {
        butterfly_value<T, L, Complex> low, high;
        set_product(low, w, x[r]);
        set_product(high, w + 2 * weight, x[r]);
        add_to_product(low, w + weight, x[r + H]);
        add_to_product(high, w + 3 * weight, x[r + H]);
        w += 4 * weight;
        x[r] = low, x[r + H] = high;
      }
    levels_between<Falling ? H / 2 : 2 * H, Falling>(x, w);
  }
}

template <int L, int Between, bool Within, bool Falling, bool Complex, class T>
void multiply_butterfly(butterfly_pass const& pass, T const* packed, vector_set<T const> x, vector_set<T> y,
    int vectors, int begin, int end) {
  constexpr int registers = 1 << Between, parts = Complex ? 2 : 1;
  int const distance = pass.distance, count = distance / L;
  std::ptrdiff_t const of_tile = static_cast<std::ptrdiff_t>(pass.factors) * registers * 2 * L * parts;
  std::ptrdiff_t const x_step = x.step, y_step = y.step;
  T const* tile = packed + begin * of_tile;
  int row = begin / count, i = begin % count;
  for (int left = end - begin; left > 0; ++row, i = 0) {
    int const run = std::min(count - i, left);
    left -= run;
    std::ptrdiff_t at = static_cast<std::ptrdiff_t>(row) * registers * distance + i * L;
    for (int t = 0; t < run; ++t, at += L, tile += of_tile)
      for (int m = 0; m < vectors; ++m) {
        T const* w = tile;
        T const* const from = x.data + m * x_step + at;
        T* const to = y.data + m * y_step + at;
        butterfly_value<T, L, Complex> v[registers];
        auto const within = [&] {
          if constexpr (Within)
#pragma GCC unroll 16
            for (int r = 0; r < registers; ++r) levels_within<Falling ? L / 2 : 1, Falling>(v[r], w);
        };
#pragma GCC unroll 16
        for (int r = 0; r < registers; ++r)
          for (int p = 0; p < parts; ++p) v[r].part[p] = load<L>(from + p * x_step + r * distance);
        if constexpr (!Falling) within();
        levels_between<Falling ? registers / 2 : 1, Falling>(v, w);
        if constexpr (Falling) within();
#pragma GCC unroll 16
        for (int r = 0; r < registers; ++r)
          for (int p = 0; p < parts; ++p) store<L>(to + p * y_step + r * distance, v[r].part[p]);
      }
  }
}

}  // namespace detail

/// Part `part` of `parts` of a pass, of `vectors` real vectors, or (Complex) of one complex vector whose imaginary
/// parts are the second vector, with weights in turn real and imaginary, a register each. Whole rows where parts divide
/// them.
template <int L, bool Complex, class T>
void multiply_butterfly(butterfly_pass const& pass, T const* packed, vector_set<T const> x, vector_set<T> y,
    int vectors, int part, int parts) {
  auto const tile = [&](int p) { return static_cast<int>(static_cast<long long>(pass.tiles) * p / parts); };
  int const begin = parts == 1 ? 0 : tile(part), end = parts == 1 ? pass.tiles : tile(part + 1);
  auto const run = [&]<int Between>() {
    auto const with = [&]<bool Within, bool Falling>() {
      detail::multiply_butterfly<L, Between, Within, Falling, Complex>(pass, packed, x, y, vectors, begin, end);
    };
    if (pass.within && pass.falling) with.template operator()<true, true>();
    else if (pass.within) with.template operator()<true, false>();
    else if (pass.falling) with.template operator()<false, true>();
    else with.template operator()<false, false>();
  };
  constexpr int most = most_levels_between(native_vector_bytes, Complex);
  static_assert(most <= 4);
  switch (pass.between) {
    case 0: return run.template operator()<0>();
    case 1: return run.template operator()<1>();
    case 2: return run.template operator()<2>();
    case 3:
      if constexpr (most >= 3) return run.template operator()<3>();
      break;
    case 4:
      if constexpr (most >= 4) return run.template operator()<4>();
      break;
    default: break;
  }
}

}  // namespace papillon::product

#pragma GCC diagnostic pop
