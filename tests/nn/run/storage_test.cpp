// SPDX-License-Identifier: MIT
/// Training that keeps activations and derivatives in 16 bits: what it costs in accuracy, saves in memory, and leaves
/// as it is.
#include <catch2/catch.hpp>

#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

struct outcome {
  std::vector<float> logits, gradient, state;
  friend bool operator==(outcome const&, outcome const&) = default;
};

/// Two steps in the same runner; derivatives of every logit are drawn.
template <int L> outcome run_network(nn::network<float, L> const& net, int images, nn::storage kept, int threads = 2) {
  auto w = nn::initialise(net, {.seed = 1, .what = random::purpose::initialisation});
  auto const x = test::noise_tensor<float, L>(net.input(), images, 2);
  auto const d = test::noise_tensor<float, L>(net.output(), images, 3);
  nn::runner run(exec::context<exec::omp>(exec::omp{.threads = threads}), net, images + 1, nn::mode::train, kept);
  outcome o;
  o.logits.resize(static_cast<std::size_t>(net.output().size() * images));
  for (int step = 0; step < 2; ++step) {
    o.gradient.assign(net.parameter_count(), std::nanf(""));
    relayout<float, L>(run.forward(w, nn::mode::train, x), o.logits);
    run.backward(w, d, o.gradient);
  }
  o.state = w.state;
  return o;
}

/// A residual block between two convolutions: norms that the next convolution applies and keeps, applies and does not
/// keep, and that are applied by themselves, two of them read by a shortcut. The output has as many pixels as the
/// input: of a mean over pixels most of the gradient would cancel, and what is left be the rounding.
template <int L, class Structure>
nn::network<float, L> make_network(Structure const& w, bool relu, nn::convolution_algorithm algorithm) {
  nn::network<float, L> net({8, 8, 8});
  nn::convolution_geometry const g{.input = {8, 8, 8}, .outputs = 8, .algorithm = algorithm};
  nn::batch_norm const norm(g.output(), {.relu = relu});
  net.add("conv1", nn::conv2d(w, g));
  int const block = net.add("bn1", norm);
  net.add("conv2", nn::conv2d(w, g));
  net.add("bn2", norm);
  net.add("conv3", nn::conv2d(w, g));
  int const second = net.add("bn3", norm, nn::network<float, L>::none, block);
  net.add("conv4", nn::conv2d(w, g));
  net.add("bn4", norm, nn::network<float, L>::none, second);
  net.add("bn5", nn::batch_norm(g.output()));  // by itself, on values in full
  net.add("conv5", nn::conv2d(w, g));
  return net;
}

template <int L> std::vector<std::pair<std::string, nn::network<float, L>>> networks(bool relu) {
  return {{"winograd", make_network<L>(dense(8, 72), relu, nn::convolution_algorithm::winograd)},
      {"direct", make_network<L>(dense(8, 72), relu, nn::convolution_algorithm::direct)},
      {"chain", make_network<L>(smallest_monotone<8, 72, 2>{}, relu, nn::convolution_algorithm::winograd)}};
}

/// |got - want| / |want|.
double relative_error(std::span<float const> got, std::span<float const> want) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(want[i]), 2);
    size += std::pow(static_cast<double>(want[i]), 2);
  }
  return std::sqrt(difference / size);
}

}  // namespace

TEMPLATE_TEST_CASE_SIG(
    "gradients of a training that keeps 16 bits are off by some thousandth", "", ((int L), L), 4, 16) {
  for (bool const relu : {false, true})
    for (auto const& [name, net] : networks<L>(relu))
      for (int const images : {1, 17, 40}) {
        INFO(name << ", " << images << " images, relu " << relu);
        outcome const want = run_network<L>(net, images, nn::storage::full),
                      got = run_network<L>(net, images, nn::storage::half);
        for (auto const& s : net.parameters()) {
          if (s.kind != nn::slot_kind::convolution) continue;
          INFO(s.name);
          auto const of = [&](outcome const& o) { return std::span(o.gradient).subspan(s.offset, s.size); };
          // A ReLU that rounding opens or closes, one in some thousand, is a whole term.
          CHECK(relative_error(of(got), of(want)) < (relu ? 0x1p-3 : 0x1p-8));
          CHECK(relative_error(of(got), of(want)) > 0);
        }
      }
}

TEST_CASE("16 bits are the same on any number of threads, and are none of evaluation's business") {
  for (auto const& [name, net] : networks<8>(true)) {
    INFO(name);
    CHECK(run_network<8>(net, 40, nn::storage::half, 3) == run_network<8>(net, 40, nn::storage::half, 1));
    auto const w = nn::initialise(net, {.seed = 1, .what = random::purpose::initialisation});
    auto const x = test::noise_tensor<float, 8>(net.input(), 17, 2);
    std::vector<float> logits[2];
    for (int i = 0; i < 2; ++i) {
      nn::runner run(exec::context<exec::omp>(exec::omp{.threads = 2}), net, 17, nn::mode::train,
          i == 0 ? nn::storage::full : nn::storage::half);
      logits[i].resize(static_cast<std::size_t>(17 * net.output().size()));
      relayout<float, 8>(run.forward(w, x), logits[i]);
    }
    CHECK(logits[0] == logits[1]);
  }
}

TEST_CASE("16 bits take little more than half the memory") {
  auto const net = nn::make_resnet<float, 16>({.depth = 20});
  auto const bytes = [&](nn::storage kept) {
    return nn::runner(exec::context<exec::omp>(exec::omp{.threads = 1}), net, 256, nn::mode::train, kept).bytes();
  };
  CHECK(static_cast<double>(bytes(nn::storage::half)) < 0.6 * static_cast<double>(bytes(nn::storage::full)));
}

TEST_CASE("16 bits are refused where nothing is kept so") {
  auto const narrow = [](auto where, auto const& net) {
    nn::runner(exec::context(where), net, 2, nn::mode::train, nn::storage::half);
  };
  auto const net = nn::make_resnet<float, exec::device_lanes>({.depth = 8, .width = 4});
  CHECK_THROWS_WITH(narrow(exec::seq{}, net), Catch::Contains("16 bits"));
  CHECK_THROWS_WITH(narrow(exec::emulated{}, net), Catch::Contains("16 bits"));
  CHECK_THROWS_WITH(
      narrow(exec::omp{}, nn::make_resnet<double, 8>({.depth = 8, .width = 4})), Catch::Contains("16 bits"));
}
