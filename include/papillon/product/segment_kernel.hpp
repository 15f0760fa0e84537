// SPDX-License-Identifier: MIT
/// \file segment_kernel.hpp
/// Two or four outputs to 9 or 18 inputs, with a few vectors: lanes are terms (`segments` of vector_plan.hpp). As many
/// sums as lanes, each of one or two registers' segments, are folded into a register of outputs together; the one or
/// two terms behind whole segments are gathered into one register for all outputs.
#pragma once

#include <papillon/product/vector_plan.hpp>
#include <papillon/product/vector_set.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::product {

namespace detail {

/// The terms behind whole segments for every pair of outputs, of which Outputs read the same Terms inputs: one in both
/// lanes of the pair, two in a lane each.
template <int L, int Outputs, int Terms, int Rest, class T, int... I>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, L> load_rest(T const* x, std::integer_sequence<int, I...>) {
  return vec<T, L>{x[I / Outputs * Terms + (Rest == 2 ? I % 2 : 0)]...};
}
template <int L, int Outputs, int Terms, class T, int... I>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, L> load_rest_as_one(T const* x, std::integer_sequence<int, I...>) {
  auto const both = [x](int pair) {
    double d;
    std::memcpy(&d, x + pair * 2 / Outputs * Terms, sizeof d);
    return d;
  };
  return reinterpret_cast<vec<T, L>>(vec<double, L / 2>{both(I)...});
}

/// A segment at p and, where two fill a register, one at q behind it.
template <int L, int Segment, class T, int... I>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, L> load_segments(
    T const* p, [[maybe_unused]] T const* q, std::integer_sequence<int, I...>) {
  if constexpr (Segment == L) {
    return load<L>(p);
  } else {
    auto const low = load<Segment>(p), high = load<Segment>(q);
    return __builtin_shufflevector(low, high, I...);
  }
}

/// horizontal_sums of registers whose sums are Segment lanes each; before the last fold, where sums are two lanes, of
/// the even and of the odd outputs, add_rest(even, odd).
template <class T, int L, int Segment, class F>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, L> fold_segments(vec<T, L> (&v)[Segment], F const& add_rest) {
  if constexpr (Segment == 2) add_rest(v[0], v[1]);
  vec<T, L> half[Segment / 2];
#pragma GCC unroll 8
  for (int i = 0; i < Segment / 2; ++i)
    half[i] = papillon::detail::fold<T, L, Segment>(v[i], v[i + Segment / 2], std::make_integer_sequence<int, L>{});
  if constexpr (Segment == 2) return half[0];
  else return fold_segments<T, L, Segment / 2>(half, add_rest);
}

template <int L, int Outputs, int Terms, class T>
void multiply_segments(vector_plan::nest const& n, T const* packed, vector_set<T const> x, vector_set<T> y, int vectors,
    int begin, int end, product_use use) {
  constexpr int segment = segment_length(Terms, L), whole = Terms / segment, rest = Terms % segment;
  constexpr auto lanes = std::make_integer_sequence<int, L>{};
  T const* w = packed + n.weights + static_cast<std::ptrdiff_t>(begin) * L * Terms;
  for (int t = begin; t < end; ++t, w += L * Terms)
    for (int m = 0; m < vectors; ++m) {
      T const* const from = x.data + m * x.step + n.in + static_cast<std::ptrdiff_t>(t) * n.next_in;
      T const* const behind = w + segment * whole * L;
      vec<T, L> sum[segment];
#pragma GCC unroll 16
      for (int i = 0; i < segment; ++i) {
        T const *const one = from + i / Outputs * Terms, *const other = from + (i + segment) / Outputs * Terms;
        T const* const wi = w + i * whole * L;
        vec<T, L> s = load<L>(wi) * load_segments<L, segment>(one, other, lanes);
        for (int g = 1; g < whole; ++g)
          add_product<T, L>(
              s, load<L>(wi + g * L), load_segments<L, segment>(one + g * segment, other + g * segment, lanes));
        sum[i] = s;
      }
      vec<T, L> result = fold_segments<T, L, segment>(sum, [&](vec<T, L>& even, vec<T, L>& odd) {
        if constexpr (rest == 2) {
          vec<T, L> r;
          if constexpr (sizeof(T) == sizeof(float))
            r = load_rest_as_one<L, Outputs, Terms>(from + whole * segment, std::make_integer_sequence<int, L / 2>{});
          else r = load_rest<L, Outputs, Terms, rest>(from + whole * segment, lanes);
          add_product<T, L>(even, load<L>(behind), r);
          add_product<T, L>(odd, load<L>(behind + L), r);
        }
      });
      if constexpr (rest == 1)
        add_product<T, L>(result, load<L>(behind), load_rest<L, Outputs, Terms, rest>(from + whole * segment, lanes));
      T* const to = y.data + m * y.step + n.out + static_cast<std::ptrdiff_t>(t) * L;
      if (use == product_use::replace) store<L>(to, result);
      else put_lanes<L>(to, result, m, 0, use);
    }
}

/// Tiles begin ... end-1 of a nest, for so many vectors.
template <int L, class T>
void multiply_segments(vector_plan::nest const& n, T const* packed, vector_set<T const> x, vector_set<T> y, int vectors,
    int begin, int end, product_use use) {
  if constexpr (segment_length(9, L) > 0) {
    auto const of = [&]<int Outputs>() {
      if constexpr (Outputs <= L) {
        if (n.terms == 9) multiply_segments<L, Outputs, 9>(n, packed, x, y, vectors, begin, end, use);
        else multiply_segments<L, Outputs, 18>(n, packed, x, y, vectors, begin, end, use);
      }
    };
    if (n.next_in == L / 2 * n.terms) of.template operator()<2>();
    else of.template operator()<4>();
  }
}

}  // namespace detail

}  // namespace papillon::product

#pragma GCC diagnostic pop
