// SPDX-License-Identifier: MIT
#include <papillon/data/random_labels.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <catch2/catch.hpp>

using namespace papillon;
using data::image_set;
using data::with_random_labels;

namespace {

image_set numbered(std::size_t images, int classes = 10) {
  image_set set{.extent = {1, 1, 1}, .classes = classes};
  for (std::size_t i = 0; i < images; ++i) {
    set.pixels.push_back(static_cast<std::uint8_t>(i));
    set.labels.push_back(static_cast<std::uint8_t>(i % static_cast<std::size_t>(classes)));
  }
  return set;
}

}  // namespace

TEST_CASE("random labels leave the images as they are and know nothing of the true ones", "[random_labels]") {
  auto const before = numbered(10000), after = with_random_labels(before, 6);
  CHECK(after.pixels == before.pixels);
  CHECK(after.classes == before.classes);
  REQUIRE(after.size() == before.size());
  std::array<int, 10> step{}, count{};
  for (std::size_t i = 0; i < after.size(); ++i) {
    REQUIRE(after.labels[i] < 10);
    ++count[after.labels[i]];
    ++step[static_cast<std::size_t>((after.labels[i] + 10 - before.labels[i]) % 10)];
  }
  // Every one is binomial, 10000 draws of probability 1/10; five standard deviations.
  for (auto const& counts : {step, count})
    for (int const k : counts) CHECK(std::abs(k - 1000) < 5 * std::sqrt(10000 * 0.1 * 0.9));
}

TEST_CASE("a random label is a function of seed and number of the image", "[random_labels]") {
  // Words of Philox, computed by another program.
  CHECK(with_random_labels(numbered(12), 5).labels == std::vector<std::uint8_t>{6, 1, 1, 0, 3, 3, 7, 6, 1, 9, 5, 0});
  auto const few = with_random_labels(numbered(12), 5), many = with_random_labels(numbered(50), 5);
  CHECK(std::equal(few.labels.begin(), few.labels.end(), many.labels.begin()));
  CHECK(with_random_labels(with_random_labels(numbered(50), 5), 5).labels == many.labels);
  CHECK(with_random_labels(numbered(50), 6).labels != many.labels);
  auto const coins = with_random_labels(numbered(50, 2), 5).labels;
  CHECK(*std::max_element(coins.begin(), coins.end()) == 1);
  CHECK(with_random_labels(numbered(0), 5).size() == 0);
}
