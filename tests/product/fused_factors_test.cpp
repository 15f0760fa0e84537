// SPDX-License-Identifier: MIT
/// Small factors multiplied out: which they are, and that the product stays what it was.
#include <catch2/catch.hpp>

#include <vector>

#include <papillon/operators/to_dense.hpp>
#include <papillon/product/fused_factors.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

std::vector<pattern> fused_supports(runtime_chain const& chain, int lanes) {
  auto const factors = chain.factors();
  return product::fuse_small<float>(std::vector<pattern>(factors.begin(), factors.end()), {}, lanes).factors;
}

}  // namespace

TEST_CASE("a small chain's factors before the one on the input side are multiplied out") {
  using patterns = std::vector<pattern>;
  CHECK(fused_supports(make_smallest_monotone(16, 144, 3), 16) == patterns{{1, 8, 8, 2}, {8, 2, 18, 1}});
  CHECK(fused_supports(make_smallest_monotone(32, 144, 3), 16) == patterns{{1, 16, 16, 2}, {16, 2, 9, 1}});
  // 1,280 more weights: 80 registers of 16 lanes, 160 of 8.
  runtime_chain const wide({{1, 4, 4, 16}, {4, 8, 8, 2}});
  CHECK(fused_supports(wide, 16) == patterns{{1, 32, 32, 2}});
  CHECK(fused_supports(wide, 8) == patterns{{1, 4, 4, 16}, {4, 8, 8, 2}});
}

TEST_CASE("large factors, butterflies and factors without a common pattern stay as they are") {
  for (runtime_chain const& chain : {make_smallest_monotone(4096, 4096, 3), make_dyadic_butterfly(6),
           make_monarch(64, 64, 8, 8), runtime_chain({{3, 2, 2, 2}, {2, 3, 3, 2}})}) {
    auto const factors = chain.factors();
    CHECK(fused_supports(chain, 16) == std::vector<pattern>(factors.begin(), factors.end()));
  }
}

TEST_CASE("multiplying factors out changes nothing but the order of sums") {
  // One path to an entry, several, a run of three, a factor behind it that stays.
  for (runtime_chain const& chain : {make_smallest_monotone(16, 144, 3), make_smallest_monotone(32, 288, 4),
           runtime_chain({{1, 3, 4, 4}, {2, 4, 3, 2}}), runtime_chain({{2, 3, 4, 8}, {4, 4, 2, 4}, {8, 2, 3, 2}})}) {
    auto const factors = chain.factors();
    auto const coefficients = test::noise<double>(static_cast<std::size_t>(chain.nnz()), 1);
    auto const fused =
        product::fuse_small<double>(std::vector<pattern>(factors.begin(), factors.end()), coefficients, 16);
    REQUIRE(fused.factors.size() < factors.size());
    auto const before = to_dense<double>(chain, coefficients),
               after = to_dense<double>(runtime_chain(fused.factors), fused.coefficients);
    REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i] == Approx(before[i]).margin(1e-15));
  }
}
