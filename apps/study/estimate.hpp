// SPDX-License-Identifier: MIT
/// \file estimate.hpp
/// How long a study takes: for every configuration the size of its network, the speed at which it trains here (timed
/// for a moment, or stated), and the time of its trainings and measurements; what configurations share counts for the
/// first. A backward pass counts as two forward ones. Discriminators, some seconds each, and the report are left out.
#pragma once

#include <optional>
#include <vector>

#include <study/configuration.hpp>
#include <study/laboratory.hpp>
#include <study/plan.hpp>
#include <study/settings.hpp>

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
[[nodiscard]] std::vector<configuration_estimate> estimate_time(
    settings const& s, laboratory const& lab, std::optional<double> stated);

/// The time of every task of a plan (its images may be unknown), at the speeds of its configurations.
[[nodiscard]] std::vector<double> task_seconds(
    settings const& s, plan const& p, std::vector<configuration_estimate> const& speeds);

}  // namespace papillon::study
