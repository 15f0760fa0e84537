// SPDX-License-Identifier: MIT
#include <papillon/train/private_gradient.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <catch2/catch.hpp>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/group_norm.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

random::stream const stream{.seed = 8, .what = random::purpose::dp_noise};
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Clipped sum of `gradients` in parts of `images` rows, then noise.
template <class T, class E>
std::vector<T> private_gradient(E e, train::private_gradient_settings const& settings, std::uint32_t step,
    std::vector<T> const& gradients, std::size_t parameters, std::size_t images) {
  std::vector<T> sum(parameters);
  std::span<T const> rest(gradients);
  while (!rest.empty()) {
    auto const part = rest.first(std::min(rest.size(), images * parameters));
    train::add_clipped(e, settings.clip, part, sum);
    rest = rest.subspan(part.size());
  }
  train::finish_private_gradient(e, settings, stream, step, std::span<T>(sum));
  return sum;
}

constexpr int lanes = 8;

template <class Structure> nn::network<double, lanes> network_of(Structure const& weight) {
  nn::network<double, lanes> net({3, 4, 3});
  net.add("conv", nn::conv2d(weight, {net.output(), 4}));
  net.add("norm", nn::group_norm(net.output(), {.groups = 2, .relu = true}));
  net.add("pool", nn::global_average_pool(net.output()));
  net.add("linear", nn::linear(dense(5, 4)));
  return net;
}

/// Gradient of the mean loss of some images.
std::vector<double> gradient_of(nn::network<double, lanes> const& net, nn::weights<double>& w,
    tensor<double, lanes> const& x, std::vector<std::uint8_t> const& labels) {
  nn::runner run(exec::omp{2}, net, x.images(), nn::mode::train);
  tensor<double, lanes> dlogits(net.output(), x.images());
  nn::cross_entropy(exec::seq{}, run.forward(w, nn::mode::train, x), std::span(labels), dlogits.view());
  std::vector<double> gradient(net.parameter_count());
  run.backward(w, dlogits, gradient);
  return gradient;
}

void check_network(nn::network<double, lanes> const& net, std::vector<std::uint8_t> const& kept = {}) {
  auto w = nn::initialise(net, {.seed = 2, .what = random::purpose::initialisation});
  for (std::size_t i = 0; i < kept.size(); ++i) w.parameters[i] *= kept[i];
  for (int const images : {1, 17}) {
    auto const x = test::noise_tensor<double, lanes>(net.input(), images, 6);
    std::vector<std::uint8_t> labels;
    std::vector<double> rows;
    for (int n = 0; n < images; ++n) {
      labels.push_back(static_cast<std::uint8_t>(n * 3 % 5));
      tensor<double, lanes> one(net.input(), 1);
      for (int r = 0; r < net.input().size(); ++r) one.view().at(0, r) = x.cview().at(n, r);
      auto const row = gradient_of(net, w, one, {labels.back()});
      rows.insert(rows.end(), row.begin(), row.end());
    }
    auto const want = gradient_of(net, w, x, labels);
    for (std::size_t const part : {40u, 5u}) {
      INFO(images << " images in parts of " << part);
      auto const got =
          private_gradient(exec::seq{}, {infinity, 0, static_cast<double>(images)}, 0, rows, want.size(), part);
      CHECK(test::largest_difference<double>(got, want) < 1e-14);  // gradients are below 1, and sums of 17
    }
  }
}

}  // namespace

TEST_CASE("without clipping and noise the gradients of single images are the gradient of the batch") {
  std::vector<std::uint8_t> keep(4 * 27);
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = i % 3 == 1;
  check_network(network_of(dense(4, 27)));
  check_network(network_of(csr_mask(4, 27, keep)), keep);
  check_network(network_of(make_smallest_monotone(4, 27, 2)));
}

TEST_CASE("gradients longer than the largest norm are shortened to it, others stay") {
  std::vector<double> const rows{3, 4, 0, .3, .4, 0, 0, 0, 0, -6, 0, 8};
  std::vector<double> factors(4), sum(3);
  exec::for_each(exec::seq{}, 4, train::clipping_factor<double>{rows.data(), factors.data(), 3, 1});
  CHECK(factors[0] == Approx(.2).epsilon(1e-15));
  CHECK(factors[1] == 1);
  CHECK(factors[2] == 1);
  CHECK(factors[3] == Approx(.1).epsilon(1e-15));
  train::add_clipped(exec::seq{}, 1, std::span<double const>(rows), sum);
  CHECK(sum[0] == Approx(.3).epsilon(1e-14));
  CHECK(sum[1] == Approx(1.2).epsilon(1e-14));
  CHECK(sum[2] == Approx(.8).epsilon(1e-14));
  // without clipping and noise, and every image in every batch: the mean
  auto const mean = private_gradient(exec::seq{}, {infinity, 0, 4}, 0, rows, 3, 4);
  CHECK(mean == std::vector<double>{-2.7 / 4, 4.4 / 4, 2});
}

