// SPDX-License-Identifier: MIT
#include <papillon/structure/runtime_chain.hpp>

#include <catch2/catch.hpp>
#include <vector>

#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/error_text.hpp"

namespace papillon {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using test::error_text;

TEST_CASE("a run-time chain answers as the chain type does", "[structure]") {
  using W = smallest_monotone<64, 576, 3>;
  runtime_chain const w = W{};
  CHECK(w.rows() == W::rows());
  CHECK(w.cols() == W::cols());
  CHECK(w.nnz() == W::nnz());
  CHECK(w.depth() == W::depth());
  REQUIRE(w.factors().size() == 3);
  for (int k = 0; k < w.depth(); ++k) CHECK((w.factors()[static_cast<std::size_t>(k)] == W::factor(k)));
  CHECK(w == make_smallest_monotone(64, 576, 3));
  CHECK_FALSE(w == make_smallest_monotone(64, 576, 2));
}

TEST_CASE("an impossible product names the factor and both sizes", "[structure]") {
  CHECK_THAT(error_text(
                 errc::bad_input,
                 [] {
                   runtime_chain({{1, 4, 4, 4}, {4, 4, 4, 1}, {1, 2, 2, 2}});
                 }),
      StartsWith("chain: ") && Contains("factor 1") && Contains("16 columns") && Contains("factor 2") &&
          Contains("4 rows"));
  CHECK_THAT(error_text(
                 errc::bad_input,
                 [] {
                   runtime_chain({{1, 2, 2, 1}, {1, 2, 0, 1}});
                 }),
      StartsWith("chain: ") && Contains("factor 1") && Contains("(1, 2, 0, 1)"));
  CHECK_THAT(error_text(
                 errc::bad_input,
                 [] {
                   runtime_chain({{65536, 65536, 1, 1}});
                 }),
      StartsWith("chain: ") && Contains("factor 0") && Contains("int"));
  CHECK_THAT(error_text(errc::bad_input, [] { runtime_chain(std::vector<pattern>{}); }),
      StartsWith("chain: ") && Contains("no factors"));
  // Each factor has 2^30 coefficients, both together one more than an int holds.
  pattern const half = dense_pattern(32768, 32768);
  CHECK_THAT(error_text(errc::bad_input,
                 [&] {
                   runtime_chain({half, half});
                 }),
      StartsWith("chain: ") && Contains("too many coefficients"));
}

TEST_CASE("run-time generators agree with the compile-time ones", "[structure]") {
  CHECK(make_dyadic_butterfly(1) == runtime_chain(dyadic_butterfly<1>{}));
  CHECK(make_dyadic_butterfly(7) == runtime_chain(dyadic_butterfly<7>{}));
  CHECK(make_monarch(21, 16, 3, 4) == runtime_chain(monarch<21, 16, 3, 4>{}));
  CHECK(make_smallest_monotone(3, 4, 2, input_factor::any) ==
        runtime_chain(smallest_monotone<3, 4, 2, input_factor::any>{}));
  CHECK(make_smallest_monotone(10, 6, 3) == runtime_chain(smallest_monotone<10, 6, 3>{}));
}

TEST_CASE("run-time generators refuse what they cannot build", "[structure]") {
  CHECK_THAT(error_text(
                 errc::usage, [] { (void)make_dyadic_butterfly(0); }),
      StartsWith("dyadic butterfly: ") && Contains("0 levels") && Contains("1 to 25"));
  CHECK_THAT(error_text(
                 errc::usage, [] { (void)make_dyadic_butterfly(26); }),
      StartsWith("dyadic butterfly: ") && Contains("26 levels"));
  CHECK_THAT(error_text(
                 errc::usage, [] { (void)make_monarch(21, 16, 4, 4); }),
      StartsWith("monarch: ") && Contains("21 x 16") && Contains("4 x 4"));
  CHECK_THAT(error_text(
                 errc::usage, [] { (void)make_monarch(21, 16, 3, 0); }),
      StartsWith("monarch: ") && Contains("3 x 0"));
  CHECK_THAT(error_text(
                 errc::usage, [] { (void)make_smallest_monotone(1, 9, 2); }),
      StartsWith("smallest monotone chain: ") && Contains("1 x 9") && Contains("b > 1"));
  CHECK_THAT(error_text(
                 errc::usage, [] { (void)make_smallest_monotone(4, 0, 2); }),
      StartsWith("smallest monotone chain: ") && Contains("4 x 0"));
  CHECK_THAT(error_text(
                 errc::usage, [] { (void)make_smallest_monotone(4, 4, 32); }),
      StartsWith("smallest monotone chain: ") && Contains("32 factors"));
  CHECK_THAT(error_text(errc::usage, [] { (void)make_smallest_monotone(4, 4, 0); }),
      StartsWith("smallest monotone chain: ") && Contains("0 factors"));
  CHECK_NOTHROW(make_smallest_monotone(1, 9, 2, input_factor::any));
}

}  // namespace
}  // namespace papillon
