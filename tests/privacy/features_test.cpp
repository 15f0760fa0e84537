// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/privacy/samples.hpp>
#include <privacy/plain_features.hpp>

using namespace papillon;
using namespace papillon::privacy;
using test::attack_features;
using test::network_probabilities;

namespace {

constexpr shape extent{2, 3, 1};

/// Image k has the value k + r / 8 in row r.
template <int Lanes> void fetch(std::span<std::uint32_t const> indices, tensor_view<double, Lanes> x) {
  for (int n = 0; n < x.images(); ++n)
    for (int r = 0; r < extent.size(); ++r) x.at(n, r) = indices[static_cast<std::size_t>(n)] + r / 8.0;
}

/// An analytic black box of two "probabilities": a linear function with gradient (1, 2, ..., 6) / 100, and minus it.
template <int Lanes> void linear_box(tensor_view<double const, Lanes> x, std::span<double> p) {
  for (int n = 0; n < x.images(); ++n) {
    double sum = 0;
    for (int r = 0; r < extent.size(); ++r) sum += (r + 1) * x.at(n, r) / 100;
    p[2 * static_cast<std::size_t>(n)] = sum;
    p[2 * static_cast<std::size_t>(n) + 1] = -sum;
  }
}

template <exec::policy Policy, int Lanes>
xt::xtensor<double, 2> features_of(Policy policy, std::vector<std::uint32_t> const& images, int batch) {
  std::vector<std::uint8_t> labels(images.size());
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = images[i] % 2;
  return attack_features<double, Lanes>(policy, images, labels, extent, 2, fetch<Lanes>, linear_box<Lanes>,
      counter_noise{{7, 0, random::purpose::noise}}, {0.001, 5, batch});
}

}  // namespace

TEST_CASE("features are the prediction, the mean change under the given noise over epsilon, and the class") {
  std::vector<std::uint32_t> const images{3, 0, 4};
  std::vector<std::uint8_t> const labels{1, 0, 1};
  double const epsilon = 0.001;
  // In draw d the noise of image k is (d - 1) (k + 1) in every row, so the change is |d - 1| (k + 1) * 21 / 100 *
  // epsilon.
  auto const noise = [](std::uint32_t image, int draw, std::span<double> out) {
    for (double& v : out) v = (draw - 1.0) * (image + 1.0);
  };
  auto const f = attack_features<double, 2>(
      exec::seq{}, images, labels, extent, 2, fetch<2>, linear_box<2>, noise, {epsilon, 3, 2});
  REQUIRE(f.shape(0) == 3);
  REQUIRE(f.shape(1) == 6);
  for (std::size_t i = 0; i < 3; ++i) {
    double const k = images[i], expected = (1 + 0 + 1) * (k + 1) * 0.21 / 3;
    // base: sum (r + 1) (k + r / 8) / 100 = (21 k + 70 / 8) / 100
    CHECK(f(i, 0) == Approx((21 * k + 70.0 / 8) / 100).epsilon(1e-14));
    CHECK(f(i, 1) == -f(i, 0));
    // differences of numbers near 1, divided by epsilon: a relative error of 2^-52 / epsilon each
    CHECK(f(i, 2) == Approx(expected).margin(8 * 2.2e-16 / epsilon));
    CHECK(f(i, 3) == f(i, 2));
    CHECK(f(i, 4) == (labels[i] == 0 ? 1.0 : 0.0));
    CHECK(f(i, 5) == (labels[i] == 1 ? 1.0 : 0.0));
  }
}

TEST_CASE("an image's features do not depend on its neighbours, the batch, the lanes or the threads") {
  std::vector<std::uint32_t> images(17);
  std::iota(images.begin(), images.end(), 5u);
  auto const reference = features_of<exec::seq, 1>({}, images, 40);
  CHECK((features_of<exec::seq, 4>({}, images, 40) == reference));
  CHECK((features_of<exec::omp, 8>({2}, images, 5) == reference));
  CHECK((features_of<exec::omp, 8>({1}, images, 1) == reference));
  std::vector<std::uint32_t> const other{20, 7};
  auto const two = features_of<exec::omp, 4>({2}, other, 16);
  for (std::size_t j = 0; j < 6; ++j) {
    CHECK(two(0, j) == reference(15, j));
    CHECK(two(1, j) == reference(2, j));
  }
}

TEST_CASE("the noise is that of a standard normal") {
  // One draw, one row: the change over epsilon is |N| / 100, whose mean is sqrt(2 / pi) / 100.
  std::vector<std::uint32_t> images(40000);
  std::iota(images.begin(), images.end(), 0u);
  std::vector<std::uint8_t> const labels(images.size());
  auto const f = attack_features<double, 8>(
      exec::omp{}, images, labels, shape{1, 1, 1}, 1,
      [](auto, tensor_view<double, 8> x) { std::fill(x.data(), x.data() + x.blocks() * 8, 0.0); },
      [](tensor_view<double const, 8> x, std::span<double> p) {
        for (int n = 0; n < x.images(); ++n) p[static_cast<std::size_t>(n)] = x.at(n, 0);
      },
      counter_noise{{1, 0, random::purpose::noise}}, {0.5, 1, 1000});
  double mean = 0;
  for (std::size_t i = 0; i < images.size(); ++i) mean += f(i, 1) / static_cast<double>(images.size());
  double const expected = std::sqrt(2 / 3.14159265358979), deviation = std::sqrt(1 - 2 / 3.14159265358979);
  CHECK(std::abs(mean - expected) < 4 * deviation / std::sqrt(40000.0));
}

