// SPDX-License-Identifier: MIT
/// Perceptrons against plain loops: values, gradients, masks, gradients of single images; names and refusals.
#include <papillon/nn/models/perceptron.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int lanes = native_lanes<double>, images = 11;
constexpr shape extent{2, 3, 4};
using network = nn::network<double, lanes>;

network perceptron(std::vector<std::uint8_t> const& mask = {}) {
  return nn::make_perceptron<double, lanes>(extent, {7, 5}, 3, mask);
}
/// Keeps about a third of the weights, and all biases.
std::vector<std::uint8_t> some_mask() {
  auto const net = perceptron();
  std::vector<std::uint8_t> mask(net.parameter_count(), 1);
  auto const draw = test::noise<double>(mask.size(), 8);
  for (auto const& s : net.parameters())
    if (s.kind == nn::slot_kind::linear)
      for (std::size_t k = s.offset; k < s.offset + s.size; ++k) mask[k] = draw[k] < -1.0 / 3;
  return mask;
}
std::vector<double> some_weights(std::vector<std::uint8_t> const& mask = {}) {
  auto w = test::noise<double>(perceptron().parameter_count(), 4);
  for (std::size_t k = 0; k < mask.size(); ++k) w[k] *= mask[k];
  return w;
}

/// Logits [image][output] by the formula, from images [image][channel][y][x].
std::vector<double> by_loops(std::vector<double> const& w, std::vector<double> const& x) {
  std::vector<double> logits;
  auto const inputs = static_cast<std::size_t>(extent.size());
  for (std::size_t n = 0; n < images; ++n) {
    std::vector<double> in(
        x.begin() + static_cast<std::ptrdiff_t>(n * inputs), x.begin() + static_cast<std::ptrdiff_t>((n + 1) * inputs));
    std::size_t at = 0;
    for (std::size_t const neurons : {7u, 5u, 3u}) {
      std::vector<double> out(neurons);
      for (std::size_t r = 0; r < neurons; ++r) {
        out[r] = w[at + neurons * in.size() + r];
        for (std::size_t c = 0; c < in.size(); ++c) out[r] += w[at + r * in.size() + c] * in[c];
        if (neurons != 3) out[r] = std::max(out[r], 0.0);
      }
      at += neurons * (in.size() + 1);
      in = out;
    }
    logits.insert(logits.end(), in.begin(), in.end());
  }
  return logits;
}

tensor<double, lanes> some_images() { return test::noise_tensor<double, lanes>(extent, images, 5); }
tensor<double, lanes> some_direction() { return test::noise_tensor<double, lanes>({3, 1, 1}, images, 6); }

std::vector<double> values_of(tensor<double, lanes> const& t) {
  std::vector<double> v(static_cast<std::size_t>(t.extent().size()) * images);
  relayout<double, lanes>(t.cview(), v);
  return v;
}
double projection(std::vector<double> const& w) {
  auto const y = by_loops(w, values_of(some_images())), d = values_of(some_direction());
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * d[i];
  return sum;
}

}  // namespace

TEST_CASE("parameters have the names and shapes of a torch.nn.Sequential") {
  auto const text = [](network const& net) {
    std::string all;
    for (auto const& s : net.parameters()) {
      all += s.name;
      for (auto const d : s.dims) all += " " + std::to_string(d);
      all += ", ";
    }
    return all;
  };
  CHECK(text(perceptron()) ==
        "1.weight 7 24, 1.bias 7, 3.weight 5 7, 3.bias 5, 5.weight 3 5, 5.bias 3, ");  // 0 is nn.Flatten
  CHECK(text(nn::make_perceptron<double, lanes>(6, {4}, 2)) == "0.weight 4 6, 0.bias 4, 2.weight 2 4, 2.bias 2, ");
  CHECK(perceptron().macs() == 7 * 24 + 5 * 7 + 3 * 5);
}

TEMPLATE_TEST_CASE("a perceptron gives the values and derivatives of the formula", "", exec::seq, exec::omp) {
  auto const x = some_images();
  for (auto const& mask : {std::vector<std::uint8_t>{}, some_mask()}) {
    auto const net = perceptron(mask);
    nn::weights<double> w{some_weights(mask), {}};
    nn::runner run(TestType{}, net, images, nn::mode::train);
    std::vector<double> logits(3 * images), gradient(net.parameter_count());
    for (auto const how : {nn::mode::eval, nn::mode::train}) {
      relayout<double, lanes>(run.forward(w, how, x), logits);
      CHECK(test::largest_difference<double>(logits, by_loops(w.parameters, values_of(x))) < 1e-13);
    }
    run.backward(w, some_direction(), gradient);
    for (std::size_t k = 0; k < gradient.size(); ++k) {
      if (!mask.empty() && mask[k] == 0) {
        CHECK(gradient[k] == 0);
        continue;
      }
      auto up = w.parameters, down = w.parameters;
      up[k] += 1e-6;
      down[k] -= 1e-6;
      CHECK((projection(up) - projection(down)) / 2e-6 == Approx(gradient[k]).epsilon(1e-6).margin(1e-8));
    }
  }
}

TEST_CASE("gradients of single images add up to that of the batch") {
  auto const x = some_images(), direction = some_direction();
  for (auto const& mask : {std::vector<std::uint8_t>{}, some_mask()}) {
    auto const net = perceptron(mask);
    nn::weights<double> w{some_weights(mask), {}};
    nn::runner run(exec::omp{2}, net, images, nn::mode::train);
    std::vector<double> gradient(net.parameter_count()), sums(net.parameter_count());
    (void)run.forward(w, nn::mode::train, x);
    run.backward(w, direction, gradient);
    (void)run.forward(w, nn::mode::train, x);  // a backward pass uses up what the forward pass has left
    tensor<double, lanes> each({static_cast<int>(net.parameter_count()), 1, 1}, images);
    run.launch_backward(run.where().place(), w.parameters, direction.cview(), each.view());
    for (int k = 0; k < each.extent().size(); ++k)
      for (int n = 0; n < images; ++n) sums[static_cast<std::size_t>(k)] += each.at(n, k);
    CHECK(test::largest_difference<double>(sums, gradient) < 1e-12);
  }
}

TEST_CASE("initial weights are those of the dense perceptron, and zero off the mask") {
  auto const mask = some_mask();
  random::stream const stream{.seed = 3, .what = random::purpose::initialisation};
  auto const masked = nn::initialise(perceptron(mask), stream), dense = nn::initialise(perceptron(), stream);
  for (std::size_t k = 0; k < mask.size(); ++k) CHECK(masked.parameters[k] == (mask[k] == 0 ? 0 : dense.parameters[k]));
}

TEST_CASE("impossible layers and masks are refused with a reason") {
  CHECK_THROWS_WITH((nn::make_perceptron<double, lanes>(extent, {7, 0}, 3)), Catch::Contains("a hidden layer of 0"));
  std::vector<std::uint8_t> mask(perceptron().parameter_count() + 1, 1);
  CHECK_THROWS_WITH(perceptron(mask), Catch::Contains("one entry per parameter"));
  mask.resize(30);
  CHECK_THROWS_WITH(perceptron(mask), Catch::Contains("too short"));
}
