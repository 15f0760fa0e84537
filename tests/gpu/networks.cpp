// SPDX-License-Identifier: MIT
/// Networks and a training on the CUDA device, against emulation: the kernels are the same, so only rounding may differ (nvcc
/// contracts products and sums). Skipped where no device is.
#include <catch2/catch.hpp>

#include <cstdio>
#include <numeric>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run.hpp>
#include <papillon/train/trainer.hpp>

#include "ops/support.hpp"
#include "train/small_training.hpp"

using namespace papillon;

namespace {

constexpr int L = exec::device_lanes;
using network = nn::network<float, L>;

bool device_found() {
  try {
    kernel::cuda_runtime::require_device();
    return true;
  } catch (error const& e) {
    std::printf("[skipped] %s\n", e.what());
    return false;
  }
}

struct outcome {
  std::vector<float> logits, gradient;
};

template <class E>
outcome run(E e, network const& net, int images) {
  auto w = nn::initialise(net, {.seed = 3, .what = random::purpose::initialisation});
  nn::workspace<float, L> ws(e, net, images, nn::mode::train);
  auto const x = test::noise_tensor<float, L>(net.input(), images, 2), dy = test::noise_tensor<float, L>(net.output(), images, 3);
  outcome o{std::vector<float>(static_cast<std::size_t>(net.output().size() * images)), std::vector<float>(net.parameter_count())};
  relayout<float, L>(nn::forward(e, net, w, nn::mode::train, x.cview(), ws), o.logits);
  nn::backward(e, net, w, dy.cview(), ws, std::span<float>(o.gradient));
  return o;
}

std::vector<nn::resnet_options> structures() {
  return {{.depth = 8, .width = 4, .input = {3, 16, 16}},
          {.depth = 8, .width = 4, .input = {3, 16, 16}, .butterfly_segments = 3, .butterfly_factors = 2},
          {.depth = 8, .width = 4, .input = {3, 16, 16}, .shortcut = nn::shortcut_form::padded, .butterfly_segments = 3, .butterfly_factors = 3}};
}

}  // namespace

TEST_CASE("networks on the device give what emulation gives") {
  if (!device_found()) return;
  for (auto const& o : structures()) {
    auto const net = nn::make_resnet<float, L>(o);
    for (int images : {2, 17, 40}) {
      outcome const want = run(exec::emulated{}, net, images), got = run(exec::cuda{}, net, images), again = run(exec::cuda{}, net, images);
      CHECK(test::largest_difference<float>(got.logits, want.logits) < 1e-3f);
      CHECK(test::largest_difference<float>(got.gradient, want.gradient) < 1e-2f);
      CHECK(got.logits == again.logits);
      CHECK(got.gradient == again.gradient);
    }
  }
}

TEST_CASE("a training on the device is emulation's training") {
  if (!device_found()) return;
  auto const set = test::make_images();
  auto const net = nn::make_resnet<float, L>({.depth = 8, .width = 4, .butterfly_segments = 1});
  auto const trained = [&](auto policy) {
    auto options = test::small_options(1);
    auto state = train::begin_training(nn::initialise(net, {.seed = 11, .what = random::purpose::initialisation}));
    train::trainer trainer(policy, net, test::small_data(set), options);
    (void)trainer.run(state);
    return state;
  };
  auto const want = trained(exec::emulated{}), got = trained(exec::cuda{}), again = trained(exec::cuda{});
  CHECK(test::largest_difference<float>(got.last.parameters, want.last.parameters) < 1e-2f);
  CHECK(got.last.parameters == again.last.parameters);
}
