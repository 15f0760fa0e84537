// SPDX-License-Identifier: MIT
/// Every layer at 1, 17 and 40 images and several lane counts, threaded, against the reference at one lane: results
/// agree, every value is written (buffers are NaN beforehand), and padding lanes come out exactly zero.
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/group_norm.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/padded_shortcut.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/run/any_layer.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

/// Everything a layer gives: images x values of y (training, then evaluation), dx, dshortcut; gradient; running state.
struct outcome {
  std::vector<double> values, gradient, state;
};

template <int L, class E> outcome run(E e, nn::any_layer<double, L> const& layer, int images, bool with_shortcut) {
  auto const sum = [](std::vector<nn::slot> const& slots) {
    std::size_t n = 0;
    for (auto const& s : slots) n += s.size;
    return n;
  };
  auto const parameters = test::noise<double>(sum(layer.parameters()), 1);
  outcome o{{}, std::vector<double>(parameters.size(), 0.0), std::vector<double>(sum(layer.state()), 0.5)};
  std::vector<double> saved(layer.saved_size(), std::nan("")),
      scratch(layer.scratch_size(e, images, nn::mode::train), std::nan(""));
  auto const x = test::noise_tensor<double, L>(layer.input(), images, 2);
  auto const shortcut = test::noise_tensor<double, L>(layer.output(), images, 3);
  auto const dy = test::noise_tensor<double, L>(layer.output(), images, 4);
  auto const collect = [&](tensor<double, L> const& t) {
    std::vector<double> v(static_cast<std::size_t>(t.extent().size() * images));
    relayout<double, L>(t.cview(), v);
    o.values.insert(o.values.end(), v.begin(), v.end());
    double padding = 0;
    for (int n = images; n < t.cview().blocks() * L; ++n)
      for (int r = 0; r < t.extent().size(); ++r) padding += std::abs(t.cview().block(n / L)[r * L + n % L]);
    CHECK(padding == 0);
  };
  tensor<double, L> y;
  for (nn::mode how : {nn::mode::eval, nn::mode::train}) {
    y = test::poisoned<double, L>(layer.output(), images);
    nn::forward_args<double, L> a;
    a.how = how;
    a.parameters = parameters;
    a.state = o.state;
    a.eval_state = o.state;
    a.x = x.cview();
    if (with_shortcut) a.shortcut = shortcut.cview();
    a.y = y.view();
    a.saved = saved;
    a.scratch = scratch;
    layer.forward(e, a);
    collect(y);
  }
  auto dx = test::poisoned<double, L>(layer.input(), images),
       dshortcut = test::poisoned<double, L>(layer.output(), images);
  nn::backward_args<double, L> b;
  b.parameters = parameters;
  b.x = x.cview();
  b.y = y.cview();
  b.dy = dy.cview();
  b.dx = dx.view();
  if (with_shortcut) b.dshortcut = dshortcut.view();
  b.gradient = o.gradient;
  b.saved = saved;
  b.scratch = scratch;
  layer.backward(e, b);
  collect(dx);
  if (with_shortcut) collect(dshortcut);
  return o;
}

template <class Layer> void check(Layer const& layer, bool with_shortcut = false) {
  for (int images : {1, 17, 40}) {
    outcome const want = run<1>(exec::seq{}, nn::any_layer<double, 1>(layer), images, with_shortcut);
    auto const compare = [&](outcome const& got) {
      CHECK(test::largest_difference<double>(got.values, want.values) < 1e-10);
      CHECK(test::largest_difference<double>(got.gradient, want.gradient) < 1e-10);
      CHECK(test::largest_difference<double>(got.state, want.state) < 1e-12);
    };
    compare(run<1>(exec::omp{2}, nn::any_layer<double, 1>(layer), images, with_shortcut));
    compare(run<native_lanes<double>>(
        exec::omp{2}, nn::any_layer<double, native_lanes<double>>(layer), images, with_shortcut));
    compare(run<32>(exec::omp{2}, nn::any_layer<double, 32>(layer), images, with_shortcut));
    compare(run<32>(exec::seq{}, nn::any_layer<double, 32>(layer), images, with_shortcut));
  }
}

}  // namespace

TEST_CASE("layers give the same for every number of lanes and images") {
  check(nn::conv2d(dense(5, 27), {{3, 5, 4}, 5, 3, 2, 1}));
  check(nn::conv2d(runtime_chain({{1, 3, 2, 2}, {2, 2, 9, 1}}), {{2, 3, 5}, 6}));
  check(nn::linear(dense(10, 7)));
  check(nn::linear(runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}})));
  check(nn::batch_norm({3, 4, 2}));
  check(nn::batch_norm({3, 4, 2}, {.relu = true}), true);
  check(nn::group_norm({6, 3, 3}, {.groups = 2}));
  check(nn::group_norm({4, 5, 1}, {.groups = 4, .relu = true}), true);
  check(nn::relu({3, 2, 2}));
  check(nn::global_average_pool({3, 2, 4}));
  check(nn::padded_shortcut({3, 5, 4}, 8, 2));
}
