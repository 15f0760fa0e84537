// SPDX-License-Identifier: MIT
/// Networks under the device policies, against the reference: every layer at 1, 17 and 40 images in both modes and backward,
/// then ResNets of each structure. What holds under emulation holds on a CUDA device: the same test runs there if one is found.
#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/relu.hpp>
#include <papillon/nn/run.hpp>

#include "ops/support.hpp"

using namespace papillon;

namespace {

constexpr int L = exec::device_lanes;
using network = nn::network<double, L>;
using order = exec::emulated::thread_order;

struct outcome {
  std::vector<double> eval, train, gradient, state;
};

/// Two batches in one workspace: of `images`, and then half as many, whose results are kept.
template <class E>
outcome run(E e, network const& net, int images, std::vector<std::uint8_t> const& mask = {}) {
  nn::weights<double> w{test::noise<double>(net.parameter_count(), 1), std::vector<double>(net.state_count(), 0.5)};
  for (std::size_t i = 0; i < mask.size(); ++i) w.parameters[i] *= mask[i];
  nn::workspace<double, L> ws(e, net, images, nn::mode::train);
  outcome o;
  for (int n : {images, (images + 1) / 2}) {
    auto const x = test::noise_tensor<double, L>(net.input(), n, 2), dy = test::noise_tensor<double, L>(net.output(), n, 3);
    auto const values_of = [&](tensor_view<double const, L> y) {
      std::vector<double> v(static_cast<std::size_t>(net.output().size() * n));
      relayout<double, L>(y, v);
      for (int i = n; i < y.blocks() * L; ++i)
        for (int r = 0; r < net.output().size(); ++r) CHECK(y.block(i / L)[r * L + i % L] == 0);
      return v;
    };
    o.eval = values_of(nn::forward(e, net, std::as_const(w), x.cview(), ws));
    o.train = values_of(nn::forward(e, net, w, nn::mode::train, x.cview(), ws));
    o.gradient.assign(net.parameter_count(), std::nan(""));
    nn::backward(e, net, w, dy.cview(), ws, std::span<double>(o.gradient));
    o.state = w.state;
  }
  return o;
}

/// The tolerance: sums of some thousand numbers of size 1 in another order, each rounded to 1e-16 of its size; batch norm
/// divides by deviations down to a hundredth, a few times one after another.
void check(network const& net, double tolerance = 1e-10, std::vector<std::uint8_t> const& mask = {}) {
  for (int images : {1, 17, 40}) {
    if (images == 1 && net.state_count() > 0) continue;  // one image has no variance to speak of: 1 / sqrt(epsilon)
    outcome const want = run(exec::seq{}, net, images, mask), got = run(exec::emulated{}, net, images, mask);
    CHECK(test::largest_difference<double>(got.eval, want.eval) < tolerance);
    CHECK(test::largest_difference<double>(got.train, want.train) < tolerance);
    CHECK(test::largest_difference<double>(got.gradient, want.gradient) < tolerance);
    CHECK(test::largest_difference<double>(got.state, want.state) < tolerance);
    outcome const other = run(exec::emulated{order::shuffled, 5}, net, images, mask);
    CHECK(other.train == got.train);
    CHECK(other.gradient == got.gradient);
  }
}

/// conv -> layer -> linear, so that the layer's derivatives show in a gradient.
template <class Layer>
network around(shape in, Layer const& layer, bool with_shortcut = false) {
  network net({2, in.height, in.width});
  int const first = net.add("before", nn::conv2d(dense(in.channels, 2), {{2, in.height, in.width}, in.channels, 1, 1, 0}));
  int const again = net.add("beside", nn::conv2d(dense(in.channels, 2), {{2, in.height, in.width}, in.channels, 1, 1, 0}), 0);
  int const at = net.add("layer", layer, first, with_shortcut ? again : network::none);
  int const pooled = net.add("pool", nn::global_average_pool(net.extent(at)), at);
  net.add("after", nn::linear(dense(3, net.extent(pooled).channels)), pooled);
  return net;
}

}  // namespace

TEST_CASE("layers as kernels give what the reference gives") {
  check(around({3, 5, 4}, nn::relu({3, 5, 4})));
  check(around({3, 5, 4}, nn::padded_shortcut({3, 5, 4}, 8, 2)));
  check(around({3, 4, 2}, nn::batch_norm({3, 4, 2})));
  check(around({3, 4, 2}, nn::batch_norm({3, 4, 2}, {.relu = true}), true));
  check(around({3, 5, 4}, nn::conv2d(dense(5, 27), {{3, 5, 4}, 5, 3, 2, 1})));
  check(around({2, 3, 5}, nn::conv2d(runtime_chain({{1, 3, 2, 2}, {2, 2, 9, 1}}), {{2, 3, 5}, 6})));
}

TEST_CASE("residual networks of every structure under emulation give what the reference gives") {
  nn::resnet_options o{.depth = 8, .width = 2, .input = {3, 8, 8}};
  check(nn::make_resnet<double, L>(o), 1e-9);
  o.butterfly_segments = 2;
  check(nn::make_resnet<double, L>(o), 1e-9);
  o.butterfly_segments = 0;
  o.shortcut = nn::shortcut_form::padded;
  auto const dense_net = nn::make_resnet<double, L>(o);
  for (double const share : {0.7, -0.8}) {  // multiplied in full, and on the support alone
    std::vector<std::uint8_t> mask(dense_net.parameter_count(), 1);
    auto const noise = test::noise<double>(mask.size(), 4);
    for (auto const& s : dense_net.parameters())
      if (s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear)
        for (std::size_t i = s.offset; i < s.offset + s.size; ++i) mask[i] = noise[i] > share ? 0 : 1;
    o.mask = mask;
    check(nn::make_resnet<double, L>(o), 1e-9, mask);
  }
}

TEST_CASE("a network with real threads gives the bits of the loops") {
  auto const net = around({3, 4, 2}, nn::batch_norm({3, 4, 2}, {.relu = true}), true);
  outcome const loops = run(exec::emulated{}, net, 17), threads = run(exec::emulated_threads{}, net, 17);
  CHECK(threads.eval == loops.eval);
  CHECK(threads.train == loops.train);
  CHECK(threads.gradient == loops.gradient);
  CHECK(threads.state == loops.state);
}

TEST_CASE("what a policy cannot run is refused in words") {
  auto const net = around({3, 4, 2}, nn::relu({3, 4, 2}));
  nn::workspace<double, L> host(exec::seq{}, net, 4, nn::mode::train), eval(exec::emulated{}, net, 4, nn::mode::eval);
  auto const x = test::noise_tensor<double, L>(net.input(), 4, 2);
  nn::weights<double> w{std::vector<double>(net.parameter_count()), std::vector<double>(net.state_count())};
  CHECK_THROWS_WITH(nn::forward(exec::emulated{}, net, std::as_const(w), x.cview(), host), Catch::Contains("planned for another policy"));
  CHECK_THROWS_WITH(nn::forward(exec::emulated{}, net, w, nn::mode::train, x.cview(), eval), Catch::Contains("plan it with mode::train"));
  nn::any_layer<double, 4> const narrow = nn::relu({3, 4, 2});
  std::vector<int> tables;
  CHECK_THROWS_WITH(narrow.on_device(tables), Catch::Contains("device_lanes"));
  static_assert(!nn::runs_on<nn::relu, exec::emulated, float, 16> && nn::runs_on<nn::relu, exec::cuda> == exec::cuda_available);
}
