// SPDX-License-Identifier: MIT
// Lists of factors as other tools write them: both orders, both notations.
#include <papillon/structure/deformable_factor.hpp>
#include <papillon/structure/factor_order.hpp>

#include <catch2/catch.hpp>

#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>

using namespace papillon;

TEST_CASE("a list begins at the end that its type says", "[structure]") {
  runtime_chain const w({{1, 8, 8, 2}, {8, 2, 18, 1}});
  CHECK(to_chain(pattern_list<factor_order::output_first>{{{1, 8, 8, 2}, {8, 2, 18, 1}}}) == w);
  CHECK(to_chain(pattern_list<factor_order::input_first>{{{8, 2, 18, 1}, {1, 8, 8, 2}}}) == w);
  CHECK_THROWS_AS(to_chain(pattern_list<factor_order::input_first>{{{1, 8, 8, 2}, {8, 2, 18, 1}}}), error);
  CHECK_THROWS_AS(to_chain(pattern_list<factor_order::output_first>{}), error);
}

TEST_CASE("shapes of deformable butterflies are those of the definition", "[structure]") {
  // R^{(16,16)}_{(8,8,2)} and R^{(16,144)}_{(2,18,1)}: the study's chain of a 16 x 144 weight.
  runtime_chain const w({{1, 8, 8, 2}, {8, 2, 18, 1}});
  deformable_list<factor_order::output_first> const shapes{{{16, 16, 8, 8, 2}, {16, 144, 2, 18, 1}}};
  CHECK(to_chain(shapes) == w);
  CHECK(to_deformable<factor_order::output_first>(w) == shapes);
  CHECK(to_chain(deformable_list<factor_order::input_first>{{{16, 144, 2, 18, 1}, {16, 16, 8, 8, 2}}}) == w);
  // Square dyadic butterfly of size 8: (8, 8, 2, 2, 4), (8, 8, 2, 2, 2), (8, 8, 2, 2, 1).
  CHECK(to_deformable<factor_order::output_first>(make_dyadic_butterfly(3)).factors ==
        std::vector<deformable_factor>{{8, 8, 2, 2, 4}, {8, 8, 2, 2, 2}, {8, 8, 2, 2, 1}});
}

TEST_CASE("lists go out and come back", "[structure]") {
  for (auto const& w : {make_dyadic_butterfly(5), make_monarch(21, 16, 3, 4), make_smallest_monotone(64, 576, 3),
           runtime_chain({{3, 1, 1, 5}})}) {
    CHECK(to_chain(to_patterns<factor_order::output_first>(w)) == w);
    CHECK(to_chain(to_patterns<factor_order::input_first>(w)) == w);
    CHECK(to_chain(to_deformable<factor_order::output_first>(w)) == w);
    CHECK(to_chain(to_deformable<factor_order::input_first>(w)) == w);
  }
}

TEST_CASE("shapes that are no factor are refused", "[structure]") {
  for (deformable_factor const f : {deformable_factor{16, 16, 3, 8, 2}, {16, 16, 8, 3, 2}, {16, 32, 8, 8, 2},
           {16, 16, 0, 8, 2}, {-16, 16, 8, 8, 2}, {16, 16, 65536, 65536, 65536}})
    CHECK_THROWS_WITH(to_pattern(f), Catch::Contains("deformable factor (" + std::to_string(f.p)));
}
