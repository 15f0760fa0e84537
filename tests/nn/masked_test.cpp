// SPDX-License-Identifier: MIT
/// Networks of masked layers as they are initialised, sparse and dense enough to be multiplied in full: zero off the
/// mask, and there the dense network with zeros in it under every policy.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/structure/csr_mask.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int lanes = exec::device_lanes;
using network = nn::network<double, lanes>;

std::vector<std::uint8_t> keep_of(int rows, int cols, double density, unsigned seed) {
  std::vector<std::uint8_t> keep;
  for (double const n : test::noise<double>(static_cast<std::size_t>(rows * cols), seed))
    keep.push_back(n < 2 * density - 1);
  return keep;
}

/// `weight(rows, cols, seed)`: the structure of a layer's weight. Under omp the first convolution is merged with its
/// norm, the second runs by itself.
template <class Weight> network make_network(Weight const& weight) {
  network net({3, 5, 4});
  net.add("conv1", nn::conv2d(weight(6, 27, 1), {{3, 5, 4}, 6}));
  net.add("bn1", nn::batch_norm({6, 5, 4}, {.relu = true}));
  net.add("conv2", nn::conv2d(weight(9, 54, 2), {{6, 5, 4}, 9, 3, 2, 1}));
  net.add("pool", nn::global_average_pool({9, 3, 2}));
  net.add("fc1", nn::linear(weight(7, 9, 3)));
  net.add("fc2", nn::linear(weight(5, 7, 4), false));
  return net;
}
network masked(double density) {
  return make_network(
      [&](int rows, int cols, unsigned seed) { return csr_mask(rows, cols, keep_of(rows, cols, density, seed)); });
}

/// One byte for each parameter: whether a mask keeps it.
std::vector<std::uint8_t> kept_parameters(network const& net, double density) {
  std::vector<std::uint8_t> keep;
  unsigned seed = 0;
  for (auto const& s : net.parameters()) {
    bool const weight = s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear;
    auto const rows = static_cast<int>(s.dims.front()), cols = static_cast<int>(s.size) / rows;
    auto const mine = weight ? keep_of(rows, cols, density, ++seed) : std::vector<std::uint8_t>(s.size, 1);
    keep.insert(keep.end(), mine.begin(), mine.end());
  }
  return keep;
}

struct outcome {
  std::vector<double> logits, gradient, evaluated;
};

template <class E> outcome run_network(E e, network const& net, nn::weights<double> w, int images) {
  auto const x = test::noise_tensor<double, lanes>(net.input(), images, 2);
  auto const d = test::noise_tensor<double, lanes>(net.output(), images, 3);
  nn::runner run(e, net, images, nn::mode::train);
  outcome o;
  o.logits.resize(static_cast<std::size_t>(net.output().size() * images));
  o.evaluated = o.logits;
  o.gradient.assign(net.parameter_count(), std::nan(""));
  relayout<double, lanes>(run.forward(std::as_const(w), x), o.evaluated);
  relayout<double, lanes>(run.forward(w, nn::mode::train, x), o.logits);
  run.backward(w, d, o.gradient);
  return o;
}

}  // namespace

TEST_CASE("a fresh masked network is zero off its masks and the dense one with zeros under every policy") {
  auto const plain = make_network([](int rows, int cols, unsigned) { return dense(rows, cols); });
  for (double const density : {0.1, 0.5, 0.9}) {
    auto const net = masked(density);
    REQUIRE(net.parameter_count() == plain.parameter_count());
    auto const keep = kept_parameters(net, density);
    auto const w = nn::initialise(net, {.seed = 4, .what = random::purpose::initialisation});
    auto const full = nn::initialise(plain, {.seed = 4, .what = random::purpose::initialisation});
    for (std::size_t i = 0; i < keep.size(); ++i) REQUIRE(w.parameters[i] == (keep[i] != 0 ? full.parameters[i] : 0.0));

    for (int const images : {2, 17, 40}) {
      INFO("density " << density << ", " << images << " images");
      outcome want = run_network(exec::seq{}, plain, w, images);
      for (std::size_t i = 0; i < keep.size(); ++i)
        if (keep[i] == 0) want.gradient[i] = 0;
      auto const compare = [&](outcome const& got) {
        // Sums of at most 40 * 20 products of size 1, in another order, through one norm.
        CHECK(test::largest_difference<double>(got.logits, want.logits) < 1e-12);
        CHECK(test::largest_difference<double>(got.evaluated, want.evaluated) < 1e-12);
        CHECK(test::largest_difference<double>(got.gradient, want.gradient) < 1e-11);
        std::size_t off = 0;
        for (std::size_t i = 0; i < keep.size(); ++i) off += keep[i] == 0 && got.gradient[i] != 0 ? 1 : 0;
        CHECK(off == 0);
      };
      compare(run_network(exec::seq{}, net, w, images));
      compare(run_network(exec::omp{.threads = 1}, net, w, images));
      compare(run_network(exec::omp{.threads = 2}, net, w, images));
      compare(run_network(exec::emulated{}, net, w, images));
    }
  }
}
