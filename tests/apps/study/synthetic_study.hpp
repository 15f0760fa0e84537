// SPDX-License-Identifier: MIT
/// \file synthetic_study.hpp
/// A made-up study for tests: every kind of configuration and every list of results, numbers that depend on
/// configuration, seed, role and attack in a simple way, nothing measured.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <study/results.hpp>
#include <study/summary.hpp>

namespace papillon::test {

/// What a configuration of the made-up study is made from.
struct synthetic_kind {
  std::string name, series;
  std::int64_t nonzeros;
  double accuracy;  ///< %, of the target
  double attack;    ///< %, of the paper's attack
  int total_epochs = 20;
  double weight_decay = 0.005;
  std::string control_of = {}, isolates = {};
};

/// Different for every seed and configuration, within +-1.
inline double wobble(std::uint64_t seed, double of) { return std::sin(7.1 * static_cast<double>(seed) + 13.7 * of); }

/// One seed of a configuration: networks and discriminators.
inline study::seed_result synthetic_seed(std::uint64_t seed, double accuracy, double attack) {
  study::seed_result s;
  s.seed = seed;
  double const off = 0.3 * wobble(seed, accuracy);
  auto const network = [&](study::network_result& n, double shift) {
    n.run = "run-" + std::to_string(seed);
    n.epochs = 20;
    n.best_epoch = 17;
    n.seconds = 12.5;
    auto& q = n.quality;
    q.epoch = 17;
    q.test_accuracy = accuracy + off + shift;
    q.validation_accuracy = q.test_accuracy + 0.8;
    q.train_accuracy = std::min(100.0, q.test_accuracy + 2.5 * (attack - 50));
    q.train_loss = 0.11;
    q.test_loss = 1.31;
    for (int e = 0; e < n.epochs; ++e) {
      double const progress = 1.0 - std::exp(-e / 5.0);
      n.curve.train_loss.push_back(2.3 - 2.1 * progress);
      n.curve.train_accuracy.push_back(10 + (q.train_accuracy - 10) * progress);
      n.curve.validation_loss.push_back(2.3 - progress);
      n.curve.validation_accuracy.push_back(10 + (q.validation_accuracy - 10) * progress);
    }
  };
  network(s.target, 0.0);
  network(s.shadow, 0.21);
  auto const discriminators = [&](study::reading_result& r, double shift) {
    for (char const* hidden : {"30", "30-30", "100-100-100"})
      for (char const* rate : {"0.01", "0.001", "0.0001"}) {
        study::discriminator_result d;
        d.name.append(hidden).append(" lr ").append(rate);
        double const quality = attack + off + shift - 0.17 * static_cast<double>(r.discriminators.size() % 5);
        d.holdout_accuracy = quality + 0.4;
        d.shadow_accuracy = quality + 1.1;
        d.target = {quality, quality + 0.02, quality / 100.0, (quality - 45) / 4};
        r.discriminators.push_back(d);
      }
  };
  discriminators(s.all, 0.0);
  discriminators(s.strict, 0.35);
  return s;
}

/// An attack that is `lead` points better than the paper's, on every seed and role.
inline study::listed_attack synthetic_attack(
    std::string name, double attack, double lead, std::vector<std::uint64_t> const& seeds) {
  study::listed_attack a{.name = std::move(name), .experiments = {}, .roc = {}, .summary = {}};
  for (auto seed : seeds)
    for (char const* role : {"target", "shadow"}) {
      study::attack_experiment e;
      e.seed = seed;
      e.role = role;
      e.members = e.others = 500;
      e.accuracy = attack + lead + 0.4 * wobble(seed, attack + lead) + (e.role == "shadow" ? 0.08 : 0);
      e.holdout_accuracy = e.accuracy + 0.2;
      e.oracle_accuracy = e.accuracy + 0.6;
      e.auc = e.accuracy / 95;
      e.auc_error = 0.012;
      for (double const allowed : {0.1, 0.01, 0.001, 0.0001, 0.0}) {
        study::operating_point p{.allowed = allowed};
        p.mistakes = static_cast<int>(500 * allowed);
        p.found = static_cast<int>(5.0 * (100 * std::pow(allowed, 60 / e.accuracy) + (e.accuracy - 50) / 4));
        if (allowed == 0 || p.mistakes > 0) p.rate = p.found / 5.0;
        e.found.push_back(p);
      }
      for (double const allowed : {0.01, 0.001}) {
        study::operating_point p{.allowed = allowed};
        p.mistakes = static_cast<int>(500 * allowed);
        p.found = static_cast<int>(3.0 * (e.accuracy - 48));
        if (p.mistakes > 0) p.rate = p.found / 5.0;
        e.ruled_out.push_back(p);
      }
      a.experiments.push_back(e);
    }
  double const bend = 60 / (attack + lead);
  for (double const rate : study::roc_rates()) a.roc.push_back(std::min(100.0, 100 * std::pow(rate, bend * bend)));
  return a;
}

/// Everything of a configuration beside seeds and attacks.
inline void add_synthetic_details(
    study::configuration_result& c, synthetic_kind const& kind, std::vector<std::uint64_t> const& seeds) {
  c.phi = {.low = -8, .high = 22, .members = {}, .others = {}};
  for (int bin = 0; bin < 60; ++bin) {
    auto const bell = [&](double centre) { return static_cast<int>(80 * std::exp(-std::pow((bin - centre) / 12, 2))); };
    c.phi.members.push_back(bell(30 + (kind.attack - 50)));
    c.phi.others.push_back(bell(26));
  }
  for (auto seed : seeds) {
    double const off = 0.3 * wobble(seed, kind.attack);
    c.memorisation.push_back({seed, 16, (kind.attack - 48) / 50, 3 * (kind.attack - 49) + off, 40 + off});
    if (kind.series == "dense" || kind.series == "imp") {
      study::course_result course{seed, {}};
      for (int step = 1; step <= 3; ++step)
        course.points.push_back({30.0 * step, 5 * step, 29.5 * step + off, 101 - step * (kind.attack - 49) - off});
      c.courses.push_back(course);
    }
    if (kind.name == "dense") continue;
    c.overlap.push_back({seed, 35 + (kind.attack - 50) + off});
    c.matched.push_back({seed, 9, kind.accuracy + 0.2, kind.accuracy + off, 200 - 2 * (kind.attack + 0.9),
        200 - 2 * (kind.attack + 0.4) + off});
  }
}

/// The configurations: dense, four rounds of pruning, three butterflies, two controls.
inline std::vector<synthetic_kind> synthetic_kinds() {
  return {{"dense", "dense", 272474, 87.5, 60.5}, {"imp-04", "imp", 112537, 87.2, 61.9, 100},
      {"imp-08", "imp", 47028, 86.1, 57.9, 180}, {"imp-16", "imp", 9208, 81.0, 51.2, 340},
      {"imp-24", "imp", 2856, 71.5, 50.1, 500}, {"S1L2", "butterfly", 87898, 87.0, 60.45, 20, 0.0005},
      {"S2L2", "butterfly", 43450, 85.0, 56.3, 20, 0.0005}, {"S3L3", "butterfly", 23162, 80.9, 52.0, 20, 0.001},
      {"restart-08", "control", 272474, 87.9, 60.9, 180, 0.005, "imp-08", "pruning, apart from longer training"},
      {"narrow-6", "control", 38944, 84.2, 56.9, 20, 0.005, "S2L2", "sparsity, apart from the number of weights"}};
}

/// Checks of the attacks that all pass, of every control.
inline std::vector<study::attack_check> synthetic_checks() {
  using enum study::attack_control;
  using study::check_measure, study::check_outcome;
  std::vector<study::attack_check> all;
  for (char const* name : {"class frequencies", "mean pixel"})
    all.push_back({blind, name, check_measure::accuracy, 50, 51.23, 46.5, 55.9, check_outcome::passed});
  for (char const* name : {"loss", "nine"}) {
    all.push_back({permuted, name, check_measure::auc, 0.5, 0.5123, 0.4567, 0.5678, check_outcome::passed});
    all.push_back({untrained, name, check_measure::accuracy, 50, 49.4, 44.7, 54.1, check_outcome::passed});
  }
  for (char const* name : {"loss", "lira-online"})
    all.push_back({random_labels, name, check_measure::accuracy, 95, 98.4, 97.2, 99.6, check_outcome::passed});
  return all;
}

/// The study with the given number of seeds, summarised.
inline study::results synthetic_study(int seeds = 3) {
  study::results study;
  auto const kinds = synthetic_kinds();
  int const trainings = 2 * seeds * static_cast<int>(kinds.size());
  study.scale = {.preset = "test",
      .data = "made-up numbers",
      .architecture = "no network",
      .members = "all",
      .part_images = 600,
      .trained_images = 500,
      .validation_images = 100,
      .epochs = 20,
      .seeds = {},
      .configurations = static_cast<int>(kinds.size()),
      .trainings = trainings,
      .trainings_done = trainings};
  for (int i = 1; i <= seeds; ++i) study.scale.seeds.push_back(static_cast<std::uint64_t>(i));
  for (auto const& kind : kinds) {
    study::configuration_result c;
    c.name = kind.name;
    c.series = kind.series;
    c.control_of = kind.control_of;
    if (kind.series == "imp") c.pruned_from = "dense";
    c.isolates = kind.isolates;
    c.keys = {{"train.weight_decay", "changed"}};
    c.nonzeros = kind.nonzeros;
    c.nonzero_percent = 100.0 * static_cast<double>(kind.nonzeros) / 272474.0;
    c.total_epochs = kind.total_epochs;
    c.learning_rate = 0.03;
    c.weight_decay = kind.weight_decay;
    for (auto seed : study.scale.seeds) c.seeds.push_back(synthetic_seed(seed, kind.accuracy, kind.attack));
    for (auto const& [name, lead] : {std::pair{"gap", kind.name == "dense" ? 0.9 : -0.4}, std::pair{"loss", 0.1},
             std::pair{"nine", 0.35}, std::pair{"lira-online", kind.attack > 51 ? 1.9 : 0.2}})
      c.attacks.push_back(synthetic_attack(name, kind.attack, lead, study.scale.seeds));
    add_synthetic_details(c, kind, study.scale.seeds);
    study.configurations.push_back(std::move(c));
  }
  study.attack_checks = synthetic_checks();
  study.provenance = {{"compiler", "none"}, {"threads", "2"}};
  study::summarise(study);
  return study;
}

/// The same without anything beyond the paper: no list of attacks, no controls.
inline study::results papers_synthetic_study(int seeds = 3) {
  auto study = synthetic_study(seeds);
  auto const controls = std::remove_if(
      study.configurations.begin(), study.configurations.end(), [](auto const& c) { return study::is_control(c); });
  study.configurations.erase(controls, study.configurations.end());
  for (auto& c : study.configurations) {
    c.attacks.clear();
    c.memorisation.clear();
    c.overlap.clear();
    c.matched.clear();
    c.phi = {};
  }
  study.attack_checks.clear();
  study::summarise(study);
  return study;
}

}  // namespace papillon::test
