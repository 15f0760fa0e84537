// SPDX-License-Identifier: MIT
/// ResNets: parameter counts, gradients against finite differences, the threaded policy against the reference.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

random::stream const stream{1, 0, random::purpose::initialisation, 0};

std::vector<std::uint8_t> labels_of(int images) {
  std::vector<std::uint8_t> labels(static_cast<std::size_t>(images));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i * 7 % 10);
  return labels;
}

struct result {
  double loss;
  std::vector<double> gradient, state, logits;
};

/// One training step's loss, gradient, running statistics and logits.
template <int L, class E>
result step(E e, nn::network<double, L> const& net, nn::weights<double> w, int images, int planned = 0) {
  auto const x = test::noise_tensor<double, L>(net.input(), images, 3);
  nn::runner run(e, net, std::max(images, planned), nn::mode::train);
  auto const logits = run.forward(w, nn::mode::train, x);
  tensor<double, L> d(net.output(), images);
  result r;
  r.loss = nn::cross_entropy<E, double, L>(e, logits, labels_of(images), d.view());
  r.gradient.resize(net.parameter_count(), std::nan(""));
  r.logits.resize(static_cast<std::size_t>(net.output().size() * images));
  relayout<double, L>(logits, r.logits);
  run.backward(w, d, r.gradient);
  r.state = w.state;
  return r;
}

std::vector<std::uint8_t> some_mask(std::size_t n) {
  std::vector<std::uint8_t> mask(n);
  for (std::size_t i = 0; i < n; ++i) mask[i] = (i * 2654435761u >> 7) % 4 == 0;
  return mask;
}

nn::resnet_options small(nn::shortcut_form form = nn::shortcut_form::projection) {
  return {.depth = 8, .width = 4, .input = {3, 6, 6}, .shortcut = form};
}

/// Options of a small network of each structure, both shortcut forms among them.
std::vector<nn::resnet_options> every_structure(std::vector<std::uint8_t>& mask) {
  std::vector<nn::resnet_options> all{small(), small(nn::shortcut_form::padded), small(), small(), small()};
  mask = some_mask(nn::make_resnet<double, 1>(small()).parameter_count());
  all[2].mask = mask;
  all[3].butterfly_segments = all[4].butterfly_segments = 2;
  all[4].chains = nn::chain_form::low_rank;
  all[4].unfolding = nn::unfolding::shuffled;
  return all;
}

}  // namespace

constexpr int native = native_lanes<double>;

TEST_CASE("ResNet-20 has the parameters and multiply-adds of the literature") {
  auto const projection = nn::make_resnet<double, 1>({});
  CHECK(projection.parameter_count() == 272474);
  CHECK(projection.macs() == 40813184);
  CHECK(projection.state_count() == 2 * 784);
  CHECK(nn::make_resnet<double, 1>({.shortcut = nn::shortcut_form::padded}).parameter_count() == 269722);
  CHECK(projection.parameters().front().name == "conv1.weight");
  CHECK(projection.parameters().back().name == "fc.bias");
}

TEST_CASE("ResNets of any depth and number of classes have the parameters of the literature") {
  CHECK(nn::make_resnet<double, 1>({.classes = 100}).parameter_count() == 278324);
  CHECK(nn::make_resnet<double, 1>({.depth = 32}).parameter_count() == 466906);
  CHECK(nn::make_resnet<double, 1>({.depth = 44}).parameter_count() == 661338);
  CHECK(nn::make_resnet<double, 1>({.depth = 56}).parameter_count() == 855770);
}

TEST_CASE("butterfly ResNet-20s have the parameter totals of the study") {
  std::size_t const totals[3][2] = {{87898, 80666}, {43450, 34682}, {32122, 23162}};
  for (int s = 1; s <= 3; ++s)
    for (int l = 2; l <= 3; ++l)
      CHECK(nn::make_resnet<double, 1>({.butterfly_segments = s, .butterfly_factors = l}).parameter_count() ==
            totals[s - 1][l - 2]);
}

TEST_CASE("narrow ResNet-20s have the parameter totals of the study") {
  std::vector<std::size_t> totals;
  for (int width = 3; width <= 12; ++width)
    totals.push_back(nn::make_resnet<double, 1>({.width = width}).parameter_count());
  CHECK(totals == std::vector<std::size_t>{9991, 17534, 27185, 38944, 52811, 68786, 86869, 107060, 129359, 153766});
}

