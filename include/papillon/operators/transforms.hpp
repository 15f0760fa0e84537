// SPDX-License-Identifier: MIT
/// \file transforms.hpp
/// Transforms that are butterflies exactly: with w_n = exp(-2 pi i / n),
///   DFT y_k = sum x_j w_n^{jk} (Cooley, Tukey 1965), its inverse, Walsh-Hadamard y_k = sum (-1)^{popcount(j & k)} x_j,
///   DCT-II y_k = sum x_j cos(pi (j + 1/2) k / n) and its inverse (Makhoul 1980: one DFT of n), circulant y_k = sum
///   c_{k-j mod n} x_j and Toeplitz products y_k = sum t_{k-j} x_j (two DFTs of a power of two).
/// n log n coefficients each; sizes are powers of two but for the last two. Real matrices take real vectors
/// (operators/real_operator.hpp).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

#include <papillon/operators/real_operator.hpp>
#include <papillon/operators/walsh_hadamard.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/fuse.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {

/// log2 of a size; throws for what is no power of two.
[[nodiscard]] inline int transform_levels(char const* what, int size) {
  if (size < 1 || !std::has_single_bit(static_cast<unsigned>(size)) || size > 1 << most_dyadic_levels)
    throw error(errc::usage, message(what, " of size ", size, " is no butterfly (powers of two from 1 to 2^",
                                 most_dyadic_levels, " are) pad with zeros"));
  return std::countr_zero(static_cast<unsigned>(size));
}

/// The butterfly of size 2^levels; of size 1 too, where it has one factor with one entry.
[[nodiscard]] inline runtime_chain transform_chain(int levels) {
  return levels == 0 ? runtime_chain({{1, 1, 1, 1}}) : make_dyadic_butterfly(levels);
}

/// exp(-2 pi i k / n), rounded once; k of either sign.
template <class R> [[nodiscard]] std::complex<R> root_of_unity(long long k, long long n) {
  long double const angle =
      -2 * std::numbers::pi_v<long double> * static_cast<long double>(k % n) / static_cast<long double>(n);
  return {static_cast<R>(std::cos(angle)), static_cast<R>(std::sin(angle))};
}

/// The coefficients of a chain of dyadic factors: value(d, row 0 or 1, column 0 or 1, position in d), T[a][b][c][d].
template <class T, class F> [[nodiscard]] std::vector<T> dyadic_coefficients(runtime_chain const& w, F const& value) {
  std::vector<T> all;
  all.reserve(static_cast<std::size_t>(w.nnz()));
  for (pattern const p : w.factors())
    p.for_each_nonzero(
        [&](int row, int col, int) { all.push_back(value(p.d, row / p.d % p.b, col / p.d % p.c, row % p.d)); });
  return all;
}

/// B of DFT = B (bit reversal), or its transpose; conjugated, and scaled, for the inverse.
template <class R>
[[nodiscard]] linear_operator<runtime_chain, std::complex<R>> fourier_butterfly(
    int levels, bool inverse, bool transpose) {
  runtime_chain w = transform_chain(levels);
  if (transpose) w = transposed(w);
  auto coefficients = dyadic_coefficients<std::complex<R>>(w, [&](int half, int row, int col, int at) {
    if (transpose) std::swap(row, col);
    if (levels == 0 || col == 0) return std::complex<R>(1);
    auto const root = root_of_unity<R>(row == 0 ? at : at + half, 2 * half);
    return inverse ? std::conj(root) : root;
  });
  if (inverse)  // a power of two: exact
    for (std::size_t i = 0; i < static_cast<std::size_t>(w.factors()[0].nnz()); ++i)
      coefficients[i] /= static_cast<R>(1 << levels);
  return {std::move(w), std::move(coefficients)};
}

}  // namespace detail

/// The discrete Fourier transform of size n, without a scale. R: float or double.
template <class R> [[nodiscard]] product_operator<std::complex<R>> make_dft(int n) {
  int const levels = detail::transform_levels("a Fourier transform", n);
  return product_operator<std::complex<R>>({detail::fourier_butterfly<R>(levels, false, false), bit_reversal(levels)});
}

