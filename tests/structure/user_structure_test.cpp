// SPDX-License-Identifier: MIT
/// A structure of a user's own answers what the library's structures do.
#include <catch2/catch.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <papillon/structure/draw.hpp>
#include <papillon/structure/size.hpp>
#include <papillon/structure/support.hpp>

#include "support/banded.hpp"

using namespace papillon;

static_assert(structure_factor<test::banded> && structure<test::banded> && !chain_structure<test::banded>);
static_assert(structure<test::banded_product> && !structure_factor<test::banded_product>);
static_assert(!chain_structure<test::banded_product>);

TEST_CASE("a user's structure is counted, drawn and spelled out", "[structure]") {
  test::banded const one{3, 4, 1};
  CHECK(support(one) == std::vector<std::uint8_t>{1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1});
  CHECK(coefficients(one) == 6);
  CHECK(nonzeros(one) == 6);
  CHECK(bytes<double>(one) == 48);
  CHECK(draw_text(one).find("3 x 4, 6 nonzeros") != std::string::npos);

  // Square: the last place of the second diagonal has no entry.
  test::banded const square{3, 3, 1};
  CHECK(coefficients(square) == 6);
  CHECK(nonzeros(square) == 5);
  CHECK(multiply_adds(square, 4) == 20);

  test::banded_product const two{{one, test::banded{4, 2, 1}}};
  CHECK(coefficients(two) == 6 + 8);
  CHECK(multiply_adds(two) == 6 + 3);
  // Rows of the right factor: (1 1) (0 1) (0 0) (0 0).
  CHECK(path_counts(two) == std::vector<std::int64_t>{1, 2, 0, 1, 0, 0});
  CHECK(nonzeros(two) == 3);
}
