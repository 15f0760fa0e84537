// SPDX-License-Identifier: MIT
/// Group norm by itself: the values of its formula, its limits, and that no image has to do with another.
#include <papillon/nn/layers/group_norm.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

template <int L, class E>
std::vector<double> values(
    E e, nn::group_norm const& layer, std::vector<double> const& parameters, tensor<double, L> const& x) {
  auto y = test::poisoned<double, L>(layer.output(), x.images());
  nn::forward_args<double, L> a;
  a.how = nn::mode::train;
  a.parameters = parameters;
  a.x = x.cview();
  a.y = y.view();
  layer.forward(e, a);
  std::vector<double> r(static_cast<std::size_t>(layer.output().size() * x.images()));
  relayout<double, L>(y.cview(), r);
  return r;
}

/// A residual block of a convolution and two norms.
template <int L> nn::network<double, L> block() {
  shape const extent{4, 3, 5};
  nn::network<double, L> net(extent);
  int const first = net.add("norm1", nn::group_norm(extent, {.groups = 2, .relu = true}));
  net.add("conv", nn::conv2d(dense(4, 36), {extent, 4}));
  net.add("norm2", nn::group_norm(extent, {.groups = 4, .relu = true}), nn::network<double, L>::none, first);
  return net;
}

struct outcome {
  std::vector<double> output, gradient, evaluated;
  friend bool operator==(outcome const&, outcome const&) = default;
};

template <int L, class E> outcome run_block(E e, tensor<double, L> const& x, tensor<double, L> const& dy) {
  auto const net = block<L>();
  nn::weights<double> w{test::noise<double>(net.parameter_count(), 1), {}};
  nn::runner run(e, net, x.images(), nn::mode::train);
  outcome o;
  o.output.resize(static_cast<std::size_t>(net.output().size() * x.images()));
  o.evaluated = o.output;
  o.gradient.assign(net.parameter_count(), std::nan(""));
  relayout<double, L>(run.forward(w, nn::mode::train, x), o.output);
  run.backward(w, dy, o.gradient);
  relayout<double, L>(run.forward(std::as_const(w), x), o.evaluated);
  return o;
}

}  // namespace

TEST_CASE("values are normalised within an image and a group") {
  nn::group_norm const layer({4, 2, 1}, {.groups = 2});
  std::vector<double> parameters(8);  // not a list: of four ones and four zeros g++ 12 makes eight ones with AVX-512
  std::fill_n(parameters.begin(), 4, 1);
  std::vector<double> const want{-1.341635, -.447212, .447212, 1.341635, -1.091088, -.654653, 1.527524, .218218};
  auto const check = [&](auto e) {
    constexpr int lanes = 8;
    tensor<double, lanes> x(layer.input(), 1);
    double const image[] = {1, 2, 3, 4, -1, 0, 5, 2};
    for (int r = 0; r < 8; ++r) x.view().at(0, r) = image[r];
    auto const y = values(e, layer, parameters, x);
    for (std::size_t i = 0; i < want.size(); ++i) CHECK(y[i] == Approx(want[i]).margin(5e-7));
    auto const scaled = values(e, layer, {2, 1, -1, 1, .5, 0, 0, 3}, x);
    CHECK(scaled[0] == Approx(2 * y[0] + .5).epsilon(1e-12));
    CHECK(scaled[5] == Approx(-y[5]).epsilon(1e-12));
    CHECK(scaled[7] == Approx(y[7] + 3).epsilon(1e-12));
  };
  check(exec::seq{});
  check(exec::omp{});
}

TEST_CASE("an image of one value a group becomes its offset, and a large centre costs no digits") {
  nn::group_norm const layer({2, 4, 5}, {.groups = 1});
  constexpr int lanes = 8;
  tensor<double, lanes> x(layer.input(), 3), far(layer.input(), 3);
  auto const noise = test::noise_tensor<double, lanes>(layer.input(), 3, 2);
  for (int n = 0; n < 3; ++n)
    for (int r = 0; r < 40; ++r) {
      x.view().at(n, r) = n == 1 ? 7 : noise.cview().at(n, r);
      far.view().at(n, r) = x.cview().at(n, r) + 1e4;
    }
  std::vector<double> const parameters{1, 2, .25, -3};
  auto const near = values(exec::omp{}, layer, parameters, x), moved = values(exec::omp{}, layer, parameters, far);
  for (std::size_t i = 40; i < 80; ++i) CHECK(near[i] == Approx(i < 60 ? .25 : -3).margin(1e-12));
  CHECK(test::largest_difference<double>(near, moved) < 1e-10);  // 1e4 * 2^-53 is 1e-12, and deviations are .5
  CHECK(test::largest_difference<double>(moved, values(exec::seq{}, layer, parameters, far)) < 1e-10);
}

TEST_CASE("an image's values and gradient do not depend on the other images") {
  constexpr int images = 17;
  auto const extent = block<1>().input();
  auto const x = test::noise_tensor<double, 8>(extent, images, 2),
             dy = test::noise_tensor<double, 8>(extent, images, 3);
  auto const together = run_block(exec::omp{2}, x, dy);
  auto const size = static_cast<std::size_t>(extent.size());
  CHECK(together.evaluated == together.output);
  std::vector<double> sum(together.gradient.size());
  for (int n = 0; n < images; ++n) {
    tensor<double, 8> one(extent, 1), d(extent, 1);
    for (int r = 0; r < extent.size(); ++r) {
      one.view().at(0, r) = x.cview().at(n, r);
      d.view().at(0, r) = dy.cview().at(n, r);
    }
    auto const alone = run_block(exec::omp{2}, one, d);
    auto const at = together.output.begin() + static_cast<std::ptrdiff_t>(size) * n;
    CHECK(test::largest_difference<double>(alone.output, {at, at + static_cast<std::ptrdiff_t>(size)}) < 1e-13);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += alone.gradient[i];
  }
  CHECK(test::largest_difference<double>(sum, together.gradient) < 1e-11);
}

TEST_CASE("group norm has the same bits for any number of threads") {
  for (int const images : {1, 17, 40}) {
    auto const extent = block<1>().input();
    auto const x = test::noise_tensor<double, 8>(extent, images, 2),
               dy = test::noise_tensor<double, 8>(extent, images, 3);
    auto const one = run_block(exec::omp{.threads = 1}, x, dy);
    CHECK(run_block(exec::omp{.threads = 2}, x, dy) == one);
    CHECK(run_block(exec::omp{.threads = 3}, x, dy) == one);
  }
}

TEST_CASE("groups of different numbers of channels are an error") {
  CHECK_THROWS_AS(nn::group_norm({6, 2, 2}, {.groups = 4}), papillon::error);
  CHECK_THROWS_AS(nn::group_norm({6, 2, 2}, {.groups = 0}), papillon::error);
  CHECK_THROWS_AS(nn::group_norm({6, 2, 2}), papillon::error);
  CHECK_NOTHROW(nn::group_norm({16, 2, 2}));
}
