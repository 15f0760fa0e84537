// SPDX-License-Identifier: MIT
/// \file estimate.hpp
/// How long a study takes: for every configuration the size of its network, the speed at which it trains here (timed
/// for a moment, or stated), and the time of its trainings and measurements. A backward pass counts as two forward
/// ones. Discriminators, some seconds each, and the report are left out.
#pragma once

#include <optional>
#include <vector>

#include <papillon/study/configuration.hpp>
#include <papillon/study/laboratory.hpp>
#include <papillon/study/settings.hpp>

namespace papillon::study {

/// One configuration of a study, all its seeds and roles together.
struct configuration_estimate {
  study::configuration configuration;
  network_size size;
  double images_per_second = 0;  ///< in training
  int trainings = 0;
  double seconds = 0;
};

/// Estimates of all configurations. `stated`: the speed of training to reckon with; empty: timed here.
[[nodiscard]] inline std::vector<configuration_estimate> estimate(settings const& s, laboratory const& lab,
                                                                  std::optional<double> stated) {
  bool const archive = s.word("data.split") == "archive";
  double const members = archive ? 50000 : s.integer("data.subset"),
               others = archive ? 10000 : s.integer("data.subset");
  double const validation = s.integer("data.validation");
  bool const attacked = s.flag("study.attack");
  std::vector<configuration_estimate> all;
  for (configuration const& c : configurations(s)) {
    configuration_estimate e{c, lab.size_of(s, c), stated ? *stated : lab.images_per_second(s, c), 0, 0};
    e.trainings = static_cast<int>(s.get<integers>("study.seeds").size()) * (attacked ? 2 : 1);
    double const trained = s.integer("train.epochs") * (members - validation + validation / 3);
    double const measured = attacked ? (1 + s.integer("attack.draws")) * (members + others) / 3 : 0;
    e.seconds = e.trainings * (trained + measured) / e.images_per_second;
    all.push_back(e);
  }
  return all;
}

}  // namespace papillon::study
