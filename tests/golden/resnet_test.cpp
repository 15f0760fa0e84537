// SPDX-License-Identifier: MIT
// Small ResNets of every structure against PyTorch: evaluation, one training step in all its parts, ten steps of SGD.
#include <golden/golden.hpp>

#include <cstdint>
#include <utility>

#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/state_dict.hpp>

using namespace papillon;

namespace {

constexpr int lanes = 4;  // 17 images: four full blocks and one image
constexpr std::size_t steps = 10, batch = 17;

struct example {
  char const* file;
  nn::shortcut_form shortcut;
  int segments, factors;
};

/// The mask over the parameter buffer; empty if the file has none.
std::vector<std::uint8_t> read_mask(golden::safetensors const& file, std::vector<nn::slot> const& slots) {
  std::vector<std::uint8_t> keep;
  if (!file.contains("mask/" + slots.front().name)) return keep;
  for (nn::slot const& s : slots) {
    auto const part = file.get<std::uint8_t>("mask/" + s.name, s.dims);
    keep.insert(keep.end(), part.begin(), part.end());
  }
  return keep;
}

template <class T, class Policy> void check_training(example const& e, Policy policy) {
  INFO(e.file);
  auto const file = golden::read(e.file), batches = golden::read("resnet_batches");
  auto const& d = batches.dims("inputs");
  nn::resnet_options options;
  options.depth = 8;
  options.width = 4;
  options.input = {static_cast<int>(d.at(2)), static_cast<int>(d.at(3)), static_cast<int>(d.at(4))};
  options.shortcut = e.shortcut;
  options.butterfly_segments = e.segments;
  options.butterfly_factors = e.factors;
  auto const dense = nn::make_resnet<T, lanes>(options);
  auto const keep = read_mask(file, dense.parameters());
  options.mask = keep;
  auto const net = nn::make_resnet<T, lanes>(options);

  nn::weights<T> w{
      golden::gather<T>(file, "parameters/", net.parameters()), golden::gather<T>(file, "state/", net.state())};
  nn::runner run(policy, net, static_cast<int>(batch), nn::mode::train);
  tensor<T, lanes> x(net.input(), static_cast<int>(batch)), dlogits(net.output(), static_cast<int>(batch));
  std::vector<T> gradient(net.parameter_count()), velocity(net.parameter_count()), losses;
  auto const inputs = golden::values<T>(batches, "inputs");
  auto const labels = batches.get<std::uint8_t>("labels");
  std::size_t const size = batch * static_cast<std::size_t>(net.input().size());

  relayout<T, lanes>(std::span<T const>(inputs).first(size), x.view());
  golden::check(file, "", "logits_eval", golden::row_major(run.forward(std::as_const(w), x)));
  for (std::size_t step = 0; step < steps; ++step) {
    relayout<T, lanes>(std::span<T const>(inputs).subspan(step * size, size), x.view());
    auto const logits = run.forward(w, nn::mode::train, x);
    losses.push_back(nn::cross_entropy(policy, logits, labels.subspan(step * batch, batch), dlogits.view()));
    if (step == 0) golden::check(file, "", "logits_train", golden::row_major(logits));
    run.backward(w, dlogits, gradient);
    if (step == 0) {
      golden::check_slots(file, "", "gradients/", net.parameters(), gradient);
      golden::check_slots(file, "", "state_1/", net.state(), w.state);
    }
    train::sgd_step(policy, {.momentum = 0.9, .weight_decay = 0.005}, 0.03, std::span<T const>(gradient),
        std::span<T>(velocity), std::span<T>(w.parameters));
  }
  golden::check(file, "", "losses", losses);
  golden::check_slots(file, "", "parameters_10/", net.parameters(), w.parameters);
  golden::check_slots(file, "", "state_10/", net.state(), w.state);
  for (std::size_t i = 0; i < keep.size(); ++i)
    if (keep[i] == 0 && w.parameters[i] != T{}) FAIL_CHECK("pruned parameter " << i << " is not zero");
}

template <class T> void check_everywhere(example const& e) {
  check_training<T>(e, exec::seq{});
  check_training<T>(e, exec::omp{2});
}

}  // namespace

TEMPLATE_TEST_CASE("a dense ResNet trains as PyTorch's", "", float, double) {
  check_everywhere<TestType>({"resnet_dense", nn::shortcut_form::projection, 0, 2});
}

TEMPLATE_TEST_CASE("a ResNet with parameter-free shortcuts trains as PyTorch's", "", float, double) {
  check_everywhere<TestType>({"resnet_padded", nn::shortcut_form::padded, 0, 2});
}

TEMPLATE_TEST_CASE("a masked ResNet trains as PyTorch's with masked gradients", "", float, double) {
  check_everywhere<TestType>({"resnet_masked", nn::shortcut_form::projection, 0, 2});
}

TEMPLATE_TEST_CASE("a ResNet of two-factor chains trains as PyTorch's through the dense product", "", float, double) {
  check_everywhere<TestType>({"resnet_chain2", nn::shortcut_form::projection, 2, 2});
}

TEMPLATE_TEST_CASE("a ResNet of three-factor chains trains as PyTorch's through the dense product", "", float, double) {
  check_everywhere<TestType>({"resnet_chain3", nn::shortcut_form::projection, 3, 3});
}

TEST_CASE("a ResNet-20 saved by PyTorch under the usual names answers as in PyTorch") {
  for (std::string const name : {"state_dict_projection", "state_dict_padded"}) {
    INFO(name);
    auto const batches = golden::read("resnet_batches");
    auto const& d = batches.dims("inputs");
    auto const file = train::state_dict::read(std::filesystem::path(PAPILLON_GOLDEN_DIR) / (name + ".safetensors"));
    auto const options = file.resnet(static_cast<int>(d.at(3)), static_cast<int>(d.at(4)));
    CHECK(options.depth == 20);
    CHECK(options.width == 4);
    CHECK(options.classes == 10);
    CHECK(
        options.shortcut == (name == "state_dict_padded" ? nn::shortcut_form::padded : nn::shortcut_form::projection));
    auto const net = nn::make_resnet<double, lanes>(options);
    auto const weights = file.weights<double>(net);
    nn::runner run(exec::omp{}, net, static_cast<int>(batch), nn::mode::eval);
    tensor<double, lanes> x(net.input(), static_cast<int>(batch));
    auto const inputs = golden::values<double>(batches, "inputs");
    relayout<double, lanes>(
        std::span<double const>(inputs).first(batch * static_cast<std::size_t>(net.input().size())), x.view());
    golden::check(golden::read(name + "_logits"), "", "logits", golden::row_major(run.forward(weights, x)));
  }
}
