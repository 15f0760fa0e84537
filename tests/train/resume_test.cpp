// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

#include <unistd.h>

#include <papillon/train/checkpoint.hpp>
#include <papillon/train/trainer.hpp>

#include "train/small_training.hpp"

using namespace papillon;

TEST_CASE("a training resumed from its file gives the bits of one that never stopped", "[checkpoint]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  exec::omp const policy{.threads = 1};
  auto uninterrupted = test::initial_state(net);
  train::trainer(policy, net, test::small_data(images), test::small_options(5)).run(uninterrupted);

  auto const path =
      std::filesystem::temp_directory_path() / ("papillon-resume-" + std::to_string(::getpid()) + ".safetensors");
  train::training_checkpoint<float> first{.state = test::initial_state(net)};
  train::trainer(policy, net, test::small_data(images), test::small_options(3)).run(first.state);
  train::save_training(path, net, first);
  auto second = train::load_training<float>(path, net);
  std::filesystem::remove(path);
  REQUIRE(second.state == first.state);
  train::trainer(policy, net, test::small_data(images), test::small_options(5)).run(second.state);
  CHECK(second.state == uninterrupted);
}
