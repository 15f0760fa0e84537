// SPDX-License-Identifier: MIT
// What stands between ResNet-20's convolutions, on 256 images: batch and group norm with ReLU, with and without a
// shortcut, in training, evaluation and backward; pooling; the fully connected layer dense and masked; the loss; the
// step of SGD. The baseline of all that only moves memory is a copy: "of copy" is the fraction of its speed. Bytes are
// what has to be read and written at least once.
#include <context.hpp>
#include <layer_run.hpp>
#include <random_values.hpp>

#include <string>
#include <vector>

#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/group_norm.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/train/sgd.hpp>

namespace {

using namespace papillon;
using bench::images;

template <class F> void add(std::string const& name, F f) {
  benchmark::RegisterBenchmark(name.c_str(), f)->UseRealTime()->Unit(benchmark::kMicrosecond);
}

/// forward_bytes, backward_bytes: what a pass over the layers moves.
void add_layers(std::string const& name, std::vector<bench::layer_run::layer> const& layers, bool shortcut,
    double forward_bytes, double backward_bytes) {
  for (auto const how : {nn::mode::train, nn::mode::eval})
    add(name + (how == nn::mode::train ? "/train" : "/eval"), [=](benchmark::State& state) {
      bench::layer_run run(layers, how, shortcut);
      for (auto _ : state) {
        run.forward();
        benchmark::ClobberMemory();
      }
      bench::count(state, run.flops(), forward_bytes);
    });
  add(name + "/backward", [=](benchmark::State& state) {
    bench::layer_run run(layers, nn::mode::train, shortcut);
    for (auto _ : state) {
      run.backward();
      benchmark::ClobberMemory();
    }
    bench::count(state, 2 * run.flops(), backward_bytes);
  });
}

double bytes(shape s) { return 4.0 * images * s.size(); }

void loss(benchmark::State& state) {
  shape const extent{10, 1, 1};
  auto const logits = bench::random_images(extent, 1);
  tensor<float> dlogits(extent, images);
  std::vector<std::uint8_t> labels(images);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        nn::cross_entropy(exec::omp{}, logits.cview(), std::span<std::uint8_t const>(labels), dlogits.view()));
  bench::count_bytes(state, 2 * bytes(extent));
}

/// On as many parameters as the dense ResNet-20 has.
void sgd(benchmark::State& state) {
  std::size_t const n = 272'474;
  auto const gradient = bench::random_values(n, 1);
  auto velocity = bench::random_values(n, 2), weights = bench::random_values(n, 3);
  for (auto _ : state) {
    train::sgd_step(exec::omp{}, train::sgd_settings{.weight_decay = 1e-4}, 1e-6, std::span<float const>(gradient),
        std::span<float>(velocity), std::span<float>(weights));
    benchmark::ClobberMemory();
  }
  bench::count(state, 6.0 * static_cast<double>(n), 20.0 * static_cast<double>(n));
}

int const registered = [] {
  for (shape const s : {shape{16, 32, 32}, shape{32, 16, 16}, shape{64, 8, 8}}) {
    std::string const name = "batch_norm/" + std::to_string(s.channels) + "/side:" + std::to_string(s.height);
    nn::batch_norm const layer(s, {.relu = true});
    // Forward x -> y; backward x, y, dy -> dx; a shortcut is one more array each way.
    add_layers(name, {layer}, false, 2 * bytes(s), 4 * bytes(s));
    add_layers(name + "/shortcut", {layer}, true, 3 * bytes(s), 5 * bytes(s));
  }
  for (shape const s : {shape{16, 32, 32}, shape{32, 16, 16}, shape{64, 8, 8}}) {
    std::string const name = "group_norm/" + std::to_string(s.channels) + "/side:" + std::to_string(s.height);
    nn::group_norm const layer(s, {.groups = 8, .relu = true});
    add_layers(name, {layer}, false, 2 * bytes(s), 4 * bytes(s));
    add_layers(name + "/shortcut", {layer}, true, 3 * bytes(s), 5 * bytes(s));
  }
  // As they stand in a network: the norms are merged into the convolutions. Forward x -> y1 -> y2, backward the same
  // arrays and their derivatives.
  for (shape const s : {shape{16, 32, 32}, shape{32, 16, 16}, shape{64, 8, 8}}) {
    nn::conv2d<dense> const convolution(dense(s.channels, 9 * s.channels), {s, s.channels, 3, 1, 1});
    nn::batch_norm const norm(s, {.relu = true});
    add_layers("basic_block/" + std::to_string(s.channels) + "/side:" + std::to_string(s.height),
        {convolution, norm, convolution, norm}, true, 4 * bytes(s), 8 * bytes(s));
  }
  shape const last{64, 8, 8}, features{64, 1, 1}, logits{10, 1, 1};
  double const in_and_out = bytes(last) + bytes(features);
  add_layers("pooling/64/side:8", {nn::global_average_pool(last)}, false, in_and_out, in_and_out);
  double const through = bytes(features) + bytes(logits);
  add_layers("linear/64->10/dense", {nn::linear<dense>(dense(10, 64))}, false, through, 2 * through);
  add_layers("linear/64->10/csr17.3%", {nn::linear<csr_mask>(bench::random_support(10, 64, 0.173))}, false, through,
      2 * through);
  add_layers("linear/64->10/csr3.4%", {nn::linear<csr_mask>(bench::random_support(10, 64, 0.034))}, false, through,
      2 * through);
  add("loss/cross_entropy", loss);
  add("sgd/272474", sgd);
  return 0;
}();

}  // namespace
