// SPDX-License-Identifier: MIT
/// \file synthetic_study.hpp
/// A made-up study for tests: every kind of configuration, numbers that depend on configuration, seed and discriminator
/// in a simple way, nothing measured.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <study/results.hpp>
#include <study/summary.hpp>

namespace papillon::test {

/// One seed of a configuration whose accuracy is `accuracy` and whose members are found with `attack` percent.
inline study::seed_result synthetic_seed(std::uint64_t seed, double accuracy, double attack) {
  study::seed_result s;
  s.seed = seed;
  double const wobble = 0.37 * static_cast<double>(seed % 3) - 0.3;
  auto const network = [&](study::network_result& n, double shift) {
    n.run = "run-" + std::to_string(seed);
    n.epochs = 20;
    n.best_epoch = 17;
    n.test_accuracy = accuracy + wobble + shift;
    n.validation_accuracy = n.test_accuracy + 0.8;
    n.train_accuracy = std::min(100.0, n.test_accuracy + 2.5 * (attack - 50));
    n.train_loss = 0.11;
    n.test_loss = 1.31;
    n.seconds = 12.5;
    for (int e = 0; e < n.epochs; ++e) {
      double const progress = 1.0 - std::exp(-e / 5.0);
      n.curve.train_loss.push_back(2.3 - 2.1 * progress);
      n.curve.train_accuracy.push_back(10 + (n.train_accuracy - 10) * progress);
      n.curve.validation_loss.push_back(2.3 - progress);
      n.curve.validation_accuracy.push_back(10 + (n.validation_accuracy - 10) * progress);
    }
  };
  network(s.target, 0.0);
  network(s.shadow, 0.21);
  auto const attacks = [&](study::reading_result& r, double shift) {
    for (char const* hidden : {"30", "30-30", "100-100-100"})
      for (char const* rate : {"0.01", "0.001", "0.0001"}) {
        study::discriminator_result d;
        d.name.append(hidden).append(" lr ").append(rate);
        double const quality = attack + wobble + shift - 0.17 * static_cast<double>(r.discriminators.size() % 5);
        d.holdout_accuracy = quality + 0.4;
        d.shadow_accuracy = quality + 1.1;
        d.target = {quality, quality + 0.02, quality / 100.0, (quality - 45) / 4};
        r.discriminators.push_back(d);
      }
    r.loss.target = {attack + shift - 0.9, attack + shift - 0.9, attack / 101.0, 1.7};
    r.loss.oracle_accuracy = attack + shift - 0.5;
    r.confidence.target = {attack + shift - 1.9, attack + shift - 1.9, attack / 103.0, 1.5};
    r.confidence.oracle_accuracy = attack + shift - 1.5;
  };
  attacks(s.all, 0.0);
  attacks(s.strict, 0.35);
  return s;
}

/// Dense, four rounds of pruning and three butterflies, with the given number of seeds, summarised.
inline study::results synthetic_study(int seeds = 3) {
  study::results study;
  study.scale = {.preset = "test",
      .data = "made-up numbers",
      .architecture = "no network",
      .members = "all",
      .part_images = 600,
      .trained_images = 500,
      .validation_images = 100,
      .epochs = 20,
      .seeds = {},
      .configurations = 8,
      .trainings = 16 * seeds,
      .trainings_done = 16 * seeds};
  for (int i = 1; i <= seeds; ++i) study.scale.seeds.push_back(static_cast<std::uint64_t>(i));
  auto const add = [&](std::string name, study::family family, int round, int segments, int factors,
                       std::int64_t nonzeros, double accuracy, double attack) {
    study::configuration_result c;
    c.name = std::move(name);
    c.family = family;
    c.round = round;
    c.segments = segments;
    c.factors = factors;
    c.nonzeros = nonzeros;
    c.nonzero_percent = 100.0 * static_cast<double>(nonzeros) / 272474.0;
    for (auto seed : study.scale.seeds) c.seeds.push_back(synthetic_seed(seed, accuracy, attack));
    study.configurations.push_back(std::move(c));
  };
  add("dense", study::family::dense, 0, 0, 0, 272474, 87.5, 60.5);
  add("imp-04", study::family::imp, 4, 0, 0, 112537, 87.2, 60.1);
  add("imp-08", study::family::imp, 8, 0, 0, 47028, 86.1, 57.9);
  add("imp-16", study::family::imp, 16, 0, 0, 9208, 81.0, 51.2);
  add("imp-24", study::family::imp, 24, 0, 0, 2856, 71.5, 50.1);
  add("butterfly-s1-l2", study::family::butterfly, 0, 1, 2, 87898, 87.0, 59.4);
  add("butterfly-s2-l2", study::family::butterfly, 0, 2, 2, 43450, 85.0, 56.3);
  add("butterfly-s3-l3", study::family::butterfly, 0, 3, 3, 23162, 80.9, 52.0);
  study::summarise(study);
  study.provenance = {{"compiler", "none"}, {"threads", "2"}};
  return study;
}

}  // namespace papillon::test
