// SPDX-License-Identifier: MIT
// Single operators against PyTorch, in both precisions, under the policies of the host, with a batch that fills no
// block.
#include <golden/golden.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <papillon/exec/context.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/run/any_layer.hpp>

using namespace papillon;

namespace {

/// Four on the host: 17 images are four full blocks and one image.
template <class Policy> inline constexpr int lanes_for = exec::device_policy<Policy> ? exec::device_lanes : 4;
constexpr exec::omp two_threads{2};

template <class T> struct results { std::vector<T> y, dx, gradient, state; };

/// A layer's forward and backward pass under one policy; dy empty: evaluation, forward only.
template <class T, exec::policy Policy>
results<T> run(Policy policy, nn::any_layer<T, lanes_for<Policy>> const& layer, std::vector<T> const& parameters,
    std::vector<T> state, tensor<T, lanes_for<Policy>> const& x,
    std::type_identity_t<tensor<T, lanes_for<Policy>>> const& dy) {
  constexpr int lanes = lanes_for<Policy>;
  exec::context const where(policy);
  auto const& at = where.place();
  int const images = x.images();
  tensor<T, lanes> y(layer.output(), images), dx(layer.input(), images);
  std::vector<T> gradient(parameters.size()), saved(layer.saved_size()),
      scratch(layer.scratch_size(at, images, nn::mode::train));
  std::vector<int> const tables = layer.tables();
  bool const training = dy.images() > 0;
  nn::forward_args<T, lanes> f;
  f.how = training ? nn::mode::train : nn::mode::eval;
  f.parameters = parameters;
  f.state = state;
  f.eval_state = state;
  f.x = x;
  f.y = y;
  f.saved = saved;
  f.scratch = scratch;
  f.tables = tables;
  layer.forward(at, f);
  if (!training) return {golden::row_major(y.cview()), {}, {}, {}};
  nn::backward_args<T, lanes> b;
  b.parameters = parameters;
  b.x = x;
  b.y = y.cview();
  b.dy = dy;
  b.dx = dx;
  b.gradient = gradient;
  b.saved = saved;
  b.scratch = scratch;
  b.tables = tables;
  layer.backward(at, b);
  return {golden::row_major(y.cview()), golden::row_major(dx.cview()), gradient, state};
}

template <class T> std::vector<T> joined(std::vector<T> a, std::vector<T> const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

template <class T, class Policy> void check_dense_convolutions(Policy policy) {
  auto const file = golden::read("operators");
  struct {
    char const* name;
    int kernel, stride;
  } const cases[] = {
      {"conv3x3_stride1/", 3, 1}, {"conv3x3_stride2/", 3, 2}, {"conv1x1_stride1/", 1, 1}, {"conv1x1_stride2/", 1, 2}};
  for (auto const& c : cases) {
    std::string const name = c.name;
    auto const x = golden::as_tensor<T, lanes_for<Policy>>(file, name + "x");
    auto const dy = golden::as_tensor<T, lanes_for<Policy>>(file, name + "dy");
    auto const weight = golden::values<T>(file, name + "weight");
    nn::convolution_geometry const g{x.extent(), dy.extent().channels, c.kernel, c.stride, c.kernel / 2};
    REQUIRE(g.output() == dy.extent());
    auto const r = run<T>(policy, nn::conv2d(dense(g.outputs, g.columns()), g), weight, {}, x, dy);
    golden::check(file, name, "y", r.y);
    golden::check(file, name, "dx", r.dx);
    golden::check(file, name, "dweight", r.gradient);
  }
}

template <class T, class Policy> void check_chain_convolutions(Policy policy) {
  auto const file = golden::read("operators");
  struct {
    char const* name;
    int factors, stride;
    nn::unfolding order;
  } const cases[] = {{"chain_2_factors/", 2, 1, nn::unfolding::channel_major},
      {"chain_2_factors_tap_major/", 2, 1, nn::unfolding::tap_major},
      {"chain_3_factors_stride2/", 3, 2, nn::unfolding::channel_major}};
  for (auto const& c : cases) {
    std::string const name = c.name;
    auto const x = golden::as_tensor<T, lanes_for<Policy>>(file, name + "x");
    auto const dy = golden::as_tensor<T, lanes_for<Policy>>(file, name + "dy");
    std::vector<pattern> patterns;
    std::vector<T> coefficients;
    for (int k = 0; k < c.factors; ++k) {
      auto const key = name + "factor" + std::to_string(k);
      auto const& d = file.dims(key);
      patterns.push_back(
          {static_cast<int>(d.at(0)), static_cast<int>(d.at(1)), static_cast<int>(d.at(2)), static_cast<int>(d.at(3))});
      auto const factor = golden::values<T>(file, key);
      coefficients.insert(coefficients.end(), factor.begin(), factor.end());
    }
    nn::convolution_geometry const g{x.extent(), dy.extent().channels, 3, c.stride, 1, c.order};
    auto const r = run<T>(policy, nn::conv2d(runtime_chain(patterns), g), coefficients, {}, x, dy);
    golden::check(file, name, "y", r.y);
    golden::check(file, name, "dx", r.dx);
    std::size_t first = 0;
    for (int k = 0; k < c.factors; ++k) {
      auto const size = static_cast<std::size_t>(patterns[static_cast<std::size_t>(k)].nnz());
      golden::check(file, name, "dfactor" + std::to_string(k), std::span<T const>(r.gradient).subspan(first, size));
      first += size;
    }
  }
}

template <class T, class Policy> void check_batch_norm(Policy policy) {
  constexpr int lanes = lanes_for<Policy>;
  auto const file = golden::read("operators");
  for (std::string const name : {"batch_norm_train/", "batch_norm_eval/"}) {
    auto const x = golden::as_tensor<T, lanes>(file, name + "x");
    auto const parameters = joined(golden::values<T>(file, name + "weight"), golden::values<T>(file, name + "bias"));
    auto const state =
        joined(golden::values<T>(file, name + "running_mean"), golden::values<T>(file, name + "running_var"));
    bool const training = name == "batch_norm_train/";
    auto const dy = training ? golden::as_tensor<T, lanes>(file, name + "dy") : tensor<T, lanes>();
    auto const r = run<T>(policy, nn::batch_norm(x.extent()), parameters, state, x, dy);
    golden::check(file, name, "y", r.y);
    if (!training) continue;
    auto const check_halves = [&](char const* first, char const* second, std::span<T const> both) {
      golden::check(file, name, first, both.first(both.size() / 2));
      golden::check(file, name, second, both.last(both.size() / 2));
    };
    golden::check(file, name, "dx", r.dx);
    check_halves("dweight", "dbias", r.gradient);
    check_halves("running_mean", "running_var", r.state);
  }
}

template <class T, class Policy> void check_linear(Policy policy) {
  constexpr int lanes = lanes_for<Policy>;
  auto const file = golden::read("operators");
  auto const x = golden::as_tensor<T, lanes>(file, "linear/x"), dy = golden::as_tensor<T, lanes>(file, "linear/dy");
  auto const weight = golden::values<T>(file, "linear/weight"), bias = golden::values<T>(file, "linear/bias");
  auto const r =
      run<T>(policy, nn::linear(dense(dy.extent().size(), x.extent().size())), joined(weight, bias), {}, x, dy);
  golden::check(file, "linear/", "y", r.y);
  golden::check(file, "linear/", "dx", r.dx);
  golden::check(file, "linear/", "dweight", std::span<T const>(r.gradient).first(weight.size()));
  golden::check(file, "linear/", "dbias", std::span<T const>(r.gradient).last(bias.size()));
}

template <class T, class Policy> void check_average_pool(Policy policy) {
  constexpr int lanes = lanes_for<Policy>;
  auto const file = golden::read("operators");
  auto const x = golden::as_tensor<T, lanes>(file, "average_pool/x"),
             dy = golden::as_tensor<T, lanes>(file, "average_pool/dy");
  auto const r = run<T>(policy, nn::global_average_pool(x.extent()), {}, {}, x, dy);
  golden::check(file, "average_pool/", "y", r.y);
  golden::check(file, "average_pool/", "dx", r.dx);
}

}  // namespace

TEMPLATE_TEST_CASE("dense convolutions give PyTorch's results and gradients", "", float, double) {
  check_dense_convolutions<TestType>(exec::seq{});
  check_dense_convolutions<TestType>(two_threads);
  check_dense_convolutions<TestType>(exec::emulated{});
}

TEMPLATE_TEST_CASE(
    "convolutions by a chain give PyTorch's results with the dense product, and its gradients", "", float, double) {
  check_chain_convolutions<TestType>(exec::seq{});
  check_chain_convolutions<TestType>(two_threads);
  check_chain_convolutions<TestType>(exec::emulated{});
}

TEMPLATE_TEST_CASE("batch norm gives PyTorch's results, gradients and running statistics", "", float, double) {
  check_batch_norm<TestType>(exec::seq{});
  check_batch_norm<TestType>(two_threads);
  check_batch_norm<TestType>(exec::emulated{});
}

TEMPLATE_TEST_CASE("a linear layer gives PyTorch's results and gradients", "", float, double) {
  check_linear<TestType>(exec::seq{});
  check_linear<TestType>(two_threads);
  check_linear<TestType>(exec::emulated{});
}

TEMPLATE_TEST_CASE("the average pool gives PyTorch's results and gradients", "", float, double) {
  check_average_pool<TestType>(exec::seq{});
  check_average_pool<TestType>(two_threads);
  check_average_pool<TestType>(exec::emulated{});
}

TEMPLATE_TEST_CASE("softmax and cross-entropy are PyTorch's, also for large logits", "", float, double) {
  using T = TestType;
  constexpr int lanes = 4;
  auto const file = golden::read("operators");
  auto const logits = golden::as_tensor<T, lanes>(file, "softmax/x");
  std::vector<T> probabilities(static_cast<std::size_t>(logits.images() * logits.extent().size()));
  nn::softmax<exec::seq, T, lanes>(exec::seq{}, logits.cview(), probabilities);
  golden::check(file, "softmax/", "y", probabilities);

  for (std::string const name : {"cross_entropy/", "cross_entropy_large/"}) {
    auto const x = golden::as_tensor<T, lanes>(file, name + "x");
    auto const upstream =
        golden::values<T>(file, name + "dy");  // the loss is a scalar, and so is its upstream gradient
    tensor<T, lanes> dx(x.extent(), x.images());
    T const loss = nn::cross_entropy<exec::seq, T, lanes>(
        exec::seq{}, x.cview(), file.get<std::uint8_t>(name + "labels"), dx.view());
    for (T& d : dx.storage()) d *= upstream.at(0);
    golden::check(file, name, "y", std::vector<T>{loss});
    golden::check(file, name, "dx", golden::row_major(dx.cview()));
  }
}
