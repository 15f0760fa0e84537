// SPDX-License-Identifier: MIT
/// \file onlooker.hpp
/// How a study stands while others work on it: what is finished, who is at what and how far, what failed, how long the
/// rest takes. All of it is read from the files that the work itself leaves: claims say who and what, metrics.csv says
/// the epoch and the speed, discriminators that are kept say how far an attack is. So looking on costs those who work
/// nothing, and what a worker did last is known of a dead one too. Times are those of estimate.hpp and schedule.hpp,
/// at the speeds that the trainings of this study have had.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <study/claim.hpp>
#include <study/estimate.hpp>
#include <study/failure.hpp>
#include <study/laboratory.hpp>
#include <study/plan.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// Of a configuration.
struct configuration_standing {
  std::string name;
  int trainings = 0, trainings_done = 0, attacks = 0, attacks_done = 0;
};

/// How far a task is that somebody holds.
struct task_standing {
  std::string parts;  ///< that are counted: "epochs", "discriminators"; empty: none are
  int done = 0, of = 0;
  std::optional<double> images_per_second;  ///< of the training's last epoch
  std::optional<double> seconds_left;       ///< unless its worker is not at work
};

struct worker_standing {
  claim_seen claim;
  task_standing task;
};

/// See the file's comment.
struct standing {
  std::vector<configuration_standing> configurations;
  std::vector<worker_standing> workers;
  std::vector<failure> failures;
  std::size_t open = 0;                ///< tasks that are not finished, and can be
  int working = 0;                     ///< workers that are heard of
  std::optional<double> seconds_left;  ///< with those who work now; nothing while no training has told a speed
};

/// Looks at one study, any number of times.
class onlooker {
 public:
  /// All must outlive it. `lab`: sizes up networks.
  onlooker(settings const& s, plan const& p, std::filesystem::path out, laboratory const& lab)
      : settings_(&s), plan_(&p), out_(std::move(out)), lab_(&lab) {}

  [[nodiscard]] standing look();

 private:
  /// Of a run: epochs that are finished, the mean time of the last ones, the speed of the last, and when that ended.
  struct course {
    int epochs = 0;
    double seconds = 0, images_per_second = 0;
    std::filesystem::file_time_type at{};
  };
  /// Nothing where no file tells.
  [[nodiscard]] std::optional<course> course_of(layout const& places, std::size_t run);
  /// Of every task what it takes, whether it is finished or not; empty where no speed is known.
  [[nodiscard]] std::vector<double> seconds_of_tasks(layout const& places);
  [[nodiscard]] task_standing how_far(
      layout const& places, claim_seen const& c, std::size_t index, std::vector<double> const& seconds);
  [[nodiscard]] network_size const& size_of(std::size_t configuration);

  settings const* settings_;
  plan const* plan_;
  std::filesystem::path out_;
  laboratory const* lab_;
  std::map<std::size_t, course> ended_;        // by run
  std::map<std::size_t, network_size> sizes_;  // by configuration
};

}  // namespace papillon::study
