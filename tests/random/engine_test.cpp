// SPDX-License-Identifier: MIT
#include <papillon/random/engine.hpp>

#include <array>
#include <random>
#include <set>

#include <catch2/catch.hpp>

using namespace papillon::random;

static_assert(std::uniform_random_bit_generator<engine>);

TEST_CASE("the documented layout of key and counter is the one in use") {
  stream const s{.seed = 0x0123456789abcdef, .role = 1, .what = purpose::noise, .round = 24};
  engine e(s, 299, 0xab'0001'0002);
  std::uint32_t const last = 0xabu | 24u << 8 | 5u << 20 | 1u << 28;
  for (std::uint32_t block = 0; block < 3; ++block) {
    philox_block const expected = philox4x32_10({{block, 0x00010002, 299, last}}, 0x89abcdef, 0x01234567);
    for (std::uint32_t word : expected.word) CHECK(e() == word);
  }
}

TEST_CASE("changing any one part of the key, by one or to its greatest value, changes the numbers") {
  stream const base{.seed = 7, .role = 0, .what = purpose::order, .round = 0};
  std::set<std::array<std::uint32_t, 4>> seen;
  auto add = [&](stream const& s, std::uint32_t epoch, std::uint64_t item) {
    engine e(s, epoch, item);
    std::array<std::uint32_t, 4> words{};
    for (auto& w : words) w = e();
    return seen.insert(words).second;
  };
  CHECK(add(base, 0, 0));
  for (std::uint32_t v : {1u, 15u}) {
    auto s = base;
    s.role = v;
    CHECK(add(s, 0, 0));
  }
  for (std::uint32_t v : {0u, 2u, 255u}) {
    auto s = base;
    s.what = static_cast<purpose>(v);
    CHECK(add(s, 0, 0));
  }
  for (std::uint32_t v : {1u, 4095u}) {
    auto s = base;
    s.round = v;
    CHECK(add(s, 0, 0));
  }
  for (std::uint64_t v : {std::uint64_t{8}, std::uint64_t{7} | std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    auto s = base;
    s.seed = v;
    CHECK(add(s, 0, 0));
  }
  for (std::uint32_t v : {1u, 0xffffffffu}) CHECK(add(base, v, 0));
  for (std::uint64_t v : {std::uint64_t{1}, std::uint64_t{1} << 32, (std::uint64_t{1} << 40) - 1})
    CHECK(add(base, 0, v));
}

TEST_CASE("an engine is a value: a copy goes on alike") {
  engine a(stream{.seed = 3});
  a();
  engine b = a;
  for (int i = 0; i < 9; ++i) CHECK(a() == b());
}
