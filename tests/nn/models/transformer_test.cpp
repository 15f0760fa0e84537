// SPDX-License-Identifier: MIT
/// An encoder layer against PyTorch's numbers, and what attention and dropout are by themselves.
#include <papillon/nn/models/transformer.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int lanes = native_lanes<double>;
using network = nn::network<double, lanes>;

/// torch.nn.TransformerEncoderLayer(4, 2, 6, dropout=0, activation="gelu"): tensor number o has element
/// ((7 k + o) mod 11) / 11 - 1/2 at k.
network encoder() {
  network net({4, 3, 1});
  nn::add_encoder_layer(net, "encoder", 0, {.heads = 2, .hidden = 6});
  return net;
}
nn::weights<double> numbered(network const& net) {
  nn::weights<double> w{std::vector<double>(net.parameter_count()), std::vector<double>(net.state_count())};
  std::size_t number = 0;
  for (auto const& s : net.parameters()) {
    bool const of_norm = s.kind == nn::slot_kind::norm_weight || s.kind == nn::slot_kind::norm_bias;
    for (std::size_t k = 0; k < s.size; ++k)
      w.parameters[s.offset + k] = of_norm ? (s.kind == nn::slot_kind::norm_weight ? 1. : 0.)
                                           : static_cast<double>((7 * k + number) % 11) / 11 - .5;
    if (!of_norm) ++number;
  }
  return w;
}

}  // namespace

TEMPLATE_TEST_CASE("an encoder layer gives PyTorch's numbers", "", exec::seq, exec::omp) {
  auto const net = encoder();
  auto w = numbered(net);
  double const tokens[3][4] = {{.5, -.25, 1, .75}, {-1, .5, .25, 0}, {.125, .375, -.5, 1.5}};
  double const want[3][4] = {{.45394018, -.88511980, 1.42338055, -.99220094},
      {-.92512845, .92689560, 1.06798316, -1.06975032}, {-.40661837, -.09552397, -1.10897136, 1.61111370}};
  constexpr int images = 3;
  tensor<double, lanes> x(net.input(), images);
  for (int n = 0; n < images; ++n)
    for (int t = 0; t < 3; ++t)
      for (int e = 0; e < 4; ++e) x.at(n, e, t) = n == 1 ? tokens[t][e] : .1 * n + tokens[t][(e + 1) % 4];
  for (auto const how : {nn::mode::eval, nn::mode::train}) {
    nn::runner run(TestType{}, net, images, nn::mode::train);
    auto const y = run.forward(w, how, x);
    for (int t = 0; t < 3; ++t)
      for (int e = 0; e < 4; ++e) CHECK(y.at(1, 4 * 0 + e * 3 + t) == Approx(want[t][e]).margin(6e-9));
  }
}

TEST_CASE("attention to equal keys is the mean of the values, and to a loud one its value") {
  nn::self_attention const layer(2, 3, 1);
  tensor<double, lanes> x(layer.input(), 1), y(layer.output(), 1);
  std::vector<double> scratch(layer.scratch_size(exec::omp{1}, lanes, 1, nn::mode::eval));
  auto const run = [&] {
    nn::forward_args<double, lanes> a;
    a.x = x.cview();
    a.y = y.view();
    a.scratch = scratch;
    layer.forward(exec::omp{1}, a);
  };
  for (int e = 0; e < 2; ++e)
    for (int t = 0; t < 3; ++t) {
      x.at(0, e, t) = 1;               // queries
      x.at(0, 2 + e, t) = .3;          // keys
      x.at(0, 4 + e, t) = e + 10 * t;  // values
    }
  run();
  for (int t = 0; t < 3; ++t) CHECK(y.at(0, 1, t) == Approx(11).epsilon(1e-14));
  x.at(0, 2, 2) = 900;  // the key of token 2; exponentials of differences alone are formed
  run();
  for (int t = 0; t < 3; ++t) CHECK(y.at(0, 0, t) == Approx(20).epsilon(1e-14));
  CHECK_THROWS_AS(nn::self_attention(6, 2, 4), papillon::error);
}

TEST_CASE("dropout keeps the mean, drops what it draws, and nothing in evaluation") {
  constexpr int images = 9;
  nn::dropout const layer({50, 7, 1}, {.rate = .3, .stream = {.seed = 4, .what = random::purpose::dropout}});
  auto const ones = [&] {
    tensor<double, lanes> x(layer.input(), images);
    for (int n = 0; n < images; ++n)
      for (int r = 0; r < layer.input().size(); ++r) x.view().at(n, r) = 1;
    return x;
  }();
  std::vector<double> steps{0}, saved(1);
  auto const values = [&](nn::mode how) {
    tensor<double, lanes> y(layer.output(), images);
    nn::forward_args<double, lanes> a;
    a.how = how;
    a.state = steps;
    a.saved = saved;
    a.x = ones.cview();
    a.y = y.view();
    layer.forward(exec::omp{2}, a);
    std::vector<double> v(static_cast<std::size_t>(layer.output().size() * images));
    relayout<double, lanes>(y.cview(), v);
    return v;
  };
  CHECK(values(nn::mode::eval) == std::vector<double>(3150, 1.0));
  CHECK(steps[0] == 0);
  auto const first = values(nn::mode::train), second = values(nn::mode::train);
  CHECK(steps[0] == 2);
  double kept = 0, both = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK((first[i] == 0 || first[i] == Approx(1 / .7)));
    kept += first[i] != 0 ? 1 : 0;
    both += first[i] != 0 && second[i] != 0 ? 1 : 0;
  }
  CHECK(std::abs(kept / 3150 - .7) < .041);   // five deviations
  CHECK(std::abs(both / 3150 - .49) < .045);  // of two steps that have nothing to do with each other
  steps[0] = 0;
  CHECK(values(nn::mode::train) == first);
  CHECK_THROWS_AS(nn::dropout({1, 1, 1}, {.rate = 1}), papillon::error);
}

TEST_CASE("in training an encoder layer with dropout has the derivatives of the function that it drew") {
  network net({4, 5, 1});
  nn::add_encoder_layer(net, "encoder", 0,
      {.heads = 2, .hidden = 6, .dropout = .25, .stream = {.seed = 3, .what = random::purpose::dropout}});
  nn::weights<double> const start{
      test::noise<double>(net.parameter_count(), 2), std::vector<double>(net.state_count())};
  constexpr int images = 3;
  auto const x = test::noise_tensor<double, lanes>(net.input(), images, 5),
             direction = test::noise_tensor<double, lanes>(net.output(), images, 6);
  auto const check = [&](auto policy) {
    nn::runner run(policy, net, images, nn::mode::train);
    auto const value = [&](nn::weights<double> w) {
      auto const y = run.forward(w, nn::mode::train, x);
      double sum = 0;
      for (int n = 0; n < images; ++n)
        for (int r = 0; r < net.output().size(); ++r) sum += y.at(n, r) * direction.cview().at(n, r);
      return sum;
    };
    std::vector<double> gradient(net.parameter_count());
    auto w = start;
    run.forward(w, nn::mode::train, x);
    run.backward(w, direction, gradient);
    for (std::size_t k = 0; k < gradient.size(); k += 3) {
      auto up = start, down = start;
      up.parameters[k] += 1e-6;
      down.parameters[k] -= 1e-6;
      CHECK((value(up) - value(down)) / 2e-6 == Approx(gradient[k]).epsilon(1e-5).margin(1e-7));
    }
    return gradient;
  };
  auto const by_loops = check(exec::seq{}), by_threads = check(exec::omp{2});
  CHECK(test::largest_difference<double>(by_loops, by_threads) < 1e-11);
}