TEST_CASE("an image changes the sum by the largest norm at most, whatever its gradient is") {
  auto const others = test::noise<double>(5 * 7, 1);
  for (double const size : {0.0, 1e-300, .1, 10.0, 1e150, 1e200, infinity, std::nan("")}) {
    auto rows = others;
    for (double const v : test::noise<double>(7, 2)) rows.push_back(v * size);
    std::vector<double> with(7), without(7);
    train::add_clipped(exec::seq{}, .5, std::span<double const>(rows), with);
    train::add_clipped(exec::seq{}, .5, std::span<double const>(others), without);
    double change = 0;
    for (std::size_t k = 0; k < 7; ++k) change += (with[k] - without[k]) * (with[k] - without[k]);
    CAPTURE(size);
    CHECK(std::sqrt(change) <= .5 * (1 + 1e-14));  // NaN is not
  }
}

TEST_CASE("noise is added once a step, in units of the largest norm, and divided with the sum") {
  constexpr std::size_t parameters = 20001;
  train::private_gradient_settings const settings{.clip = 3, .noise = .5, .divisor = 6};
  auto const noise = private_gradient<double>(exec::seq{}, settings, 4, {}, parameters, 1);  // of an empty batch
  double sum = 0, squares = 0;
  for (double const v : noise) {
    sum += v;
    squares += v * v;
  }
  // deviation .5 * 3 / 6 = 1/4; of 20,001 values the mean scatters by .0018, the variance by .00063: five deviations
  CHECK(std::abs(sum / parameters) < .009);
  CHECK(std::abs(squares / parameters - .0625) < .0032);
  auto const gradients = test::noise<double>(2 * parameters, 3);
  auto const whole = private_gradient(exec::seq{}, settings, 4, gradients, parameters, 2),
             parts = private_gradient(exec::seq{}, settings, 4, gradients, parameters, 1);
  std::vector<double> clipped(parameters);
  train::add_clipped(exec::seq{}, settings.clip, std::span<double const>(gradients), clipped);
  for (std::size_t k = 0; k < parameters; ++k) clipped[k] = clipped[k] / 6 + noise[k];
  CHECK(test::largest_difference<double>(whole, clipped) < 1e-15);
  CHECK(test::largest_difference<double>(whole, parts) < 1e-15);
}

TEST_CASE("noise is a function of seed, role, round and step") {
  auto const of = [](random::stream const& s, std::uint32_t step) {
    std::vector<float> sum(37);
    train::finish_private_gradient(exec::seq{}, {}, s, step, std::span<float>(sum));
    return sum;
  };
  auto const first = of(stream, 1);
  CHECK(of(stream, 1) == first);
  for (auto const& other : {random::stream{9, 0, stream.what, 0}, {8, 1, stream.what, 0}, {8, 0, stream.what, 1},
           {8, 0, random::purpose::noise, 0}})
    CHECK(of(other, 1) != first);
  CHECK(of(stream, 2) != first);
  std::vector<float> shorter(5);  // a prefix of the same numbers
  train::finish_private_gradient(exec::seq{}, {}, stream, 1, std::span<float>(shorter));
  CHECK(std::equal(shorter.begin(), shorter.end(), first.begin()));
}

TEST_CASE("threads give the same bits as loops") {
  for (std::size_t const images : {1u, 17u, 40u}) {
    constexpr std::size_t parameters = 1237;
    auto const gradients = test::noise<float>(images * parameters, 5);
    train::private_gradient_settings const settings{.clip = 10, .noise = 1.1, .divisor = 20};
    auto const want = private_gradient(exec::seq{}, settings, 3, gradients, parameters, 17);
    for (int const threads : {1, 2, 3})
      CHECK(private_gradient(exec::omp{.threads = threads}, settings, 3, gradients, parameters, 17) == want);
  }
}

TEST_CASE("settings that make no step are errors") {
  std::vector<double> sum(3);
  auto const step = [&](train::private_gradient_settings const& s) {
    train::finish_private_gradient(exec::seq{}, s, stream, 0, std::span<double>(sum));
  };
  double const missing = std::nan("");
  for (auto const& s : {train::private_gradient_settings{0, 1, 1}, {-1, 1, 1}, {missing, 1, 1}, {1, -1, 1},
           {1, missing, 1}, {1, infinity, 1}, {infinity, 1, 1}, {1, 1, 0}, {1, 1, missing}, {1, 1, infinity}})
    CHECK_THROWS_AS(step(s), papillon::error);
  CHECK_NOTHROW(step({infinity, 0, 1}));
}