TEST_CASE("bad labels and settings are errors") {
  auto const run = [](std::vector<std::uint8_t> const& labels, feature_settings s) {
    std::vector<std::uint32_t> const images{1, 2};
    return attack_features<double, 2>(exec::seq{}, images, labels, extent, 2, fetch<2>, linear_box<2>,
        counter_noise{{1, 0, random::purpose::noise}}, s);
  };
  CHECK_NOTHROW(run({0, 1}, {}));
  CHECK_THROWS_AS(run({0, 2}, {}), error);
  CHECK_THROWS_AS(run({0}, {}), error);
  CHECK_THROWS_AS(run({0, 1}, {0.0, 5, 4}), error);
  CHECK_THROWS_AS(run({0, 1}, {0.001, 0, 4}), error);
  CHECK_THROWS_AS(run({0, 1}, {0.001, 5, 0}), error);
}

TEST_CASE("a network as a black box gives probabilities that do not depend on policy or batch") {
  nn::resnet_options options;
  options.depth = 8;
  options.width = 3;
  options.input = {3, 7, 5};
  auto const net = nn::make_resnet<float>(options);
  auto const weights = nn::initialise(net, {3, 0, random::purpose::initialisation});
  constexpr int lanes = native_lanes<float>;
  std::vector<std::uint32_t> images(lanes + 3);
  std::iota(images.begin(), images.end(), 0u);
  std::vector<std::uint8_t> const labels(images.size(), 4);
  auto const pictures = [&](std::span<std::uint32_t const> indices, tensor_view<float, lanes> x) {
    for (int n = 0; n < x.images(); ++n) {
      random::engine e({9, 0, random::purpose::test}, 0, indices[static_cast<std::size_t>(n)]);
      for (int r = 0; r < x.extent().size(); ++r) x.at(n, r) = random::normal<float>(e);
    }
  };
  counter_noise const noise{{1, 0, random::purpose::noise}};
  auto const with = [&](auto policy, int batch) {
    network_probabilities box(policy, net, weights, batch);
    return attack_features<float>(
        policy, images, labels, options.input, box.classes(), pictures, box, noise, {0.001, 2, batch});
  };
  auto const reference = with(exec::seq{}, 64);
  for (std::size_t i = 0; i < images.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < 10; ++j) sum += static_cast<double>(reference(i, j));
    CHECK(sum == Approx(1.0).margin(20 * 6e-8));  // ten numbers below 1, each right to a few units in the last place
    CHECK(reference(i, 24) == 1.0f);
  }
  auto const threaded = with(exec::omp{2}, 64);
  CHECK((with(exec::omp{1}, 7) == threaded));
  double worst = 0, response = 0;
  for (std::size_t i = 0; i < images.size(); ++i)
    for (std::size_t j = 0; j < 20; ++j) {
      double const scale = j < 10 ? 1.0 : 0.001;  // the response is a difference of probabilities over epsilon
      worst =
          std::max(worst, scale * std::abs(static_cast<double>(threaded(i, j)) - static_cast<double>(reference(i, j))));
      if (j >= 10) response = std::max(response, static_cast<double>(reference(i, j)));
    }
  CHECK(worst < 100 * 6e-8);  // a few layers of sums in another order
  CHECK(response > 1e-3);
}

TEST_CASE("samples survive a file, and other files are refused") {
  auto const path =
      std::filesystem::temp_directory_path() / ("papillon_samples_" + std::to_string(::getpid()) + ".npy");
  samples const s{{{1.5f, 2.5f}, {3.25f, -0.125f}, {0.1f, 1e-30f}}, {1, 0, 1}};
  write_samples(path, s);
  auto const back = read_samples(path);
  CHECK((back.features == s.features));
  CHECK(back.members == s.members);
  io::write_npy(path, xt::xtensor<float, 2>{{1.0f, 0.5f}});
  CHECK_THROWS_WITH(read_samples(path), Catch::Contains("neither 0 nor 1"));
  auto infinite = back;
  infinite.features(1, 1) = std::numeric_limits<float>::quiet_NaN();
  privacy::write_samples(path, infinite);
  CHECK_THROWS_WITH(
      read_samples(path), Catch::Contains(path.string()) && Catch::Contains("feature 1 in row 1 is not finite"));
  io::write_npy(path, xt::xtensor<float, 1>{1.0f, 0.5f});
  CHECK_THROWS_AS(read_samples(path), error);
  std::filesystem::remove(path);

  auto const chosen = select_rows(s, std::vector<std::uint32_t>{2, 0});
  CHECK(chosen.members == std::vector<std::uint8_t>{1, 1});
  CHECK(chosen.features(0, 1) == 1e-30f);
  CHECK(chosen.features(1, 0) == 1.5f);
  CHECK_THROWS_AS(select_rows(s, std::vector<std::uint32_t>{3}), error);
}
