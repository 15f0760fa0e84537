// SPDX-License-Identifier: MIT
// One training step of ResNet-20 on a batch of 256 images, and inference on it: dense, the study's butterflies, and a
// network pruned to 17.3 % at random. images/s is what a person waits for; FLOP/s count the multiply-adds that the
// structure needs (three times the forward ones in training). The dense network is the baseline of the others.
#include <context.hpp>
#include <random_values.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run.hpp>
#include <papillon/ops/loss.hpp>
#include <papillon/train/sgd.hpp>

namespace {

using namespace papillon;
constexpr int images = 256;
constexpr int lanes = exec::native_lanes<float>;

/// Keeps convolutions and the fully connected layer's weights with the given probability, all else.
std::vector<std::uint8_t> random_mask(double density) {
  auto const net = nn::make_resnet<float>({});
  std::vector<std::uint8_t> keep(net.parameter_count(), 1);
  random::engine draw({.what = random::purpose::test}, 0, 4);
  for (nn::slot const& s : net.parameters())
    if (s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear)
      for (std::size_t i = 0; i < s.size; ++i) keep[s.offset + i] = random::uniform<double>(draw, 0.0, 1.0) < density ? 1 : 0;
  return keep;
}

tensor<float> random_batch(shape extent) {
  tensor<float> x(extent, images);
  auto const values = bench::random_values(static_cast<std::size_t>(images) * static_cast<std::size_t>(extent.size()));
  relayout<float, lanes>(std::span<float const>(values), x.view());
  return x;
}

void count_images(benchmark::State& state, nn::network<float> const& net, double passes) {
  state.counters["images/s"] = benchmark::Counter(images, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["FLOP/s"] =
      benchmark::Counter(passes * 2 * images * static_cast<double>(net.macs()), benchmark::Counter::kIsIterationInvariantRate);
}

void training_step(benchmark::State& state, nn::resnet_options const& options) {
  auto const net = nn::make_resnet<float>(options);
  auto w = nn::initialise(net, {.what = random::purpose::test});
  nn::workspace<float> ws(exec::omp{}, net, images, nn::mode::train);
  auto const x = random_batch(net.input());
  std::vector<std::uint8_t> labels(images);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  tensor<float> dlogits(net.output(), images);
  std::vector<float> gradient(net.parameter_count()), velocity(net.parameter_count());
  for (auto _ : state) {
    auto const logits = nn::forward(exec::omp{}, net, w, nn::mode::train, x.cview(), ws);
    ops::cross_entropy(exec::omp{}, logits, std::span<std::uint8_t const>(labels), dlogits.view());
    nn::backward(exec::omp{}, net, w, dlogits.cview(), ws, std::span<float>(gradient));
    train::sgd_step(exec::omp{}, train::sgd_settings{}, 1e-3, std::span<float const>(gradient), std::span<float>(velocity),
                    std::span<float>(w.parameters));
  }
  count_images(state, net, 3);
}

void inference(benchmark::State& state, nn::resnet_options const& options) {
  auto const net = nn::make_resnet<float>(options);
  auto const w = nn::initialise(net, {.what = random::purpose::test});
  nn::workspace<float> ws(exec::omp{}, net, images, nn::mode::eval);
  auto const x = random_batch(net.input());
  for (auto _ : state) benchmark::DoNotOptimize(nn::forward(exec::omp{}, net, w, x.cview(), ws).data());
  count_images(state, net, 1);
}

void add(std::string const& name, nn::resnet_options const& options) {
  benchmark::RegisterBenchmark(("resnet20/train/" + name).c_str(), [=](benchmark::State& state) { training_step(state, options); })
      ->UseRealTime()->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark(("resnet20/eval/" + name).c_str(), [=](benchmark::State& state) { inference(state, options); })
      ->UseRealTime()->Unit(benchmark::kMillisecond);
}

std::vector<std::uint8_t> const pruned = random_mask(0.173);

int const registered = [] {
  add("dense", {});
  add("pruned17.3%", {.mask = pruned});
  for (int segments = 1; segments <= 3; ++segments)
    for (int factors = 2; factors <= 3; ++factors)
      add("S" + std::to_string(segments) + "L" + std::to_string(factors),
          {.butterfly_segments = segments, .butterfly_factors = factors});
  return 0;
}();

}  // namespace
