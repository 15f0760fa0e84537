// SPDX-License-Identifier: MIT
#include <papillon/privacy/blind.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/data/split.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/privacy/discriminator.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/thresholds.hpp>

#include "support/error_text.hpp"

using namespace papillon;
using namespace papillon::privacy;

namespace {

constexpr std::size_t part = 200;  // members of each network, and as many others

/// Small images: gradients of grey whose brightness is random, of seven classes.
data::image_set grey_images(std::size_t count) {
  data::image_set set{.extent = {1, 3, 3}, .classes = 7};
  for (std::size_t i = 0; i < count; ++i) {
    random::engine e({5, 0, random::purpose::test}, 0, i);
    auto const base = random::below(e, 180);
    for (std::size_t k = 0; k < 9; ++k) set.pixels.push_back(static_cast<std::uint8_t>(base + random::below(e, 20)));
    set.labels.push_back(static_cast<std::uint8_t>(random::below(e, 7)));
  }
  return set;
}

struct experiment {
  samples shadow, target;
};

/// What a blind attack sees of a random split, after `leak(set, member)` changed the members of the images.
template <class Leak> experiment split_with(Leak const& leak) {
  auto c = data::collect(grey_images(4 * part));
  auto const split = data::draw_split(c, {.per_part = part, .validation = 0, .seed = 3});
  for (auto const& role : split.roles)
    for (auto const i : role.trained) leak(c.images, i);
  auto const see = [&](data::split::role const& r) {
    auto images = r.trained;
    images.insert(images.end(), r.test.begin(), r.test.end());
    return blind_samples(c.images, images, r.trained.size(), blind_knowledge::label_and_mean_pixel);
  };
  return {see(split.shadow()), see(split.target())};
}

double discriminated(experiment const& e) {
  discriminator const d(exec::omp{1}, e.shadow, all_rows(e.shadow), {{12}, 0.01, 40, 64, true}, 2);
  return evaluate_attack(std::span<float const>(d.scores(e.target)), e.target.members, 0.0).accuracy;
}
template <class Scores> double by_threshold(experiment const& e, Scores const& scores) {
  return threshold_attack(scores(e.shadow, e.shadow), e.shadow.members, scores(e.shadow, e.target), e.target.members)
      .target.accuracy;
}

}  // namespace

TEST_CASE("blind samples are zeros and the class, with the mean pixel if it is known") {
  data::image_set const set{
      .extent = {1, 1, 2}, .classes = 3, .pixels = {0, 51, 255, 255, 0, 102}, .labels = {2, 0, 1}};
  std::vector<std::uint32_t> const images{2, 0};
  auto const blind = blind_samples(set, images, 1);
  CHECK((blind.features == xt::xtensor<float, 2>{{0, 0, 0, 0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 0, 0, 0, 1}}));
  CHECK(blind.members == std::vector<std::uint8_t>{1, 0});
  auto const bright = blind_samples(set, images, 2, blind_knowledge::label_and_mean_pixel);
  CHECK((bright.features == xt::xtensor<float, 2>{{0.2f, 0, 0, 0, 0, 0, 0, 1, 0}, {0.1f, 0, 0, 0, 0, 0, 0, 0, 1}}));
  CHECK_THAT(test::error_text(errc::usage, [&] { (void)blind_samples(set, std::vector{3U}, 0); }),
      Catch::Contains("image 3 (the set has 3 images"));
}

TEST_CASE("class frequencies are those of the shadow") {
  samples const shadow{xt::xtensor<float, 2>{{0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 1}}, {1, 1, 0}};
  samples const judged{xt::xtensor<float, 2>{{0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 1, 0}}, {1, 0}};
  CHECK(class_frequency_scores(shadow, judged) == std::vector{std::log(1.0 / 2), std::log(3.0)});
}

TEST_CASE("on a random split blind attacks guess") {
  auto const e = split_with([](data::image_set&, std::size_t) {});
  // Right or wrong with probability 1/2 on each of 400 images: a deviation of 50 / sqrt(400) = 2.5 percent.
  double const three_sigma = 3 * 50 / std::sqrt(2.0 * part);
  CHECK(discriminated(e) == Approx(50).margin(three_sigma));
  CHECK(by_threshold(e, class_frequency_scores) == Approx(50).margin(three_sigma));
  CHECK(by_threshold(e, mean_pixel_scores) == Approx(50).margin(three_sigma));
}

TEST_CASE("on a split whose members are brighter or darker, blind attacks that know it find them") {
  for (int const shade : {-70, 70}) {
    auto const e = split_with([shade](data::image_set& set, std::size_t i) {
      for (std::size_t k = 9 * i; k < 9 * i + 9; ++k)
        set.pixels[k] = static_cast<std::uint8_t>(std::clamp(set.pixels[k] + shade, 0, 255));
    });
    // Brightness is uniform over 180 levels, and a shift by 70 leaves 110 of them in common: 1/2 + 70 / 360 = 69.4 %.
    CHECK(discriminated(e) > 62);
    CHECK(by_threshold(e, mean_pixel_scores) > 62);
    CHECK(by_threshold(e, class_frequency_scores) < 57.5);
  }
}

TEST_CASE("on a split whose members are of few classes, class frequencies find them") {
  auto const e =
      split_with([](data::image_set& set, std::size_t i) { set.labels[i] = static_cast<std::uint8_t>(i % 3); });
  // Members are of three classes, others of seven: right on all members and on 4 of 7 others.
  double const expected = 50 + 50 * 4 / 7.0, three_sigma = 3 * 100 * std::sqrt(12.0 / 49 / part) / 2;
  CHECK(by_threshold(e, class_frequency_scores) == Approx(expected).margin(three_sigma));
  CHECK(discriminated(e) == Approx(expected).margin(three_sigma));
}
