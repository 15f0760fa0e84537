// SPDX-License-Identifier: MIT
// Single operators against PyTorch, in both precisions, under both policies, with a batch that fills no block.
#include <golden/golden.hpp>

#include <cstdint>
#include <utility>

#include <papillon/nn/kernels/convolution_plan.hpp>
#include <papillon/nn/kernels/linear_plan.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/kernels/normalise.hpp>
#include <papillon/nn/kernels/pooling.hpp>

using namespace papillon;

namespace {

constexpr int lanes = 4;  // 17 images: four full blocks and one image
constexpr exec::omp two_threads{2};

template <class T>
struct results {
  std::vector<T> y, dx, dw, db;
};

/// A convolution's forward and backward pass under one policy.
template <class T, class Structure>
results<T> convolve(exec::seq policy, nn::convolution_geometry const& g, Structure const& w,
                    std::vector<T> const& coefficients, tensor<T, lanes> const& x, tensor<T, lanes> const& dy) {
  tensor<T, lanes> y(g.output(), x.images()), dx(g.input, x.images());
  std::vector<T> dw(coefficients.size());
  nn::convolution_forward<T, lanes>(policy, g, w, coefficients, x.cview(), y.view());
  nn::convolution_backward<T, lanes>(policy, g, w, coefficients, x.cview(), dy.cview(), dx.view(), false, dw);
  return {golden::row_major(y.cview()), golden::row_major(dx.cview()), dw, {}};
}

template <class T, class Structure>
results<T> convolve(exec::omp policy, nn::convolution_geometry const& g, Structure const& w,
                    std::vector<T> const& coefficients, tensor<T, lanes> const& x, tensor<T, lanes> const& dy) {
  tensor<T, lanes> y(g.output(), x.images()), dx(g.input, x.images());
  std::vector<T> dw(coefficients.size());
  nn::convolution_plan const plan(g, w);
  std::vector<T> scratch(plan.scratch(lanes, x.images(), policy.threads, true));
  plan.template forward<T, lanes>(policy, policy.threads, coefficients, x.cview(), y.view(), scratch);
  plan.template backward<T, lanes>(policy, policy.threads, coefficients, x.cview(), dy.cview(), dx.view(), false, dw,
                                   scratch);
  return {golden::row_major(y.cview()), golden::row_major(dx.cview()), dw, {}};
}

template <class T, class Policy>
void check_dense_convolutions(Policy policy) {
  auto const file = golden::read("operators");
  struct {
    char const* name;
    int kernel, stride;
  } const cases[] = {
      {"conv3x3_stride1/", 3, 1}, {"conv3x3_stride2/", 3, 2}, {"conv1x1_stride1/", 1, 1}, {"conv1x1_stride2/", 1, 2}};
  for (auto const& c : cases) {
    std::string const name = c.name;
    auto const x = golden::as_tensor<T, lanes>(file, name + "x");
    auto const dy = golden::as_tensor<T, lanes>(file, name + "dy");
    auto const weight = golden::values<T>(file, name + "weight");
    nn::convolution_geometry const g{x.extent(), dy.extent().channels, c.kernel, c.stride, c.kernel / 2};
    REQUIRE(g.output() == dy.extent());
    auto const r = convolve(policy, g, dense(g.outputs, g.columns()), weight, x, dy);
    golden::check(file, name, "y", r.y);
    golden::check(file, name, "dx", r.dx);
    golden::check(file, name, "dweight", r.dw);
  }
}

template <class T, class Policy>
void check_chain_convolutions(Policy policy) {
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
    auto const x = golden::as_tensor<T, lanes>(file, name + "x");
    auto const dy = golden::as_tensor<T, lanes>(file, name + "dy");
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
    auto const r = convolve(policy, g, runtime_chain(patterns), coefficients, x, dy);
    golden::check(file, name, "y", r.y);
    golden::check(file, name, "dx", r.dx);
    std::size_t first = 0;
    for (int k = 0; k < c.factors; ++k) {
      auto const size = static_cast<std::size_t>(patterns[static_cast<std::size_t>(k)].nnz());
      golden::check(file, name, "dfactor" + std::to_string(k), std::span<T const>(r.dw).subspan(first, size));
      first += size;
    }
  }
}

template <class T, class Policy>
void check_batch_norm(Policy policy) {
  auto const file = golden::read("operators");
  nn::batch_norm_options const options;
  for (std::string const name : {"batch_norm_train/", "batch_norm_eval/"}) {
    auto const x = golden::as_tensor<T, lanes>(file, name + "x");
    auto const gamma = golden::values<T>(file, name + "weight"), beta = golden::values<T>(file, name + "bias");
    auto mean = golden::values<T>(file, name + "running_mean"), var = golden::values<T>(file, name + "running_var");
    tensor<T, lanes> y(x.extent(), x.images()), dx(x.extent(), x.images());
    if (name == "batch_norm_eval/") {
      nn::batch_norm_eval<T, lanes>(policy, options, gamma, beta, x.cview(), {}, y.view(), mean, var);
      golden::check(file, name, "y", golden::row_major(y.cview()));
      continue;
    }
    std::vector<T> batch_mean(gamma.size()), inv_std(gamma.size()), dgamma(gamma.size()), dbeta(gamma.size());
    auto const dy = golden::as_tensor<T, lanes>(file, name + "dy");
    nn::batch_norm_train<T, lanes>(policy, options, gamma, beta, x.cview(), {}, y.view(), batch_mean, inv_std, mean,
                                   var);
    nn::batch_norm_backward<T, lanes>(policy, options, gamma, x.cview(), y.cview(), dy.cview(), batch_mean, inv_std,
                                      dx.view(), false, {}, false, dgamma, dbeta);
    golden::check(file, name, "y", golden::row_major(y.cview()));
    golden::check(file, name, "dx", golden::row_major(dx.cview()));
    golden::check(file, name, "dweight", dgamma);
    golden::check(file, name, "dbias", dbeta);
    golden::check(file, name, "running_mean", mean);
    golden::check(file, name, "running_var", var);
  }
}