TEST_CASE("low-rank ResNet-20s are about as large as the butterflies, shuffled ones exactly") {
  auto const low_rank = [](int segments, int factors) {
    return nn::make_resnet<double, 1>(
        {.butterfly_segments = segments, .butterfly_factors = factors, .chains = nn::chain_form::low_rank})
        .parameter_count();
  };
  CHECK(low_rank(3, 2) == 31882);
  for (int s = 1; s <= 3; ++s)
    for (int l = 2; l <= 3; ++l) {
      auto const butterfly =
          nn::make_resnet<double, 1>({.butterfly_segments = s, .butterfly_factors = l}).parameter_count();
      CHECK(low_rank(s, l) == Approx(butterfly).epsilon(0.06));
      nn::resnet_options const shuffled{
          .butterfly_segments = s, .butterfly_factors = l, .unfolding = nn::unfolding::shuffled};
      CHECK(nn::make_resnet<double, 1>(shuffled).parameter_count() == butterfly);
    }
}

TEST_CASE("parameters come in PyTorch's order whatever the order of execution") {
  auto const net = nn::make_resnet<double, 1>({.depth = 8, .width = 4});
  std::vector<std::string> names;
  for (nn::slot const& s : net.parameters())
    if (s.name.starts_with("layer2.0")) names.push_back(s.name);
  CHECK(names == std::vector<std::string>{"layer2.0.conv1.weight", "layer2.0.bn1.weight", "layer2.0.bn1.bias",
                     "layer2.0.conv2.weight", "layer2.0.bn2.weight", "layer2.0.bn2.bias",
                     "layer2.0.downsample.0.weight", "layer2.0.downsample.1.weight", "layer2.0.downsample.1.bias"});
  std::size_t next = 0;
  for (nn::slot const& s : net.parameters()) {
    CHECK(s.offset == next);
    next += s.size;
  }
  CHECK(next == net.parameter_count());
}

TEST_CASE("the gradient of every parameter agrees with finite differences, for every structure") {
  std::vector<std::uint8_t> mask;
  for (nn::resnet_options const& o : every_structure(mask)) {
    auto const net = nn::make_resnet<double, 1>(o);
    auto w = nn::initialise(net, stream);
    result const r = step(exec::seq{}, net, w, 5);
    std::size_t checked = 0;
    for (std::size_t i = 0; i < net.parameter_count(); i += 37) {
      if (!o.mask.empty() && mask[i] == 0 && r.gradient[i] == 0) continue;  // off the support
      // Where the two one-sided slopes disagree, a ReLU bends between them and there is no derivative to compare.
      double const h = 1e-6, at = w.parameters[i];
      w.parameters[i] = at + h;
      double const up = step(exec::seq{}, net, w, 5).loss;
      w.parameters[i] = at - h;
      double const down = step(exec::seq{}, net, w, 5).loss;
      w.parameters[i] = at;
      if (std::abs(up - 2 * r.loss + down) / h > 1e-4) continue;
      ++checked;
      INFO("parameter " << i);
      CHECK((up - down) / (2 * h) == Approx(r.gradient[i]).epsilon(1e-4).margin(1e-7));
    }
    CHECK(checked > 10);
  }
}

TEST_CASE("threads and lanes agree with the reference, for every structure and odd batches") {
  std::vector<std::uint8_t> mask;
  for (nn::resnet_options const& o : every_structure(mask))
    for (int images : {2, 17, 40}) {
      auto const net = nn::make_resnet<double, 1>(o);
      auto const w = nn::initialise(net, stream);
      result const want = step(exec::seq{}, net, w, images);
      auto const same = [&](result const& got) {
        CHECK(got.loss == Approx(want.loss).epsilon(1e-12));
        CHECK(test::largest_difference<double>(got.logits, want.logits) < 1e-10);
        CHECK(test::largest_difference<double>(got.gradient, want.gradient) < 1e-9);
        CHECK(test::largest_difference<double>(got.state, want.state) < 1e-11);
      };
      same(step(exec::omp{1}, net, w, images));
      same(step(exec::omp{2}, nn::make_resnet<double, native>(o), w, images, 64));
      same(step(exec::seq{}, nn::make_resnet<double, native>(o), w, images));
    }
}