/// Its inverse, with the scale 1/n.
template <class R> [[nodiscard]] product_operator<std::complex<R>> make_inverse_dft(int n) {
  int const levels = detail::transform_levels("an inverse Fourier transform", n);
  return product_operator<std::complex<R>>({detail::fourier_butterfly<R>(levels, true, false), bit_reversal(levels)});
}

/// The Walsh-Hadamard transform of size n in natural order, entries +1 and -1; T is any scalar.
template <class T> [[nodiscard]] walsh_hadamard<T> make_walsh_hadamard(int n) { return walsh_hadamard<T>(n); }

namespace detail {

/// How a cosine transform of n = 2^levels > 1 numbers follows from the Fourier transform V of v = (x_0, x_2, ..., x_3,
/// x_1): the entries of V are combined in pairs (k, n - k), 0 < k < n/2, and (0, n/2), whose ends are pairs with
/// themselves.
struct cosine_order {
  std::vector<int> folded;    ///< v_i = x[folded[i]]
  std::vector<int> unfolded;  ///< x_i = v[unfolded[i]]
  std::vector<int> pairs;     ///< entry of V at each place of the list of pairs
  std::vector<int> places;    ///< place of each entry of V in that list

  explicit cosine_order(int n)
      : folded(static_cast<std::size_t>(n)), unfolded(folded.size()), pairs(folded.size()), places(folded.size()) {
    for (int j = 0; j < n; ++j) {
      int const at = j % 2 == 0 ? j / 2 : n - 1 - j / 2;
      unfolded[static_cast<std::size_t>(j)] = at;
      folded[static_cast<std::size_t>(at)] = j;
    }
    for (int place = 0; place < n; ++place) {
      int const k = place / 2, entry = place % 2 == 0 ? k : k == 0 ? n / 2 : n - k;
      pairs[static_cast<std::size_t>(place)] = entry;
      places[static_cast<std::size_t>(entry)] = place;
    }
  }
};

/// A product with complex numbers for complex vectors, with real ones for real vectors.
template <class T>
using transform_of = std::conditional_t<product::is_complex<T>, product_operator<T>, real_operator<T>>;

}  // namespace detail

/// The cosine transform of the second kind of n real numbers, without a scale. Its transpose is that of the third kind.
template <class R> [[nodiscard]] real_operator<R> make_dct2(int n) {
  using number = std::complex<R>;
  int const levels = detail::transform_levels("a cosine transform", n);
  if (levels == 0) return real_operator<R>(make_dft<R>(1));
  // y_k = Re(w_{4n}^k V_k) = (w_{4n}^k V_k + w_{4n}^{-k} V_{n-k}) / 2 for real x.
  detail::cosine_order order(n);
  runtime_chain w({{n / 2, 2, 2, 1}});
  auto const half = [&](int k) { return detail::root_of_unity<R>(k, 4LL * n) / R{2}; };
  std::vector<number> coefficients{number(1), number(0), number(0), R{2} * number(half(n / 2).real())};
  for (int k = 1; k < n / 2; ++k)
    coefficients.insert(coefficients.end(), {half(k), std::conj(half(k)), std::conj(half(n - k)), half(n - k)});
  return real_operator<R>(product_operator<number>({index_map(std::move(order.places), n),
      linear_operator<runtime_chain, number>(std::move(w), std::move(coefficients)),
      index_map(std::move(order.pairs), n), detail::fourier_butterfly<R>(levels, false, false), bit_reversal(levels),
      index_map(std::move(order.folded), n)}));
}

