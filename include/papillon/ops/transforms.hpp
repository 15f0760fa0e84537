// SPDX-License-Identifier: MIT
/// \file transforms.hpp
/// Transforms that are butterflies exactly: with w_n = exp(-2 pi i / n),
///   DFT y_k = sum x_j w_n^{jk} (Cooley, Tukey 1965), its inverse, Walsh-Hadamard y_k = sum (-1)^{popcount(j & k)} x_j,
///   DCT-II y_k = sum x_j cos(pi (j + 1/2) k / n) (Makhoul 1980: one DFT of n), circulant y_k = sum c_{k-j mod n} x_j and
///   Toeplitz products y_k = sum t_{k-j} x_j (two DFTs of a power of two). n log n coefficients each; sizes are powers of two
/// but for the last two. Real matrices that need roots of unity are operators of complex numbers too.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/ops/linear_operator.hpp>
#include <papillon/ops/product_operator.hpp>
#include <papillon/ops/selection.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/fuse.hpp>
#include <papillon/structure/runtime_chain.hpp>

namespace papillon {

namespace detail {

/// log2 of a size; throws for what is no power of two.
[[nodiscard]] inline int transform_levels(char const* what, int size) {
  if (size < 1 || !std::has_single_bit(static_cast<unsigned>(size)) || size > 1 << most_dyadic_levels)
    throw error(errc::usage, std::string(what) + " of size " + std::to_string(size) + " is no butterfly (powers of two from 1 to 2^" +
                                 std::to_string(most_dyadic_levels) + " are) pad with zeros");
  return std::countr_zero(static_cast<unsigned>(size));
}

/// The butterfly of size 2^levels; of size 1 too, where it has one factor with one entry.
[[nodiscard]] inline runtime_chain transform_chain(int levels) {
  return levels == 0 ? runtime_chain({{1, 1, 1, 1}}) : make_dyadic_butterfly(levels);
}

/// exp(-2 pi i k / n), rounded once.
template <class R>
[[nodiscard]] std::complex<R> root_of_unity(long long k, long long n) {
  long double const angle = -2 * std::numbers::pi_v<long double> * static_cast<long double>(k % n) / static_cast<long double>(n);
  return {static_cast<R>(std::cos(angle)), static_cast<R>(std::sin(angle))};
}

/// The coefficients of a chain of dyadic factors: value(d, row 0 or 1, column 0 or 1, position in d), T[a][b][c][d].
template <class T, class F>
[[nodiscard]] std::vector<T> dyadic_coefficients(runtime_chain const& w, F const& value) {
  std::vector<T> all;
  all.reserve(static_cast<std::size_t>(w.nnz()));
  for (pattern const p : w.factors())
    for (int a = 0; a < p.a; ++a)
      for (int b = 0; b < p.b; ++b)
        for (int c = 0; c < p.c; ++c)
          for (int d = 0; d < p.d; ++d) all.push_back(value(p.d, b, c, d));
  return all;
}

/// B of DFT = B (bit reversal), or its transpose; conjugated, and scaled, for the inverse.
template <class R>
[[nodiscard]] linear_operator<runtime_chain, std::complex<R>> fourier_butterfly(int levels, bool inverse, bool transpose) {
  runtime_chain w = transform_chain(levels);
  if (transpose) w = transposed(w);
  auto coefficients = dyadic_coefficients<std::complex<R>>(w, [&](int half, int row, int col, int at) {
    if (transpose) std::swap(row, col);
    if (levels == 0 || col == 0) return std::complex<R>(1);
    auto const root = root_of_unity<R>(row == 0 ? at : at + half, 2 * half);
    return inverse ? std::conj(root) : root;
  });
  if (inverse)  // a power of two: exact
    for (std::size_t i = 0; i < static_cast<std::size_t>(w.factors()[0].nnz()); ++i) coefficients[i] /= static_cast<R>(1 << levels);
  return {std::move(w), std::move(coefficients)};
}

}  // namespace detail

/// The discrete Fourier transform of size n, without a scale. R: float or double.
template <class R>
[[nodiscard]] product_operator<std::complex<R>> make_dft(int n) {
  int const levels = detail::transform_levels("a Fourier transform", n);
  return product_operator<std::complex<R>>({detail::fourier_butterfly<R>(levels, false, false), bit_reversal(levels)});
}

/// Its inverse, with the scale 1/n.
template <class R>
[[nodiscard]] product_operator<std::complex<R>> make_inverse_dft(int n) {
  int const levels = detail::transform_levels("an inverse Fourier transform", n);
  return product_operator<std::complex<R>>({detail::fourier_butterfly<R>(levels, true, false), bit_reversal(levels)});
}

/// The Walsh-Hadamard transform of size n in natural order, entries +1 and -1; T is any scalar.
template <class T>
[[nodiscard]] linear_operator<runtime_chain, T> make_walsh_hadamard(int n) {
  runtime_chain w = detail::transform_chain(detail::transform_levels("a Walsh-Hadamard transform", n));
  auto coefficients = detail::dyadic_coefficients<T>(w, [](int, int row, int col, int) { return row == 1 && col == 1 ? T(-1) : T(1); });
  return {std::move(w), std::move(coefficients)};
}

/// The cosine transform of the second kind, without a scale. Its entries are real; as a product it takes complex numbers.
template <class R>
[[nodiscard]] product_operator<std::complex<R>> make_dct2(int n) {
  using number = std::complex<R>;
  int const levels = detail::transform_levels("a cosine transform", n);
  if (levels == 0) return make_dft<R>(1);
  // v = (x_0, x_2, ..., x_3, x_1) has the DFT V, and y_k = Re(w_{4n}^k V_k) = (w_{4n}^k V_k + w_{4n}^{-k} V_{n-k}) / 2 for real x.
  std::vector<int> folded(static_cast<std::size_t>(n)), pairs(folded.size()), places(folded.size());
  for (int j = 0; j < n; ++j) folded[static_cast<std::size_t>(j % 2 == 0 ? j / 2 : n - 1 - j / 2)] = j;
  // Pairs (k, n - k), 0 < k < n/2, and (0, n/2), whose ends are pairs with themselves.
  runtime_chain w({{n / 2, 2, 2, 1}});
  std::vector<number> coefficients;
  for (int k = 0; k < n / 2; ++k) {
    int const other = k == 0 ? n / 2 : n - k;
    for (int const half : {0, 1}) {
      auto const place = static_cast<std::size_t>(2 * k + half);
      pairs[place] = half == 0 ? k : other;
      places[static_cast<std::size_t>(pairs[place])] = static_cast<int>(place);
    }
    auto const near = [&](int i) { return detail::root_of_unity<R>(i, 4LL * n) / R{2}; };
    if (k == 0) coefficients.insert(coefficients.end(), {number(1), number(0), number(0), R{2} * number(near(other).real())});
    else coefficients.insert(coefficients.end(), {near(k), std::conj(near(k)), std::conj(near(other)), near(other)});
  }
  return product_operator<number>({selection(std::move(places), n), linear_operator<runtime_chain, number>(std::move(w), std::move(coefficients)),
                                   selection(std::move(pairs), n), detail::fourier_butterfly<R>(levels, false, false), bit_reversal(levels),
                                   selection(std::move(folded), n)});
}

/// The product with a Toeplitz matrix: `column` is its first column, t_0 ... t_{m-1}, `row` its first row, t_0 t_{-1} ...;
/// row[0] is not read. m x n, any sizes from 1. A circulant of a power of two not below m + n - 1, cut out.
template <class R>
[[nodiscard]] product_operator<std::complex<R>> make_toeplitz(std::span<std::complex<R> const> column, std::span<std::complex<R> const> row);

/// The product with the circulant matrix whose first column is c; any size from 1, fastest for powers of two.
template <class R>
[[nodiscard]] product_operator<std::complex<R>> make_circulant(std::span<std::complex<R> const> c) {
  using number = std::complex<R>;
  int const n = static_cast<int>(c.size());
  if (n > 0 && !std::has_single_bit(c.size())) {
    std::vector<number> row(c.rbegin(), c.rend());  // c_{n-1}, ..., c_0: the first row is c_0, c_{n-1}, ..., c_1
    row.insert(row.begin(), c[0]);
    row.pop_back();
    return make_toeplitz<R>(c, row);
  }
  int const levels = detail::transform_levels("a circulant", n);
  // C = (B* / n) P diag(F c) (P B^T), F = B P = P B^T; the two bit reversals P only reorder the diagonal.
  std::vector<number> spectrum(c.size()), diagonal(c.size());
  make_dft<R>(n).multiply(exec::seq{}, false, matrix_view<number const>{c.data(), n, 1, 1, n}, matrix_view<number>{spectrum.data(), n, 1, 1, n});
  auto const reversed = bit_reversal(levels);
  for (std::size_t i = 0; i < diagonal.size(); ++i) diagonal[i] = spectrum[static_cast<std::size_t>(reversed.source()[i])];
  return product_operator<number>({detail::fourier_butterfly<R>(levels, true, false), std::move(diagonal), detail::fourier_butterfly<R>(levels, false, true)});
}

template <class R>
product_operator<std::complex<R>> make_toeplitz(std::span<std::complex<R> const> column, std::span<std::complex<R> const> row) {
  using number = std::complex<R>;
  if (column.empty() || row.empty())
    throw error(errc::usage, "a Toeplitz matrix of " + std::to_string(column.size()) + " x " + std::to_string(row.size()) + " does not exist (rows and columns start at 1)");
  std::size_t const size = std::bit_ceil(column.size() + row.size() - 1);
  std::vector<number> c(size, number{});
  std::copy(column.begin(), column.end(), c.begin());
  for (std::size_t j = 1; j < row.size(); ++j) c[size - j] = row[j];
  auto parts = make_circulant<R>(std::span<number const>(c)).parts();
  std::vector<int> cut(column.size()), padded(size, selection::nothing);
  for (std::size_t i = 0; i < cut.size(); ++i) cut[i] = static_cast<int>(i);
  for (std::size_t j = 0; j < row.size(); ++j) padded[j] = static_cast<int>(j);
  parts.insert(parts.begin(), selection(std::move(cut), static_cast<int>(size)));
  parts.push_back(selection(std::move(padded), static_cast<int>(row.size())));
  return product_operator<number>(std::move(parts));
}

}  // namespace papillon
