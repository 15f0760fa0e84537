// SPDX-License-Identifier: MIT
#include <papillon/io/chain_file.hpp>

#include <limits>

#include <catch2/catch.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;

TEST_CASE("chains are stored as tensors of dims (a, b, c, d) and come back", "[chain_file]") {
  test::temporary_directory const here;
  runtime_chain const w({{1, 2, 1, 2}, {2, 1, 3, 1}});
  io::safetensors file;
  io::add_chain(file, "layer", w, std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  io::add_chain(file, "other", runtime_chain({{1, 1, 1, 1}}), std::vector<float>{7});
  file.write(here / "chains.safetensors");
  auto const back = io::safetensors::read(here / "chains.safetensors");
  CHECK(back.dims("layer.factor1") == std::vector<std::size_t>{2, 1, 3, 1});
  auto const layer = io::get_chain<double>(back, "layer");
  CHECK(layer.chain == w);
  CHECK(layer.coefficients == std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(io::get_chain<float>(back, "other").coefficients == std::vector<float>{7});
}

TEST_CASE("what is no chain is refused", "[chain_file]") {
  io::safetensors file;
  CHECK_THROWS_AS(io::add_chain(file, "w", runtime_chain({{1, 2, 1, 2}}), std::vector<float>{1}), error);
  CHECK_THROWS_WITH(io::get_chain<float>(file, "w"), Catch::Contains("w.factor0"));
  file.add("w.factor0", {4, 2}, std::vector<float>(8));
  CHECK_THROWS_WITH(io::get_chain<float>(file, "w"), Catch::Contains("not a, b, c, d"));
  file.add("v.factor0", {1, 2, 2, 1}, std::vector<float>(4));
  file.add("v.factor1", {1, 3, 1, 1}, std::vector<float>(3));
  CHECK_THROWS_WITH(
      io::get_chain<float>(file, "v"), Catch::Contains("v cannot be used") && Catch::Contains("2 columns"));
  file.add("u.factor0", {1, 2, 1, 1}, std::vector<float>{1, std::numeric_limits<float>::infinity()});
  CHECK_THROWS_WITH(
      io::get_chain<float>(file, "u"), Catch::Contains("tensor u.factor0 cannot be used (value 1 is not finite)"));
  file.add("t.factor0", {std::size_t{1} << 32, 0, 1, 1}, std::vector<float>());
  CHECK_THROWS_WITH(io::get_chain<float>(file, "t"), Catch::Contains("t.factor0 is no factor"));
  CHECK_THROWS_WITH(io::get_chain<double>(file, "v"), Catch::Contains("F32"));
}