/// Its inverse, x_j = (y_0 + 2 sum_{k > 0} y_k cos(pi (j + 1/2) k / n)) / n.
template <class R> [[nodiscard]] real_operator<R> make_inverse_dct2(int n) {
  using number = std::complex<R>;
  int const levels = detail::transform_levels("an inverse cosine transform", n);
  if (levels == 0) return real_operator<R>(make_dft<R>(1));
  // V_k = w_{4n}^{-k} (y_k - i y_{n-k}), where y_n = 0: V_0 = y_0 and V_{n/2} = sqrt(2) y_{n/2}.
  detail::cosine_order order(n);
  runtime_chain w({{n / 2, 2, 2, 1}});
  auto const turn = [&](int k) { return detail::root_of_unity<R>(-k, 4LL * n); };
  auto const other = [&](int k) { return detail::root_of_unity<R>(n - k, 4LL * n); };  // -i w_{4n}^{-k}
  std::vector<number> coefficients{number(1), number(0), number(0), number(std::numbers::sqrt2_v<R>)};
  for (int k = 1; k < n / 2; ++k)
    coefficients.insert(coefficients.end(), {turn(k), other(k), other(n - k), turn(n - k)});
  return real_operator<R>(product_operator<number>({index_map(std::move(order.unfolded), n),
      detail::fourier_butterfly<R>(levels, true, false), bit_reversal(levels), index_map(std::move(order.places), n),
      linear_operator<runtime_chain, number>(std::move(w), std::move(coefficients)),
      index_map(std::move(order.pairs), n)}));
}

namespace detail {

/// The circulant of a power of two with first column c.
template <class R>
[[nodiscard]] product_operator<std::complex<R>> diagonalised_circulant(std::vector<std::complex<R>> const& c) {
  using number = std::complex<R>;
  int const n = static_cast<int>(c.size()), levels = transform_levels("a circulant", n);
  // C = (B* / n) P diag(F c) (P B^T), F = B P = P B^T; the two bit reversals P only reorder the diagonal.
  std::vector<number> spectrum(c.size()), diagonal;
  apply(exec::seq{}, make_dft<R>(n), c, spectrum);
  index_map const reversal = bit_reversal(levels);
  for (int const i : reversal.source()) diagonal.push_back(spectrum[static_cast<std::size_t>(i)]);
  return product_operator<number>(
      {fourier_butterfly<R>(levels, true, false), std::move(diagonal), fourier_butterfly<R>(levels, false, true)});
}

}  // namespace detail

/// The product with a Toeplitz matrix: `column` is its first column, t_0 ... t_{m-1}, `row` its first row, t_0 t_{-1}
/// ...; row[0] is not read. m x n, any sizes from 1. A circulant of a power of two not below m + n - 1, cut out. T:
/// float, double, and their complex numbers; a matrix of real numbers takes real vectors.
template <class T>
[[nodiscard]] detail::transform_of<T> make_toeplitz(std::span<T const> column, std::span<T const> row) {
  using number = std::complex<product::real_of<T>>;
  if (column.empty() || row.empty())
    throw error(errc::usage, message("a Toeplitz matrix of ", column.size(), " x ", row.size(),
                                 " does not exist (rows and columns start at 1)"));
  std::size_t const size = std::bit_ceil(column.size() + row.size() - 1);
  std::vector<number> c(size, number{});
  std::copy(column.begin(), column.end(), c.begin());
  for (std::size_t j = 1; j < row.size(); ++j) c[size - j] = row[j];
  auto parts = detail::diagonalised_circulant(c).parts();
  std::vector<int> cut(column.size()), padded(size, index_map::nothing);
  std::iota(cut.begin(), cut.end(), 0);
  std::iota(padded.begin(), padded.begin() + static_cast<std::ptrdiff_t>(row.size()), 0);
  parts.insert(parts.begin(), index_map(std::move(cut), static_cast<int>(size)));
  parts.push_back(index_map(std::move(padded), static_cast<int>(row.size())));
  return detail::transform_of<T>(product_operator<number>(std::move(parts)));
}

/// The product with the circulant matrix whose first column is c; any size from 1, fastest for powers of two. T as
/// above.
template <class T> [[nodiscard]] detail::transform_of<T> make_circulant(std::span<T const> c) {
  if (!c.empty() && !std::has_single_bit(c.size())) {
    std::vector<T> row(c.rbegin(), c.rend());  // c_{n-1}, ..., c_0: the first row is c_0, c_{n-1}, ..., c_1
    row.insert(row.begin(), c[0]);
    row.pop_back();
    return make_toeplitz<T>(c, row);
  }
  return detail::transform_of<T>(
      detail::diagonalised_circulant(std::vector<std::complex<product::real_of<T>>>(c.begin(), c.end())));
}

}  // namespace papillon
