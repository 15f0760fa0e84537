// SPDX-License-Identifier: MIT
#include <papillon/data/poisson_sampling.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

using namespace papillon;

namespace {

random::stream const stream{.seed = 3, .role = 1, .what = random::purpose::sampling, .round = 2};

std::vector<std::uint32_t> images(std::uint32_t count) {
  std::vector<std::uint32_t> list(count);
  std::iota(list.begin(), list.end(), 7u);
  return list;
}

}  // namespace

TEST_CASE("steps and rate follow from the expected batch") {
  data::poisson_sampling const sampling(14000, 256);
  CHECK(sampling.rate() == 256.0 / 14000);
  CHECK(sampling.divisor() == 256);
  CHECK(sampling.steps_per_epoch() == 55);
  CHECK(data::poisson_sampling(500, 32).steps_per_epoch() == 16);
  CHECK(data::poisson_sampling(5, 5).steps_per_epoch() == 1);
}

TEST_CASE("images enter a step with the rate, one independently of the other and of other steps") {
  constexpr std::uint32_t count = 500, steps = 400;
  data::poisson_sampling const sampling(count, 50);
  auto const all = images(count);
  std::vector<int> times(count + 7), sizes;
  int together = 0, again = 0;
  std::vector<std::uint32_t> before;
  for (std::uint32_t step = 0; step < steps; ++step) {
    auto const chosen = sampling.sample(stream, step, all);
    CHECK(std::is_sorted(chosen.begin(), chosen.end()));
    sizes.push_back(static_cast<int>(chosen.size()));
    for (auto const image : chosen) {
      ++times[image];
      together += image % 2 == 1 && std::binary_search(chosen.begin(), chosen.end(), image + 1);
      again += std::binary_search(before.begin(), before.end(), image);
    }
    before = chosen;
  }
  // 200,000 draws of .1 are 20,000 +- 134; sizes vary by 500 * .1 * .9 = 45, which 400 of them show to +- 3.2; pairs of
  // neighbours and of steps come with .01, 1,000 +- 32 of 100,000 and 1,995 +- 45 of 199,500. Five deviations each.
  CHECK(std::abs(std::accumulate(sizes.begin(), sizes.end(), 0) - 20000) < 670);
  double variance = 0;
  for (int const size : sizes) variance += (size - 50.0) * (size - 50.0) / steps;
  CHECK(std::abs(variance - 45) < 16);
  CHECK(std::abs(together - 1000) < 160);
  CHECK(std::abs(again - 1995) < 225);
  // an image enters 40 +- 6 of 400 steps
  CHECK(*std::max_element(times.begin() + 7, times.end()) < 75);
  CHECK(*std::min_element(times.begin() + 7, times.end()) > 10);
}

TEST_CASE("whether an image enters depends on seed, role, round, step and image, and on no other image") {
  data::poisson_sampling const sampling(1000, 300);
  auto const all = images(1000), chosen = sampling.sample(stream, 4, all);
  std::vector<std::uint32_t> odd, chosen_odd;
  for (auto const image : all)
    if (image % 2 == 1) odd.push_back(image);
  std::copy_if(chosen.begin(), chosen.end(), std::back_inserter(chosen_odd), [](auto i) { return i % 2 == 1; });
  CHECK(sampling.sample(stream, 4, odd) == chosen_odd);
  CHECK(sampling.sample(stream, 4, all) == chosen);
  CHECK(sampling.sample(stream, 5, all) != chosen);
  for (auto const& other : {random::stream{4, 1, random::purpose::sampling, 2}, {3, 0, random::purpose::sampling, 2},
           {3, 1, random::purpose::sampling, 1}, {3, 1, random::purpose::dp_noise, 2}})
    CHECK(sampling.sample(other, 4, all) != chosen);
}

TEST_CASE("with a batch of all images all enter, and of none none") {
  auto const all = images(17);
  CHECK(data::poisson_sampling(17, 17).sample(stream, 0, all) == all);
  CHECK(data::poisson_sampling(17, 17).sample(stream, 0, {}).empty());
  bool empty = false;
  for (std::uint32_t step = 0; step < 40; ++step)
    empty |= data::poisson_sampling(17, 1).sample(stream, step, all).empty();
  CHECK(empty);  // a step without an image: .36 of them
}

TEST_CASE("batches of none or of more than all are errors") {
  CHECK_THROWS_AS(data::poisson_sampling(10, 0), papillon::error);
  CHECK_THROWS_AS(data::poisson_sampling(10, 11), papillon::error);
  CHECK_THROWS_AS(data::poisson_sampling(0, 0), papillon::error);
}
