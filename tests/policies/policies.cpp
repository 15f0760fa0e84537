// SPDX-License-Identifier: MIT
/// The tests over all policies, on those of the host: threads, and kernels as loops. CUDA's run in tests/gpu.
#include <catch2/catch.hpp>

#include "policies/training.hpp"

using namespace papillon;

namespace {
using order = exec::emulated::thread_order;
}

TEMPLATE_TEST_CASE("layers give what the reference gives", "", exec::omp, exec::emulated) {
  test::check_layers(TestType{}, {1, 17, 40});
}

TEMPLATE_TEST_CASE(
    "batches, losses and optimisers are the written-out loops'", "", exec::seq, exec::omp, exec::emulated) {
  test::check_training_operators(TestType{}, {1, 17, 40});
}

TEMPLATE_TEST_CASE("a few steps of a network of each structure are the reference's", "", exec::omp, exec::emulated) {
  for (auto const& c : test::resnets(2, {3, 16, 16}))
    for (int const images : {1, 17, 40}) {
      INFO(c.name << ", " << images << " images");
      test::check_close(test::train_network(TestType{}, c, images, 2), test::train_network(exec::seq{}, c, images, 2));
    }
}

TEMPLATE_TEST_CASE("the trainer's training of each structure is the reference's", "", exec::omp, exec::emulated) {
  for (auto const& c : test::resnets(2, data::cifar_extent)) {
    INFO(c.name);
    test::check_close(test::run_trainer(TestType{}, c), test::run_trainer(exec::seq{}, c));
  }
}

TEMPLATE_TEST_CASE("each image's gradient is the reference's", "", exec::omp, exec::emulated) {
  for (auto const& c : test::resnets(2, {3, 8, 8}, nn::norm_form::group))
    for (int const images : {1, 17, 40}) {
      INFO(c.name << ", " << images << " images");
      CHECK(test::close(test::image_gradients(TestType{}, c, images), test::image_gradients(exec::seq{}, c, images),
          test::rounding_of_networks));
    }
}

TEMPLATE_TEST_CASE("a private training of each structure is the reference's", "", exec::omp, exec::emulated) {
  for (auto const& c : test::resnets(2, data::cifar_extent, nn::norm_form::group)) {
    INFO(c.name);
    train::dp_options const dp{.clip = 0.7, .noise = 0.3, .select = 0.8, .part = 4};
    auto const got = test::run_trainer(TestType{}, c, dp);
    test::check_close(got, test::run_trainer(exec::seq{}, c, dp));
    for (std::size_t k = 0; k < c.mask.size(); ++k)
      if (c.mask[k] == 0) REQUIRE(got.state.last.parameters[k] == 0);  // no noise there
  }
}

TEMPLATE_TEST_CASE("a training with an adversary is the reference's", "", exec::omp, exec::emulated) {
  for (auto const& c : test::resnets(2, data::cifar_extent)) {
    INFO(c.name);
    train::adversary_options const adversary{.weight = 2, .warmup = 0, .hidden = {7, 5}};
    auto const got = test::run_trainer(TestType{}, c, {}, adversary);
    test::check_close(got, test::run_trainer(exec::seq{}, c, {}, adversary));
    CHECK(got.state.last.parameters != test::run_trainer(TestType{}, c).state.last.parameters);
  }
}

TEST_CASE("a training has the same bits on one thread, two and five") {
  train::adversary_options const adversary{.weight = 2, .warmup = 1};
  for (auto const& c : test::resnets(2, data::cifar_extent)) {
    INFO(c.name);
    auto const one = test::run_trainer(exec::omp{.threads = 1}, c, {}, adversary);
    for (int const threads : {2, 5}) {
      auto const more = test::run_trainer(exec::omp{.threads = threads}, c, {}, adversary);
      CHECK(more.state == one.state);
      CHECK(more.losses == one.losses);
      CHECK(more.test.loss == one.test.loss);
    }
  }
}

TEST_CASE("kernels have the same bits in every order of threads") {
  for (auto const& c : test::layer_cases()) {
    INFO(c.name);
    auto const want = test::run_layer(exec::emulated{}, c, 40, false);
    CHECK(test::run_layer(exec::emulated{order::reverse}, c, 40, false) == want);
    CHECK(test::run_layer(exec::emulated{order::shuffled, 3}, c, 40, false) == want);
  }
  for (auto const& c : test::resnets(2, {3, 8, 8})) {
    INFO(c.name);
    CHECK(test::train_network(exec::emulated{order::shuffled, 5}, c, 40, 2) ==
          test::train_network(exec::emulated{}, c, 40, 2));
  }
}

// Products forward and evaluation add in the order of the formula. (Gradients and the statistics of batch norm are sums
// over images, which kernels form in lanes; those of group norm two at a time.) This program is compiled with
// -ffp-contract=off, without which a compiler may fuse a product and a sum in one and not in the other.
TEST_CASE("where kernels add in the reference's order they have its bits") {
  for (auto const& c : test::layer_cases())
    for (int const images : {1, 17, 40}) {
      if (c.own_statistics) continue;
      INFO(c.name << ", " << images << " images");
      auto const got = test::run_layer(exec::emulated{}, c, images, false),
                 want = test::run_layer(exec::seq{}, c, images, false);
      CHECK(got.eval == want.eval);
      if (got.state.empty()) CHECK(got.train == want.train);
    }
  for (auto const& c : test::resnets(2, {3, 8, 8})) {
    INFO(c.name);
    CHECK(test::train_network(exec::emulated{}, c, 40, 0).eval == test::train_network(exec::seq{}, c, 40, 0).eval);
  }
}

// Hundreds of threads are started for each kernel: one small network on images of a few pixels.
TEST_CASE("kernels with real threads have the bits of the loops") {
  for (auto const& c : test::layer_cases()) {
    INFO(c.name);
    CHECK(test::run_layer(exec::emulated_threads{}, c, 17, false) == test::run_layer(exec::emulated{}, c, 17, false));
  }
  auto const c = test::residual_block();
  test::check_close(test::train_network(exec::emulated{}, c, 17, 1), test::train_network(exec::seq{}, c, 17, 1));
  CHECK(test::train_network(exec::emulated_threads{}, c, 17, 1) == test::train_network(exec::emulated{}, c, 17, 1));
}

TEST_CASE("batches, losses and optimisers with real threads are the written-out loops'") {
  test::check_training_operators(exec::emulated_threads{}, {17});
}

TEST_CASE("what a policy cannot run is refused in words") {
  auto const c = std::move(test::resnets(2, {3, 4, 4}).front());
  nn::runner eval(exec::emulated{}, c.net, 4, nn::mode::eval);
  auto const x = test::noise_tensor<test::scalar, test::lanes>(c.net.input(), 4, 2);
  auto w = c.initial;
  CHECK_THROWS_WITH(eval.forward(w, nn::mode::train, x), Catch::Contains("plan it with mode::train"));
  nn::any_layer<test::scalar, 4> const narrow = nn::relu({3, 4, 2});
  CHECK_THROWS_WITH(narrow.forward(exec::device(exec::emulated{}), {}), Catch::Contains("device_lanes"));
  static_assert(
      !nn::runs_on<nn::relu, exec::emulated, float, 16> && nn::runs_on<nn::relu, exec::cuda> == exec::cuda_available);
}
