// SPDX-License-Identifier: MIT
/// \file winograd_tile.hpp
/// The transforms of Winograd's minimal filtering F(M x M, 3 x 3), M even: y = A^T [(G g G^T) . (B^T d B)] A forms M x
/// M outputs of a 3 x 3 correlation from a (M + 2) x (M + 2) patch d by (M + 2)^2 products in place of 9 M^2. Its
/// points are 0, pairs +-p and infinity. M = 2: p = 1. M = 4: p = 5/8 and 3/2, whose powers are exact in A and B, so
/// that only G rounds. A pair's rows of B^T differ in the sign of odd terms, so even and odd parts are formed once.
/// Winograd 1980; Lavin and Gray 2016; for points, Barabasz et al. 2020, "Error analysis and improving the accuracy of
/// Winograd convolution for deep neural networks".
#pragma once

#include <papillon/tensor/vec.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// Pairs of points of F(M x M, 3 x 3).
template <int M> inline constexpr double winograd_points[M / 2]{};
template <> inline constexpr double winograd_points<2>[1] { 1 };
template <> inline constexpr double winograd_points<4>[2] { 0.625, 1.5 };

/// One-dimensional transforms, on registers of any kind that add and multiply: point 0 first, then +p and -p of each
/// pair, infinity last. In two dimensions they are applied to columns, then to rows.
template <int M> class winograd_tile {
  static_assert(M == 2 || M == 4, "papillon::winograd_tile: M must be 2 or 4");

 public:
  static constexpr int side = M + 2;  ///< of a patch
  static constexpr int points = side * side;

  /// B^T d.
  template <class T, int L> PAPILLON_ALWAYS_INLINE static void input(vec<T, L> const (&d)[side], vec<T, L> (&v)[side]) {
    v[0] = combine<T, L, 0>(full, d);
    for (int k = 0; k < pairs; ++k) {
      // d[2], d[4], ... and d[1], d[3], ... by the product of x^2 - q^2 over the other pairs, whose first is x^{M-2}.
      vec<T, L> even = d[M], odd = d[M - 1];
      for (int i = 0; i + 1 < pairs; ++i) {
        vec<T, L> const c = broadcast<L>(static_cast<T>(others[k][i]));
        add_product<T, L>(even, c, d[2 * i + 2]);
        add_product<T, L>(odd, c, d[2 * i + 1]);
      }
      plus_minus<T, L>(k, even, odd, v[2 * k + 1], v[2 * k + 2]);
    }
    v[side - 1] = combine<T, L, 1>(full, d);
  }

  /// A^T m.
  template <class T, int L> PAPILLON_ALWAYS_INLINE static void output(vec<T, L> const (&m)[side], vec<T, L> (&y)[M]) {
    vec<T, L> sum[pairs], difference[pairs];
    for (int k = 0; k < pairs; ++k) {
      sum[k] = m[2 * k + 1] + m[2 * k + 2];
      difference[k] = m[2 * k + 1] - m[2 * k + 2];
    }
    for (int i = 0; i < M; ++i) {
      y[i] = i == 0 ? m[0] : i == M - 1 ? m[side - 1] : vec<T, L>{};
      for (int k = 0; k < pairs; ++k)
        if (i == 0) y[i] += sum[k];
        else add_product<T, L>(y[i], broadcast<L>(static_cast<T>(power(k, i))), i % 2 == 0 ? sum[k] : difference[k]);
    }
  }

  /// A d, the adjoint of `output`.
  template <class T, int L>
  PAPILLON_ALWAYS_INLINE static void output_adjoint(vec<T, L> const (&d)[M], vec<T, L> (&v)[side]) {
    v[0] = d[0];
    for (int k = 0; k < pairs; ++k) {
      vec<T, L> even = d[0], odd = d[1];
      for (int i = 2; i < M; i += 2) {
        vec<T, L> const c = broadcast<L>(static_cast<T>(power(k, i)));
        add_product<T, L>(even, c, d[i]);
        add_product<T, L>(odd, c, d[i + 1]);
      }
      plus_minus<T, L>(k, even, odd, v[2 * k + 1], v[2 * k + 2]);
    }
    v[side - 1] = d[M - 1];
  }

  /// G g.
  template <class T, int L> PAPILLON_ALWAYS_INLINE static void weight(vec<T, L> const (&g)[3], vec<T, L> (&u)[side]) {
    u[0] = static_cast<T>(1 / full[0]) * g[0];
    for (int k = 0; k < pairs; ++k) {
      vec<T, L> const even = static_cast<T>(1 / norm(k)) * g[0] + static_cast<T>(power(k, 2) / norm(k)) * g[2];
      vec<T, L> const odd = static_cast<T>(power(k, 1) / norm(k)) * g[1];
      u[2 * k + 1] = even + odd;
      u[2 * k + 2] = even - odd;
    }
    u[side - 1] = g[2];
  }

  /// G^T u, its adjoint.
  template <class T, int L>
  PAPILLON_ALWAYS_INLINE static void weight_adjoint(vec<T, L> const (&u)[side], vec<T, L> (&g)[3]) {
    g[0] = static_cast<T>(1 / full[0]) * u[0];
    g[1] = vec<T, L>{};
    g[2] = u[side - 1];
    for (int k = 0; k < pairs; ++k) {
      vec<T, L> const sum = u[2 * k + 1] + u[2 * k + 2], difference = u[2 * k + 1] - u[2 * k + 2];
      g[0] += static_cast<T>(1 / norm(k)) * sum;
      g[1] += static_cast<T>(power(k, 1) / norm(k)) * difference;
      g[2] += static_cast<T>(power(k, 2) / norm(k)) * sum;
    }
  }

 private:
  static constexpr int pairs = M / 2;

  [[nodiscard]] static constexpr double power(int pair, int exponent) {
    double p = 1;
    for (; exponent > 0; --exponent) p *= winograd_points<M>[pair];
    return p;
  }
  struct polynomial {
    double coefficients[pairs + 1] = {1};
    [[nodiscard]] constexpr double operator[](int i) const { return coefficients[i]; }
  };
  /// Coefficients, in rising powers of x^2, of the product of x^2 - q^2 over all pairs but `without`.
  [[nodiscard]] static constexpr polynomial product_over(int without) {
    polynomial all;
    double* const c = all.coefficients;
    for (int k = 0; k < pairs; ++k) {
      if (k == without) continue;
      for (int i = pairs; i >= 0; --i) c[i] = (i > 0 ? c[i - 1] : 0) - power(k, 2) * c[i];
    }
    return all;
  }
  static constexpr polynomial full = product_over(-1);
  static constexpr polynomial others[2] = {product_over(0), product_over(1)};
  /// Product of p less every other point.
  [[nodiscard]] static constexpr double norm(int pair) {
    double value = 2 * power(pair, 2);
    for (int k = 0; k < pairs; ++k)
      if (k != pair) value *= power(pair, 2) - power(k, 2);
    return value;
  }

  /// Sum of full[i] d[2 i + First]; the last coefficient is 1.
  template <class T, int L, int First>
  PAPILLON_ALWAYS_INLINE static vec<T, L> combine(polynomial const& c, vec<T, L> const (&d)[side]) {
    vec<T, L> sum = d[M + First];
    for (int i = 0; i < pairs; ++i) add_product<T, L>(sum, broadcast<L>(static_cast<T>(c[i])), d[2 * i + First]);
    return sum;
  }
  /// even + p odd and even - p odd.
  template <class T, int L>
  PAPILLON_ALWAYS_INLINE static void plus_minus(
      int pair, vec<T, L> const& even, vec<T, L> const& odd, vec<T, L>& plus, vec<T, L>& minus) {
    plus = minus = even;
    add_product<T, L>(plus, broadcast<L>(static_cast<T>(power(pair, 1))), odd);
    add_product<T, L>(minus, broadcast<L>(static_cast<T>(-power(pair, 1))), odd);
  }
};

/// A one-dimensional transform of columns, then of rows, of From x From registers into To x To: read(row, column,
/// register), write(row, column, register). Registers go by reference: lambdas that returned ones wider than the
/// machine's would be warned of where no pragma reaches.
template <class T, int L, int From, int To, class Transform, class Read, class Write>
PAPILLON_ALWAYS_INLINE void transform_twice(Transform const& transform, Read const& read, Write const& write) {
  vec<T, L> half[To][From];
  for (int c = 0; c < From; ++c) {
    vec<T, L> in[From], out[To];
    for (int r = 0; r < From; ++r) read(r, c, in[r]);
    transform(in, out);
    for (int r = 0; r < To; ++r) half[r][c] = out[r];
  }
  for (int r = 0; r < To; ++r) {
    vec<T, L> out[To];
    transform(half[r], out);
    for (int c = 0; c < To; ++c) write(r, c, out[c]);
  }
}

}  // namespace papillon::nn

#pragma GCC diagnostic pop
