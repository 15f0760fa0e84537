// SPDX-License-Identifier: MIT
// What the membership attack computes against PyTorch: the features with given noise, and a discriminator's training.
#include <golden/golden.hpp>
#include <privacy/plain_features.hpp>

#include <cstdint>
#include <numeric>

#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/models/perceptron.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/adam.hpp>

using namespace papillon;

namespace {

/// Features of the golden network on the golden images, seven at a time: 23 images fill no batch and no block.
template <class T, class Policy> xt::xtensor<T, 2> features(Policy policy, golden::safetensors const& file) {
  constexpr int lanes = 4;
  auto const dense = golden::read("resnet_dense");
  auto const& d = file.dims("x");
  nn::resnet_options options;
  options.depth = 8;
  options.width = 4;
  options.input = {static_cast<int>(d.at(1)), static_cast<int>(d.at(2)), static_cast<int>(d.at(3))};
  auto const net = nn::make_resnet<T, lanes>(options);
  nn::weights<T> const w{
      golden::gather<T>(dense, "parameters/", net.parameters()), golden::gather<T>(dense, "state/", net.state())};

  auto const images = golden::values<T>(file, "x"), noise = golden::values<T>(file, "noise");
  auto const labels = file.get<std::uint8_t>("labels");
  auto const size = static_cast<std::size_t>(net.input().size()), count = labels.size();
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0u);
  privacy::feature_settings settings;
  settings.batch = 7;
  auto const fetch = [&](std::span<std::uint32_t const> batch, tensor_view<T, lanes> x) {
    for (int n = 0; n < x.images(); ++n)
      for (int r = 0; r < x.extent().size(); ++r)
        x.at(n, r) = images[batch[static_cast<std::size_t>(n)] * size + static_cast<std::size_t>(r)];
  };
  auto const given = [&](std::uint32_t image, int draw, std::span<T> out) {
    auto const from =
        noise.begin() + static_cast<std::ptrdiff_t>((static_cast<std::size_t>(draw) * count + image) * size);
    std::copy_n(from, size, out.begin());
  };
  test::network_probabilities box(policy, net, w, settings.batch);
  return test::attack_features<T, lanes>(
      policy, indices, labels, net.input(), box.classes(), fetch, box, given, settings);
}

template <class T, class Policy> void check_features(Policy policy) {
  auto const file = golden::read("attack");
  auto const labels = file.get<std::uint8_t>("labels");
  xt::xtensor<T, 2> const f = features<T>(policy, file);
  REQUIRE(f.shape(0) == labels.size());
  REQUIRE(f.shape(1) == 30);
  std::vector<T> softmax, response;
  for (std::size_t i = 0; i < labels.size(); ++i)
    for (std::size_t c = 0; c < 10; ++c) {
      softmax.push_back(f(i, c));
      response.push_back(f(i, 10 + c));
      CHECK(f(i, 20 + c) == (c == labels[i] ? T{1} : T{0}));
    }
  golden::check(file, "", "softmax", softmax);
  // Rounding errors of probabilities, divided by a thousandth: single precision is good to half a per cent only, and a
  // norm over 230 of them leaves little to luck.
  golden::check(file, "", "response", std::span<T const>(response), 4);
}

}  // namespace

TEMPLATE_TEST_CASE("the attack's features with given noise are PyTorch's", "", float, double) {
  check_features<TestType>(exec::seq{});
  check_features<TestType>(exec::omp{2});
}

TEST_CASE("ten steps of a discriminator's training are PyTorch's") {
  auto const file = golden::read("optimisers");
  std::string const prefix = "discriminator/";
  auto const& d = file.dims("features");
  std::size_t const steps = d.at(0), batch = d.at(1), inputs = d.at(2);
  exec::omp const policy{2};
  auto const net = nn::make_perceptron<float>(static_cast<int>(inputs), {30, 30}, 1);
  CHECK(net.parameter_count() == 1891);
  nn::weights<float> w{golden::gather<float>(file, prefix + "parameters/", net.parameters()), {}};
  nn::runner run(policy, net, static_cast<int>(batch), nn::mode::train);
  tensor<float> x(net.input(), static_cast<int>(batch)), dlogits(net.output(), static_cast<int>(batch));
  std::vector<float> gradient(net.parameter_count()), losses;
  train::adam_state<float> state(net.parameter_count());
  for (std::size_t step = 0; step < steps; ++step) {
    relayout(file.get<float>("features").subspan(step * batch * inputs, batch * inputs), x.view());
    auto const logits = run.forward(w, nn::mode::train, x);
    losses.push_back(nn::binary_cross_entropy(
        policy, logits, file.get<std::uint8_t>("members").subspan(step * batch, batch), dlogits.view()));
    if (step == 0) golden::check(file, prefix, "logits", golden::row_major(logits));
    run.backward(w, dlogits, gradient);
    if (step == 0) golden::check_slots(file, prefix, "gradients/", net.parameters(), gradient);
    train::adam_step(
        policy, {.learning_rate = 0.01}, std::span<float const>(gradient), state, std::span<float>(w.parameters));
  }
  golden::check(file, prefix, "losses", losses);
  golden::check_slots(file, prefix, "parameters_10/", net.parameters(), w.parameters);
}
