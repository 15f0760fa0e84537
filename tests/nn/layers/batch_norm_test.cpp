// SPDX-License-Identifier: MIT
/// Batch norm where it is no part of another layer's step: alone, as the last layer, after a ReLU, with a shortcut.
#include <catch2/catch.hpp>

#include <cmath>
#include <utility>
#include <vector>

#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr shape extent{3, 4, 5};

template <int L> std::vector<nn::network<double, L>> networks() {
  std::vector<nn::network<double, L>> all(5, nn::network<double, L>(extent));
  all[0].add("alone", nn::batch_norm(extent));
  all[1].add("alone", nn::batch_norm(extent, {.relu = true}));
  all[2].add("conv", nn::conv2d(dense(3, 27), {extent, 3}));
  all[2].add("last", nn::batch_norm(extent, {.relu = true}));
  all[3].add("first", nn::batch_norm(extent));
  int const after = all[3].add("relu", nn::relu(extent));
  int const second = all[3].add("second", nn::batch_norm(extent, {.relu = true}), after);
  all[3].add("sum", nn::batch_norm(extent), second, after);
  all[4].add("input as shortcut", nn::batch_norm(extent, {.relu = true}), 0, 0);
  all[4].add("last", nn::batch_norm(extent));
  return all;
}

struct outcome {
  std::vector<double> output, gradient, state, evaluated;
  friend bool operator==(outcome const&, outcome const&) = default;
};

template <int L, class E> outcome run_network(E e, nn::network<double, L> const& net, int images) {
  nn::weights<double> w{test::noise<double>(net.parameter_count(), 1), std::vector<double>(net.state_count(), 0.5)};
  auto const x = test::noise_tensor<double, L>(net.input(), images, 2);
  auto const d = test::noise_tensor<double, L>(net.output(), images, 3);
  nn::runner run(e, net, images, nn::mode::train);
  outcome o;
  o.output.resize(static_cast<std::size_t>(net.output().size() * images));
  o.evaluated = o.output;
  o.gradient.assign(net.parameter_count(), std::nan(""));
  relayout<double, L>(run.forward(w, nn::mode::train, x), o.output);
  run.backward(w, d, o.gradient);
  o.state = w.state;
  relayout<double, L>(run.forward(std::as_const(w), x), o.evaluated);
  return o;
}

/// Sums of at most 40 images of 20 pixels: 800 numbers of size 1 in another order, and norms that divide by deviations
/// of at least a tenth, three in a row.
void check_close(outcome const& got, outcome const& want) {
  CHECK(test::largest_difference<double>(got.output, want.output) < 1e-11);
  CHECK(test::largest_difference<double>(got.gradient, want.gradient) < 1e-10);
  CHECK(test::largest_difference<double>(got.state, want.state) < 1e-12);
  CHECK(test::largest_difference<double>(got.evaluated, want.evaluated) < 1e-12);
}

template <int L> void check_threads() {
  for (auto const& net : networks<L>())
    for (int const images : {2, 17, 40}) {
      INFO(net.at(1).name << " of " << net.size() << ", " << images << " images, " << L << " lanes");
      outcome const one = run_network(exec::omp{.threads = 1}, net, images);
      check_close(one, run_network(exec::seq{}, net, images));
      CHECK(run_network(exec::omp{.threads = 2}, net, images) == one);
      CHECK(run_network(exec::omp{.threads = 3}, net, images) == one);
    }
}

}  // namespace

TEST_CASE(
    "a norm that is a step by itself is the reference's under omp, with the same bits for any number of threads") {
  check_threads<1>();
  check_threads<native_lanes<double>>();
  check_threads<32>();
}

TEST_CASE("a norm that is a step by itself is the reference's as kernels") {
  for (auto const& net : networks<exec::device_lanes>())
    for (int const images : {2, 17, 40}) {
      INFO(net.at(1).name << " of " << net.size() << ", " << images << " images");
      check_close(run_network(exec::emulated{}, net, images), run_network(exec::seq{}, net, images));
    }
}
