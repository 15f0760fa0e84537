// SPDX-License-Identifier: MIT
#include <study/chain_text.hpp>

#include <catch2/catch.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/refusal.hpp"

using namespace papillon;
using study::read_chain;

TEST_CASE("a chain is written as its factors or as what generates it") {
  CHECK(read_chain("(1,8,8,2)(8,2,18,1)") == runtime_chain({{1, 8, 8, 2}, {8, 2, 18, 1}}));
  CHECK(read_chain("( 1, 2,1,1)   (1,1,1, 1)").depth() == 2);
  CHECK(read_chain("butterfly:16") == make_dyadic_butterfly(4));
  CHECK(read_chain("monarch:21,16,3,4") == make_monarch(21, 16, 3, 4));
  CHECK(read_chain("monotone:64,576,2") == make_smallest_monotone(64, 576, 2));
}

TEST_CASE("what is no chain is refused with what was written") {
  for (char const* text : {"(1,2,3", "1,2,3,4", "(1,2,3)", "(1,2,3,4)x", "(1,2,3,99999999999)", "butterfly:", "ring:3",
           "butterfly:2147483648", "monarch:1,2,3", "(1,,2,3)", ":"})
    CHECK_THAT(test::refusal([&] { (void)read_chain(text); }), Catch::Contains(text) && Catch::Contains("is no chain"));
  for (char const* text : {"butterfly:12", "butterfly:-4", "butterfly:2147483647", "butterfly:0"})
    CHECK_THAT(test::refusal([&] { (void)read_chain(text); }), Catch::Contains("power of two"));
  CHECK_THROWS_WITH(
      read_chain("monotone:2147483646,2147483647,31"), Catch::Contains("more coefficients than an int counts"));
  CHECK_THROWS_WITH(read_chain(""), Catch::Contains("no factors"));
  CHECK_THROWS_WITH(read_chain("(65536,65536,1,1)"), Catch::Contains("abcd is an int"));
  CHECK_THROWS_WITH(read_chain("(1,0,1,1)"), Catch::Contains("start at 1"));
}
