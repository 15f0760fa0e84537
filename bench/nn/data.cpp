// SPDX-License-Identifier: MIT
// Where images come from: a batch of 256, drawn in random order from 5,000, with and without augmentation, and a whole
// epoch of ten batches by the trainer. The baseline of an epoch is resnet20/train/dense: what lies between the two is
// loading, augmentation and bookkeeping.
#include <context.hpp>
#include <layer_run.hpp>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <papillon/data/batches.hpp>
#include <papillon/data/epoch_order.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/train/trainer.hpp>

namespace {

using namespace papillon;
using bench::images;

/// Random bytes, in the form of CIFAR-10.
data::image_set const& image_bytes() {
  static data::image_set const set = [] {
    data::image_set s;
    std::size_t const count = 5000;
    random::engine draw({.what = random::purpose::test}, 0, 6);
    s.pixels.resize(count * data::cifar_bytes);
    for (auto& p : s.pixels) p = static_cast<std::uint8_t>(random::below(draw, 256));
    s.labels.resize(count);
    for (auto& l : s.labels) l = static_cast<std::uint8_t>(random::below(draw, 10));
    return s;
  }();
  return set;
}

void count_images(benchmark::State& state, double number) {
  state.counters["images/s"] = benchmark::Counter(number, benchmark::Counter::kIsIterationInvariantRate);
}

void fill_batch(benchmark::State& state, bool augmented) {
  auto const& set = image_bytes();
  std::vector<std::uint32_t> indices(set.size());
  std::iota(indices.begin(), indices.end(), 0u);
  indices = data::epoch_order({.what = random::purpose::order}, 0, indices);
  std::optional<data::augmentation> augment;
  if (augmented) augment = data::augmentation{.stream = {.what = random::purpose::augmentation}};
  tensor<float> x(data::cifar_extent, images);
  std::size_t first = 0;
  for (auto _ : state) {
    data::fill_batch(
        exec::omp{}, set, std::span<std::uint32_t const>(indices).subspan(first, images), {}, augment, x.view());
    first = first + 2 * images <= indices.size() ? first + images : 0;
  }
  count_images(state, images);
  bench::count_bytes(state, static_cast<double>(images) * data::cifar_extent.size() * (1 + sizeof(float)));
}

void epoch(benchmark::State& state) {
  auto const net = nn::make_resnet<float>({});
  int const batches = 10;
  train::training_data<> data;
  data.set = &image_bytes();
  data.training.resize(batches * images);
  std::iota(data.training.begin(), data.training.end(), 0u);
  train::training_options options;
  options.epochs = 1;
  train::trainer trainer(exec::omp{}, net, data, options);
  auto const initial = nn::initialise(net, {.what = random::purpose::test});
  for (auto _ : state) {
    auto training = train::begin_training(initial);
    trainer.run(training);
  }
  count_images(state, batches * images);
}

int const registered = [] {
  for (bool const augmented : {false, true})
    benchmark::RegisterBenchmark(augmented ? "data/batch/augmented" : "data/batch/plain",
        [=](benchmark::State& state) { fill_batch(state, augmented); })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark("resnet20/epoch/dense", epoch)->UseRealTime()->Unit(benchmark::kMillisecond);
  return 0;
}();

}  // namespace
