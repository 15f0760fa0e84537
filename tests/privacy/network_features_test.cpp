// SPDX-License-Identifier: MIT
#include <papillon/privacy/network_features.hpp>

#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <privacy/plain_features.hpp>

#include "support/error_text.hpp"

using namespace papillon;
using namespace papillon::privacy;

namespace {

data::image_set grey_images_of_100_classes() {
  data::image_set set{.extent = {1, 6, 5}, .classes = 100};
  for (std::size_t i = 0; i < 21; ++i) {
    random::engine e({5, 0, random::purpose::test}, 0, i);
    for (int k = 0; k < set.extent.size(); ++k) set.pixels.push_back(static_cast<std::uint8_t>(random::below(e, 256)));
    set.labels.push_back(static_cast<std::uint8_t>(99 - 4 * i));
  }
  return set;
}

}  // namespace

TEMPLATE_TEST_CASE("of a hundred classes there are three hundred features, those of the plain loop under every policy",
    "", exec::seq, exec::omp, exec::emulated) {
  constexpr int lanes = exec::lanes_of<TestType, double>;
  auto const set = grey_images_of_100_classes();
  data::normalisation const norm{.mean = {0.1307}, .deviation = {0.3081}};
  auto const net =
      nn::make_resnet<double, lanes>({.depth = 8, .width = 2, .classes = set.classes, .input = set.extent});
  auto const weights = nn::initialise(net, {3, 0, random::purpose::initialisation});
  std::vector<std::uint32_t> images(set.size() - 2);
  std::iota(images.begin(), images.end(), 2U);
  counter_noise const noise{{1, 0, random::purpose::noise}};
  feature_settings const settings{.epsilon = 0.001, .draws = 2, .batch = 7};
  auto const got = network_features(TestType{}, net, weights, set, images, norm, noise, settings, [] {});
  REQUIRE(got.shape(0) == images.size());
  REQUIRE(got.shape(1) == 300);

  test::network_probabilities box(exec::seq{}, net, weights, settings.batch);
  auto const fetch = [&](std::span<std::uint32_t const> indices, tensor_view<double, lanes> x) {
    data::fill_batch(exec::seq{}, set, indices, norm, {}, x);
  };
  auto const want = test::attack_features<double, lanes>(
      exec::seq{}, images, std::span(set.labels).subspan(2), set.extent, set.classes, fetch, box, noise, settings);
  double worst = 0;
  for (std::size_t i = 0; i < images.size(); ++i)
    for (std::size_t j = 0; j < 300; ++j) {
      double const scale = j >= 100 && j < 200 ? settings.epsilon : 1.0;  // a difference over epsilon
      worst = std::max(worst, scale * std::abs(got(i, j) - want(i, j)));
    }
  CHECK(worst < 1e-12);  // a few layers of sums of numbers near 1, in another order
  CHECK(got(0, 200 + 91) == 1);
}

TEST_CASE("features of images that do not exist or are of no class of the network are refused") {
  auto const set = grey_images_of_100_classes();
  auto const net = nn::make_resnet<double>({.depth = 8, .width = 1, .classes = 99, .input = set.extent});
  auto const weights = nn::initialise(net, {3, 0, random::purpose::initialisation});
  auto const refused = [&](std::uint32_t image) {
    return test::error_text(errc::bad_input, [&] {
      (void)network_features(exec::omp{1}, net, weights, set, std::vector{1U, image}, {{0.5}, {0.5}}, {}, {}, [] {});
    });
  };
  CHECK_THAT(refused(0), Catch::Contains("sample 0 has the label 99 (the network tells 99 classes apart)"));
  CHECK_THAT(refused(21), Catch::Contains("there is no sample 21"));
}