TEST_CASE("a ResNet gives the same bits on one and two threads") {
  auto const net = nn::make_resnet<double, native>(small());
  auto const w = nn::initialise(net, stream);
  result const one = step(exec::omp{1}, net, w, 37), two = step(exec::omp{2}, net, w, 37);
  CHECK(one.gradient == two.gradient);
  CHECK(one.state == two.state);
  CHECK(one.logits == two.logits);
}

TEST_CASE("evaluation uses the running statistics, gives each image the same logits in any batch, and shares storage") {
  auto const net = nn::make_resnet<double, native>(small());
  auto w = nn::initialise(net, stream);
  w.state = step(exec::seq{}, net, w, 20).state;
  auto const x = test::noise_tensor<double, native>(net.input(), 20, 3);
  auto const evaluate = [&](auto e, int images) {
    nn::runner run(e, net, images, nn::mode::eval);
    std::vector<double> logits(static_cast<std::size_t>(10 * images));
    tensor<double, native> copy(net.input(), images);
    for (int n = 0; n < images; ++n)
      for (int r = 0; r < net.input().size(); ++r) copy.view().at(n, r) = x.cview().at(n, r);
    relayout<double, native>(run.forward(std::as_const(w), copy), logits);
    return logits;
  };
  auto const all = evaluate(exec::seq{}, 20), few = evaluate(exec::seq{}, 3), threaded = evaluate(exec::omp{2}, 20);
  CHECK(test::largest_difference<double>(few, std::span(all).first(30)) < 1e-14);
  CHECK(test::largest_difference<double>(all, threaded) < 1e-11);
  nn::runner const train(exec::seq{}, net, 20, nn::mode::train), eval(exec::seq{}, net, 20, nn::mode::eval);
  CHECK(eval.bytes() < train.bytes() / 3);
}

TEST_CASE("a masked network is the dense one with zeros, and has no gradient off its support") {
  auto const mask = some_mask(nn::make_resnet<double, 1>(small()).parameter_count());
  auto options = small();
  auto const plain = nn::make_resnet<double, native>(options);
  options.mask = mask;
  auto const masked = nn::make_resnet<double, native>(options);
  auto w = nn::initialise(masked, stream);
  for (nn::slot const& s : masked.parameters())
    if (s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear)
      for (std::size_t i = s.offset; i < s.offset + s.size; ++i) w.parameters[i] *= mask[i];
  result const a = step(exec::omp{2}, plain, w, 9), b = step(exec::omp{2}, masked, w, 9);
  CHECK(a.loss == Approx(b.loss).epsilon(1e-13));
  for (nn::slot const& s : masked.parameters())
    for (std::size_t i = s.offset; i < s.offset + s.size; ++i)
      if ((s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear) && mask[i] == 0)
        CHECK(b.gradient[i] == 0);
      else CHECK(b.gradient[i] == Approx(a.gradient[i]).epsilon(1e-9).margin(1e-13));
}

TEST_CASE("impossible networks, batches and modes are refused with a reason") {
  CHECK_THROWS_WITH((nn::make_resnet<double, native>({.depth = 21})), Catch::Contains("6n + 2"));
  CHECK_THROWS_AS((nn::make_resnet<double, native>({.butterfly_segments = 4})), error);
  std::vector<std::uint8_t> const mask(100, 1);
  CHECK_THROWS_WITH((nn::make_resnet<double, native>({.mask = mask})), Catch::Contains("one per parameter"));
  auto const net = nn::make_resnet<double, native>(small());
  auto w = nn::initialise(net, stream);
  nn::runner run(exec::seq{}, net, 4, nn::mode::eval);
  tensor<double, native> const x(net.input(), 8), y(net.input(), 4);
  CHECK_THROWS_WITH(run.forward(w, nn::mode::eval, x), Catch::Contains("does not fit"));
  CHECK_THROWS_WITH(run.forward(w, nn::mode::train, y), Catch::Contains("mode::train"));
  nn::network<double, native> broken({3, 4, 4});
  CHECK_THROWS_WITH(broken.add("relu", nn::relu({3, 4, 5})), Catch::Contains("shapes must meet"));
}
