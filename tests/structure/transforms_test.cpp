// SPDX-License-Identifier: MIT
/// \file transforms_test.cpp
/// Two matrices that are known to be butterflies, rebuilt from coefficients on the factors' supports.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/support.hpp>

namespace papillon {
namespace {

/// W x of a chain whose coefficient of factor p at T[ia][ib][ic][id] is coefficient(p, ib, ic, id).
template <class T, class F> std::vector<T> multiply(runtime_chain const& w, std::vector<T> x, F coefficient) {
  for (std::size_t l = w.factors().size(); l-- > 0;) {
    pattern const p = w.factors()[l];
    std::vector<T> y(static_cast<std::size_t>(p.rows()), T{});
    p.for_each_nonzero([&](int r, int c, int weight) {
      int const id = weight % p.d, ic = weight / p.d % p.c, ib = weight / p.d / p.c % p.b;
      y[static_cast<std::size_t>(r)] += coefficient(p, ib, ic, id) * x[static_cast<std::size_t>(c)];
    });
    x = y;
  }
  return x;
}

template <class T> std::vector<T> unit(std::size_t size, std::size_t at) {
  std::vector<T> x(size, T{});
  x[at] = T{1};
  return x;
}

std::size_t reversed_bits(std::size_t i, int bits) {
  std::size_t out = 0;
  for (int b = 0; b < bits; ++b) out |= (i >> b & 1) << (bits - 1 - b);
  return out;
}

TEST_CASE("the Walsh-Hadamard matrix is a dyadic butterfly, exactly", "[structure]") {
  for (int levels = 1; levels <= 6; ++levels) {
    auto const size = std::size_t{1} << levels;
    for (std::size_t j = 0; j < size; ++j) {
      auto const column = multiply(make_dyadic_butterfly(levels), unit<int>(size, j),
          [](pattern, int ib, int ic, int) { return ib == 1 && ic == 1 ? -1 : 1; });
      for (std::size_t i = 0; i < size; ++i) REQUIRE(column[i] == (std::popcount(i & j) % 2 == 0 ? 1 : -1));
    }
  }
}

TEST_CASE("the Fourier matrix is a dyadic butterfly after bit reversal", "[structure]") {
  using number = std::complex<double>;
  // exp(-2 pi i k / n)
  auto const root = [](std::size_t k, std::size_t n) {
    return std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n));
  };
  for (int levels = 1; levels <= 6; ++levels) {
    auto const size = std::size_t{1} << levels;
    // Every entry is one path, a product of `levels` roots of unity: each root is off by the rounding of its angle
    // (up to 2 pi) and of its parts, each product by two roundings a part; the reference by one root.
    double const tolerance = 16 * (levels + 1) * std::numeric_limits<double>::epsilon();
    for (std::size_t j = 0; j < size; ++j) {
      auto const column = multiply(make_dyadic_butterfly(levels), unit<number>(size, reversed_bits(j, levels)),
          [&](pattern p, int ib, int ic, int id) {
            auto const twiddle = root(static_cast<std::size_t>(id), 2 * static_cast<std::size_t>(p.d));
            return ic == 0 ? number(1) : ib == 0 ? twiddle : -twiddle;
          });
      for (std::size_t i = 0; i < size; ++i) REQUIRE(std::abs(column[i] - root(i * j % size, size)) <= tolerance);
    }
  }
}

}  // namespace
}  // namespace papillon
