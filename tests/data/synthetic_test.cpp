// SPDX-License-Identifier: MIT
#include <papillon/data/synthetic.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/io/sha256.hpp>

#include "support/error_text.hpp"

using namespace papillon;
using data::image_set;
using data::synthetic_images;

TEST_CASE("more images leave the first ones as they are; another seed changes every image") {
  auto const few = synthetic_images(13, 4), many = synthetic_images(25, 4), other = synthetic_images(13, 5);
  CHECK(std::equal(few.pixels.begin(), few.pixels.end(), many.pixels.begin()));
  CHECK(std::equal(few.labels.begin(), few.labels.end(), many.labels.begin()));
  for (std::size_t i = 0; i < 13; ++i) CHECK_FALSE(std::ranges::equal(few.image(i), other.image(i)));
  CHECK(synthetic_images(0, 4).size() == 0);
}

TEST_CASE("classes are balanced but for label noise, whose share is what was asked for") {
  auto const clean = synthetic_images(1005, 6, {.label_noise = 0});
  std::array<int, 10> count{};
  for (auto const label : clean.labels) ++count[label];
  for (std::size_t c = 0; c < 10; ++c) CHECK(count[c] == (c < 5 ? 101 : 100));

  auto const noisy = synthetic_images(1005, 6, {.label_noise = 0.3F});
  CHECK(noisy.pixels == clean.pixels);
  std::array<int, 10> step{};
  for (std::size_t i = 0; i < 1005; ++i)
    ++step[static_cast<std::size_t>((noisy.labels[i] + 10 - clean.labels[i]) % 10)];
  double const wrong = 1005 - step[0];
  CHECK(std::abs(wrong - 301.5) < 5 * std::sqrt(1005 * 0.3 * 0.7));
  for (std::size_t k = 1; k < 10; ++k) CHECK(std::abs(step[k] - wrong / 9) < 5 * std::sqrt(wrong / 9));
}

TEST_CASE("noise has the deviation that was asked for") {
  // Where neither image is clipped, two images that differ only in noise differ by it, give or take a rounding of one
  // byte.
  auto const clean = synthetic_images(40, 7, {.noise = 0}), noisy = synthetic_images(40, 7, {.noise = 0.05F});
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < clean.pixels.size(); ++i) {
    if (clean.pixels[i] > 80 && clean.pixels[i] < 175) {
      double const d = double(noisy.pixels[i]) - double(clean.pixels[i]);
      sum += d * d, n += 1;
    }
  }
  REQUIRE(n > 10000);
  double const variance = 0.05 * 0.05 * 255 * 255 + 2.0 / 12;  // two roundings
  CHECK(std::abs(sum / n - variance) < 5 * variance * std::sqrt(2 / n) + 0.5 / 12);
}

TEST_CASE("a shape's mirror image, in some turn of it, is a shape of its class") {
  auto const turned = [](data::detail::point p, float angle) {
    return data::detail::point{
        std::cos(angle) * p.x - std::sin(angle) * p.y, std::sin(angle) * p.x + std::cos(angle) * p.y};
  };
  for (std::uint8_t c = 0; c < 10; ++c) {
    int inside = 0, differ = 0;
    for (int k = 0; k < 1000; ++k) {
      data::detail::point const p{static_cast<float>(k % 32) / 16 - 0.99F, static_cast<float>(k / 32) / 16 - 0.99F};
      bool const here = data::detail::shape_distance(c, p) < 0;
      auto const mirrored = turned({-p.x, p.y}, c == 9 ? 3.14159265F : 0.F);
      inside += here;
      differ += here != (data::detail::shape_distance(c, mirrored) < 0);
    }
    CHECK(inside > 100);
    CHECK(inside < 800);
    CHECK(differ == 0);
  }
}

TEST_CASE("a nearest-neighbour guess is no way to tell the classes") {
  auto const train = synthetic_images(600, 8), test = synthetic_images(150, 9, {.label_noise = 0});
  int right = 0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    auto const image = test.image(i);
    long best = std::numeric_limits<long>::max();
    std::size_t nearest = 0;
    for (std::size_t k = 0; k < train.size(); ++k) {
      auto const other = train.image(k);
      long d = 0;
      for (std::size_t j = 0; j < image.size(); ++j) d += (image[j] - other[j]) * (image[j] - other[j]);
      if (d < best) best = d, nearest = k;
    }
    right += train.labels[nearest] == test.labels[i];
  }
  CHECK(right < 75);  // chance is 15
}

TEST_CASE("options out of range are named") {
  auto const refused = [](data::synthetic_options const& o) {
    return test::error_text(errc::usage, [&] { (void)synthetic_images(1, 1, o); });
  };
  CHECK_THAT(refused({.noise = -1}), Catch::Contains("noise"));
  CHECK_THAT(refused({.label_noise = 1.5F}), Catch::Contains("label_noise"));
  CHECK_THAT(refused({.tint = 2}), Catch::Contains("tint"));
  CHECK_THAT(refused({.contrast = 2}), Catch::Contains("contrast"));
  CHECK_THAT(refused({.smallest = 9, .largest = 8}), Catch::Contains("radii"));
  CHECK_THAT(refused({.noise = std::nanf("")}), Catch::Contains("noise"));
}

// What the header promises: these bytes never change, whatever compiles them.
TEST_CASE("the first images of a seed are these bytes") {
  auto const set = synthetic_images(2000, 1);
  CHECK(io::sha256_hex(std::span<std::uint8_t const>(set.pixels)) ==
        "bd87de0cf134a39d57afc299c8c9bb2b5fa5e5cc3cfd5a773757363401498ca8");
}