template <class T>
results<T> multiply(exec::seq policy, dense const& w, std::vector<T> const& weight, std::vector<T> const& bias,
                    tensor<T, lanes> const& x, tensor<T, lanes> const& dy) {
  tensor<T, lanes> y(dy.extent(), x.images()), dx(x.extent(), x.images());
  std::vector<T> dw(weight.size()), db(bias.size());
  nn::linear_forward<T, lanes>(policy, w, weight, bias, x.cview(), y.view());
  nn::linear_backward<T, lanes>(policy, w, weight, x.cview(), dy.cview(), dx.view(), false, dw, db);
  return {golden::row_major(y.cview()), golden::row_major(dx.cview()), dw, db};
}

template <class T>
results<T> multiply(exec::omp policy, dense const& w, std::vector<T> const& weight, std::vector<T> const& bias,
                    tensor<T, lanes> const& x, tensor<T, lanes> const& dy) {
  tensor<T, lanes> y(dy.extent(), x.images()), dx(x.extent(), x.images());
  std::vector<T> dw(weight.size()), db(bias.size());
  nn::linear_plan const plan(w);
  std::vector<T> scratch(plan.scratch(lanes, x.images(), true));
  plan.template forward<T, lanes>(policy, policy.threads, weight, bias, x.cview(), y.view(), scratch);
  plan.template backward<T, lanes>(policy, policy.threads, weight, x.cview(), dy.cview(), dx.view(), false, dw, db,
                                   scratch);
  return {golden::row_major(y.cview()), golden::row_major(dx.cview()), dw, db};
}

template <class T, class Policy>
void check_linear(Policy policy) {
  auto const file = golden::read("operators");
  auto const x = golden::as_tensor<T, lanes>(file, "linear/x"), dy = golden::as_tensor<T, lanes>(file, "linear/dy");
  auto const weight = golden::values<T>(file, "linear/weight"), bias = golden::values<T>(file, "linear/bias");
  auto const r = multiply(policy, dense(dy.extent().size(), x.extent().size()), weight, bias, x, dy);
  golden::check(file, "linear/", "y", r.y);
  golden::check(file, "linear/", "dx", r.dx);
  golden::check(file, "linear/", "dweight", r.dw);
  golden::check(file, "linear/", "dbias", r.db);
}

template <class T, class Policy>
void check_average_pool(Policy policy) {
  auto const file = golden::read("operators");
  auto const x = golden::as_tensor<T, lanes>(file, "average_pool/x"),
             dy = golden::as_tensor<T, lanes>(file, "average_pool/dy");
  tensor<T, lanes> y(dy.extent(), x.images()), dx(x.extent(), x.images());
  nn::global_average_pool_forward<T, lanes>(policy, x.cview(), y.view());
  nn::global_average_pool_backward<T, lanes>(policy, dy.cview(), dx.view(), false);
  golden::check(file, "average_pool/", "y", golden::row_major(y.cview()));
  golden::check(file, "average_pool/", "dx", golden::row_major(dx.cview()));
}

}  // namespace

TEMPLATE_TEST_CASE("dense convolutions give PyTorch's results and gradients", "", float, double) {
  check_dense_convolutions<TestType>(exec::seq{});
  check_dense_convolutions<TestType>(two_threads);
}

TEMPLATE_TEST_CASE("convolutions by a chain give PyTorch's results with the dense product, and its gradients", "",
                   float, double) {
  check_chain_convolutions<TestType>(exec::seq{});
  check_chain_convolutions<TestType>(two_threads);
}

TEMPLATE_TEST_CASE("batch norm gives PyTorch's results, gradients and running statistics", "", float, double) {
  check_batch_norm<TestType>(exec::seq{});
  check_batch_norm<TestType>(two_threads);
}

TEMPLATE_TEST_CASE("a linear layer gives PyTorch's results and gradients", "", float, double) {
  check_linear<TestType>(exec::seq{});
  check_linear<TestType>(two_threads);
}

TEMPLATE_TEST_CASE("the average pool gives PyTorch's results and gradients", "", float, double) {
  check_average_pool<TestType>(exec::seq{});
  check_average_pool<TestType>(two_threads);
}

TEMPLATE_TEST_CASE("softmax and cross-entropy are PyTorch's, also for large logits", "", float, double) {
  using T = TestType;
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
    T const loss = nn::cross_entropy<exec::seq, T, lanes>(exec::seq{}, x.cview(),
                                                          file.get<std::uint8_t>(name + "labels"), dx.view());
    for (T& d : dx.storage()) d *= upstream.at(0);
    golden::check(file, name, "y", std::vector<T>{loss});
    golden::check(file, name, "dx", golden::row_major(dx.cview()));
  }
}
