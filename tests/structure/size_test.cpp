// SPDX-License-Identifier: MIT
#include <papillon/structure/size.hpp>

#include <catch2/catch.hpp>

#include <vector>

#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/runtime_chain.hpp>

using namespace papillon;

TEST_CASE("coefficients, nonzeros, bytes and multiply-adds of every structure", "[structure]") {
  CHECK(coefficients(dense(3, 5)) == 15);
  CHECK(nonzeros(dense(3, 5)) == 15);
  CHECK(bytes<float>(dense(3, 5)) == 60);
  CHECK(multiply_adds(dense(3, 5), 4) == 60);

  csr_mask const mask(2, 3, std::vector<std::uint8_t>{1, 0, 1, 0, 0, 1});
  CHECK(nonzeros(mask) == 3);
  CHECK(bytes<double>(mask) == 3 * 8 + 3 * 4 + 3 * 4);  // values, columns, three row pointers
  CHECK(multiply_adds(mask) == 3);

  pattern const factor{2, 3, 5, 7};
  CHECK(nonzeros(factor) == 210);
  CHECK(bytes<float>(factor) == 840);

  // The product of five factors of 64 coefficients is a full 32 x 32 matrix; that of the other chain is block diagonal.
  CHECK(coefficients(make_dyadic_butterfly(5)) == 320);
  CHECK(nonzeros(make_dyadic_butterfly(5)) == 1024);
  CHECK(multiply_adds(dyadic_butterfly<5>{}, 8) == 2560);
  CHECK(nonzeros(runtime_chain({{2, 2, 1, 1}, {2, 1, 3, 1}})) == 12);
}
