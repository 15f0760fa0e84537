// SPDX-License-Identifier: MIT
/// The tests over all policies (tests/policies) on the CUDA device: against the reference, and against themselves bit
/// for bit. Skipped where no device is.
#include <catch2/catch.hpp>

#include "gpu/gpu_found.hpp"
#include "policies/training.hpp"

using namespace papillon;

TEST_CASE("layers on the device give what the reference gives") {
  if (!test::gpu_found()) return;
  test::check_layers(exec::cuda{}, {1, 17, 40});
  for (auto const& c : test::layer_cases())
    CHECK(test::run_layer(exec::cuda{}, c, 40, true) == test::run_layer(exec::cuda{}, c, 40, true));
}

TEST_CASE("batches, losses and optimisers on the device are the written-out loops'") {
  if (test::gpu_found()) test::check_training_operators(exec::cuda{}, {1, 17, 40});
}

TEST_CASE("a few steps of a network of each structure on the device are the reference's") {
  if (!test::gpu_found()) return;
  for (auto const& c : test::resnets(2, {3, 16, 16}))
    for (int const images : {1, 17, 40}) {
      INFO(c.name << ", " << images << " images");
      auto const got = test::train_network(exec::cuda{}, c, images, 2);
      test::check_close(got, test::train_network(exec::seq{}, c, images, 2));
      CHECK(test::train_network(exec::cuda{}, c, images, 2) == got);
    }
}

TEST_CASE("the trainer's training of each structure on the device is the reference's") {
  if (!test::gpu_found()) return;
  for (auto const& c : test::resnets(2, data::cifar_extent)) {
    INFO(c.name);
    auto const got = test::run_trainer(exec::cuda{}, c), again = test::run_trainer(exec::cuda{}, c);
    test::check_close(got, test::run_trainer(exec::seq{}, c));
    CHECK(again.state.last.parameters == got.state.last.parameters);
  }
}

TEST_CASE("each image's gradient and a private training on the device are the reference's") {
  if (!test::gpu_found()) return;
  for (auto const& c : test::resnets(2, {3, 8, 8}, nn::norm_form::group))
    for (int const images : {1, 17, 40}) {
      INFO(c.name << ", " << images << " images");
      CHECK(test::close(test::image_gradients(exec::cuda{}, c, images), test::image_gradients(exec::seq{}, c, images),
          test::rounding_of_networks));
    }
  for (auto const& c : test::resnets(2, data::cifar_extent, nn::norm_form::group)) {
    INFO(c.name);
    train::dp_options const dp{.clip = 0.7, .noise = 0.3, .select = 0.8, .part = 4};
    test::check_close(test::run_trainer(exec::cuda{}, c, dp), test::run_trainer(exec::seq{}, c, dp));
  }
}
