// SPDX-License-Identifier: MIT
/// \file small_training.hpp
/// A training that takes a moment: a ResNet of depth 8 and width 4 on 50 small images, 37 to train on (batches of 16,
/// 16 and 5) and 13 to validate.
#pragma once

#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/train/trainer.hpp>

namespace papillon::test {

/// 50 images, five of each class: bright in a corner and a channel that tell the class, noise besides.
inline data::image_set make_images() {
  data::image_set set;
  random::engine draw({.seed = 5, .what = random::purpose::test});
  for (std::uint8_t i = 0; i < 50; ++i) {
    std::uint8_t const label = i % data::cifar10_classes;
    set.labels.push_back(label);
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
          bool const bright = c == label / 4 && (y < 16) == (label % 2 == 0) && (x < 16) == (label / 2 % 2 == 0);
          set.pixels.push_back(static_cast<std::uint8_t>(random::below(draw, 100) + (bright ? 150 : 0)));
        }
      }
    }
  }
  return set;
}

inline train::training_data<> small_data(data::image_set const& set) {
  train::training_data<> d{
      .set = &set, .training = std::vector<std::uint32_t>(37), .validation = std::vector<std::uint32_t>(13)};
  std::iota(d.training.begin(), d.training.end(), 0U);
  std::iota(d.validation.begin(), d.validation.end(), 37U);
  return d;
}

inline train::training_options small_options(int epochs) {
  return {.epochs = epochs,
      .batch = 16,
      .schedule = {.learning_rate = 0.05, .divide_after = {2}},
      .sgd = {.momentum = 0.9, .weight_decay = 0.001},
      .seed = 11};
}

/// Defined in one file of each program: a network's layers take long to compile.
nn::network<float> small_network(std::span<std::uint8_t const> mask = {});
/// With group norm.
nn::network<float> small_private_network();

inline train::training_state<float> initial_state(nn::network<float> const& net) {
  return train::begin_training(nn::initialise(net, {.seed = 11, .what = random::purpose::initialisation}));
}

}  // namespace papillon::test
