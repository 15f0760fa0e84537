// SPDX-License-Identifier: MIT
/// Predicted times order products as their work does. Nothing is timed: the machine's figures are given.
#include <catch2/catch.hpp>

#include <complex>
#include <cstdint>
#include <vector>

#include <papillon/operators/product_time.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>

using namespace papillon;

namespace {

machine const m{};

/// Every k-th entry of a row.
csr_mask every(int k, int rows, int cols) {
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
  for (std::size_t i = 0; i < keep.size(); i += static_cast<std::size_t>(k)) keep[i] = 1;
  return csr_mask(rows, cols, keep);
}

}  // namespace

TEST_CASE("a larger matrix takes longer, in every form and for any number of vectors") {
  for (int const vectors : {1, 3, 8, 16, 17, 64, 500}) {
    product_time<float> const time(m, vectors);
    double dense_before = 0, chain_before = 0, mask_before = 0;
    for (int n : {64, 256, 1024}) {
      CHECK(time(dense(n, n)) > dense_before);
      CHECK(time(make_smallest_monotone(n, n, 2)) > chain_before);
      CHECK(time(every(7, n, n)) > mask_before);
      dense_before = time(dense(n, n)), chain_before = time(make_smallest_monotone(n, n, 2)),
      mask_before = time(every(7, n, n));
    }
  }
}

TEST_CASE("more registers of vectors take longer") {
  auto const w = make_dyadic_butterfly(8);
  double before = 0;
  for (int const vectors : {0, 1, 2, 4, 16, 32, 64, 512}) {
    double const seconds = product_time<float>(m, vectors)(w);
    CHECK((vectors == 0 ? seconds == 0 : seconds > before));
    before = seconds;
  }
}

TEST_CASE("double and complex numbers take longer than single precision") {
  auto const w = make_monarch(1024, 1024, 32, 32);
  for (int const vectors : {1, 64}) {
    double const single = product_time<float>(m, vectors)(w);
    CHECK(product_time<double>(m, vectors)(w) > single);
    CHECK(product_time<std::complex<float>>(m, vectors)(w) > single);
  }
}

TEST_CASE("threads help large products and leave small ones alone") {
  machine two = m;
  two.threads = 2;
  auto const large = dense(4096, 4096);
  auto const small = make_dyadic_butterfly(6);
  CHECK(product_time<float>(two)(large) < 0.7 * product_time<float>(m)(large));
  CHECK(product_time<float>(two)(small) == product_time<float>(m)(small));
}

TEST_CASE("no memory is slower than the first cache in which all lies") {
  machine slow = m;
  slow.read_second = slow.read_beyond = 1e9;
  auto const small = make_dyadic_butterfly(6);
  CHECK(product_time<float>(slow)(small) == product_time<float>(m)(small));
  CHECK(product_time<float>(slow)(dense(1024, 1024)) > product_time<float>(m)(dense(1024, 1024)));
}

TEST_CASE("odd patterns have a time: lanes without neighbours, one row, one column, one entry") {
  for (pattern const p : {pattern{1, 1, 1, 1}, pattern{3, 5, 7, 1}, pattern{1, 1, 40, 1}, pattern{1, 40, 1, 1},
           pattern{17, 1, 1, 3}, pattern{2, 3, 100, 1}, pattern{1, 2, 2, 17}})
    for (int const vectors : {1, 2, 16, 40}) {
      double const seconds = product_time<float>(m, vectors)(runtime_chain({p}));
      CHECK(seconds > 0);
      CHECK(seconds < 1e-3);
    }
  CHECK(product_time<float>(m)(every(100, 5, 3)) > 0);
}

TEST_CASE("predicted time is a cost of the smallest monotone chain") {
  for (int const vectors : {1, 64}) {
    product_time<float> const cost(m, vectors);
    auto const chosen = make_smallest_monotone(1024, 1024, 2, input_factor::proper, cost);
    CHECK(chosen.depth() == 2);
    // It is a minimum: no worse than the chain with the fewest coefficients, by the sum over the factors.
    auto const sum = [&](runtime_chain const& w) {
      double seconds = 0;
      for (pattern const p : w.factors()) seconds += cost(p);
      return seconds;
    };
    CHECK(sum(chosen) <= sum(make_smallest_monotone(1024, 1024, 2)) * (1 + 1e-12));
  }
}
