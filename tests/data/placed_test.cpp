// SPDX-License-Identifier: MIT
#include <papillon/data/placed.hpp>

#include <set>
#include <tuple>

#include <catch2/catch.hpp>
#include <papillon/data/synthetic.hpp>

using namespace papillon;

TEST_CASE("placed images are shifted and mirrored as their placement says", "[data]") {
  auto const set = data::synthetic_images(5, 1);
  std::vector<std::uint32_t> const chosen{3, 0};
  data::augmentation::placement const p{.dy = -2, .dx = 3, .mirrored = true};
  auto const out = data::placed(set, chosen, p);
  REQUIRE(out.size() == 2);
  CHECK(out.labels[0] == set.labels[3]);
  for (std::size_t n = 0; n < 2; ++n)
    for (int c = 0; c < 3; ++c)
      for (int y = 0; y < 32; ++y)
        for (int x = 0; x < 32; ++x) {
          int const sy = y + p.dy, sx = 31 - x + p.dx;
          bool const inside = sy >= 0 && sy < 32 && sx >= 0 && sx < 32;
          int const expected = inside ? set.image(chosen[n])[static_cast<std::size_t>((c * 32 + sy) * 32 + sx)] : 0;
          REQUIRE(int{out.image(n)[static_cast<std::size_t>((c * 32 + y) * 32 + x)]} == expected);
        }
  auto const same = data::placed(set, chosen, {});
  CHECK(std::equal(same.image(1).begin(), same.image(1).end(), set.image(0).begin()));
}

TEST_CASE("queries begin with the image itself, and each is asked once", "[data]") {
  for (int const queries : {1, 2, 18}) {
    auto const all = data::query_placements(queries);
    REQUIRE(all.size() == static_cast<std::size_t>(queries));
    CHECK(std::tuple(all[0].dy, all[0].dx, all[0].mirrored) == std::tuple(0, 0, false));
    std::set<std::tuple<int, int, bool>> different;
    for (auto const& p : all) different.emplace(p.dy, p.dx, p.mirrored);
    CHECK(different.size() == all.size());
  }
  for (int const queries : {0, 3, 17, 36}) CHECK_THROWS_AS(data::query_placements(queries), error);
}
