// SPDX-License-Identifier: MIT
// One training step of ResNet-20 on a batch of 256 images, inference on it, and the features of a membership attack
// (six evaluations an image), for every kind of network in the study. images/s is what a person waits for; FLOP/s count
// the multiply-adds that the structure needs (three times the forward ones in training). The dense network is the
// baseline of the others; other programs' stand in peers/.
#include <context.hpp>
#include <layer_run.hpp>
#include <networks.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <papillon/data/synthetic.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/privacy/network_features.hpp>
#include <papillon/train/private_gradient.hpp>
#include <papillon/train/resident_network.hpp>
#include <papillon/train/sgd.hpp>

namespace {

using namespace papillon;
using bench::images;
using bench::named_network;

/// passes: how often the forward pass's multiply-adds are done.
void count_images(benchmark::State& state, nn::network<float> const& net, double number, double passes) {
  state.counters["images/s"] = benchmark::Counter(number, benchmark::Counter::kIsIterationInvariantRate);
  bench::count_flops(state, passes * 2 * number * static_cast<double>(net.macs()));
}

/// Values under the mask: zero where pruned.
nn::weights<float> initial_weights(nn::network<float> const& net, named_network const& n) {
  auto w = nn::initialise(net, {.what = random::purpose::test});
  if (!n.mask.empty()) prune::mask{n.mask}.apply<float>(w.parameters);
  return w;
}

template <nn::storage Kept> void training_step(benchmark::State& state, named_network const& n) {
  auto const net = n.make();
  auto w = initial_weights(net, n);
  nn::runner run(exec::context<exec::omp>(exec::omp{}), net, images, nn::mode::train, Kept);
  auto const x = bench::random_images(net.input(), 0);
  std::vector<std::uint8_t> labels(images);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  tensor<float> dlogits(net.output(), images);
  std::vector<float> gradient(net.parameter_count()), velocity(net.parameter_count());
  auto const step = [&] {
    auto const logits = run.forward(w, nn::mode::train, x);
    nn::cross_entropy(exec::omp{}, logits, std::span<std::uint8_t const>(labels), dlogits.view());
    run.backward(w, dlogits, gradient);
    train::sgd_step(exec::omp{}, train::sgd_settings{}, 1e-3, std::span<float const>(gradient),
        std::span<float>(velocity), std::span<float>(w.parameters));
  };
  step();  // touches all memory
  for (auto _ : state) step();
  count_images(state, net, images, 3);
}

/// The same by DP-SGD, gradients of 128 images at a time. Of a network with group norm, whose plain step is its
/// baseline.
void private_step(benchmark::State& state, named_network const& n) {
  auto const net = n.make();
  auto parameters = initial_weights(net, n);
  constexpr int part = train::dp_options{}.part, lanes = native_lanes<float>;
  exec::context<exec::omp> const where(exec::omp{});
  train::resident_network<exec::omp, float, lanes> run(where, net, part, nn::mode::train);
  train::private_gradients<exec::omp, float, lanes> gradients(
      where, {.divisor = images}, nn::learned_parameters(net), part);
  auto const x = bench::random_images(net.input(), 0);
  std::vector<std::uint8_t> labels(part);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 10);
  tensor<float> dlogits(net.output(), part);
  std::vector<float> gradient(net.parameter_count()), velocity(net.parameter_count());
  std::uint32_t number = 0;
  auto const step = [&] {
    run.load(parameters);
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    for (int first = 0; first < images; first += part) {
      tensor_view<float const, lanes> const some(x.cview().block(first / lanes), x.extent(), part);
      auto const logits = run.launch_forward(where.place(), nn::mode::train, some);
      nn::cross_entropy(exec::omp{}, logits, std::span<std::uint8_t const>(labels), dlogits.view());
      run.launch_backward(where.place(), dlogits.cview(), gradients.rows(part));
      gradients.add_clipped(where.place(), part, part, gradient);
    }
    gradients.finish(where.place(), {.what = random::purpose::dp_noise}, ++number, gradient);
    train::sgd_step(exec::omp{}, train::sgd_settings{}, 1e-3, std::span<float const>(gradient),
        std::span<float>(velocity), std::span<float>(parameters.parameters));
  };
  step();
  for (auto _ : state) step();
  count_images(state, net, images, 3);
  state.counters["MiB of gradients"] = static_cast<double>(gradients.bytes()) / (1 << 20);
}

void inference(benchmark::State& state, named_network const& n) {
  auto const net = n.make();
  auto const w = initial_weights(net, n);
  nn::runner run(exec::omp{}, net, images, nn::mode::eval);
  auto const x = bench::random_images(net.input(), 0);
  auto const step = [&] { benchmark::DoNotOptimize(run.forward(w, x).data()); };
  step();
  for (auto _ : state) step();
  count_images(state, net, images, 1);
}

void attack_features(benchmark::State& state, named_network const& n) {
  auto const net = n.make();
  auto const w = initial_weights(net, n);
  auto const set = data::synthetic_images(images, 0);
  std::vector<std::uint32_t> indices(images);
  std::iota(indices.begin(), indices.end(), 0u);
  privacy::feature_settings const settings{};
  auto const step = [&] {
    benchmark::DoNotOptimize(privacy::network_features(exec::omp{}, net, w, set, indices, {},
        privacy::counter_noise{{.what = random::purpose::test}}, settings, [] {}));
  };
  step();
  for (auto _ : state) step();
  count_images(state, net, images, 1 + settings.draws);
}

int const registered = [] {
  for (named_network const& n : bench::study_networks()) {
    auto const add = [&](std::string const& work, auto f) {
      benchmark::RegisterBenchmark(
          ("resnet20/" + work + "/" + n.name).c_str(), [=](benchmark::State& state) { f(state, n); })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    };
    add("train", training_step<nn::storage::full>);
    add("eval", inference);
    add("attack_features", attack_features);
  }
  // With what layers pass on kept in 16 bits: beside the same networks above.
  for (named_network const& n : bench::study_networks())
    if (n.name == "dense" || n.name == "S3L2" || n.name == "S3L3")
      benchmark::RegisterBenchmark(("resnet20/train/" + n.name + "-half").c_str(),
          [=](benchmark::State& state) { training_step<nn::storage::half>(state, n); })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
  // Private trainings beside the plain ones of the same networks, which have group norm.
  for (named_network n : bench::study_networks()) {
    if (n.name != "dense" && n.name != "S3L2" && n.name != "imp-16") continue;
    n.options.norm = nn::norm_form::group;
    auto const add = [&](std::string const& kind, auto f) {
      benchmark::RegisterBenchmark(
          ("resnet20/train/" + n.name + kind).c_str(), [=](benchmark::State& state) { f(state, n); })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    };
    add("-group-norm", training_step<nn::storage::full>);
    add("-private", private_step);
  }
  return 0;
}();

}  // namespace
