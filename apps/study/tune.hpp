// SPDX-License-Identifier: MIT
/// \file tune.hpp
/// The grid search that precedes a study (Gonon et al.: learning rate and weight decay of every kind of network): each
/// point of a grid is a configuration, like the one that is tuned, whose targets are trained for all seeds and compared
/// by their validation accuracy at the best epoch. Only trainings are done, which know of no test image. They are
/// ordinary runs: what another tuning or a study in the same directory has trained is used, and the other way round.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <study/grid_axis.hpp>
#include <study/identity.hpp>
#include <study/plan.hpp>
#include <study/settings.hpp>

namespace papillon::study {

/// What is to be tuned.
struct tuning {
  std::string configuration;
  std::vector<overlay> points;  ///< of the grid, the first axis slowest: "S3L2-p01", ...
  study::settings settings;     ///< of a study that has them among its configurations, and no attack
};

/// Tunes a configuration, whether the study has it or not, on a grid of at least one axis, for the study's seeds.
/// Throws errc::usage for what cannot be tuned: without validation images or epochs, or where two points are one
/// training.
[[nodiscard]] tuning make_tuning(
    settings const& s, std::string const& configuration, std::vector<grid_axis> const& grid);

/// The trainings of the points, as indices of the plan's tasks; `p` is the plan of t.settings.
[[nodiscard]] std::vector<std::size_t> tuning_tasks(tuning const& t, plan const& p);

/// One training of a point.
struct tuned_run {
  std::uint64_t seed = 0;
  std::filesystem::path directory;
  int best_epoch = -1;             ///< counted from 0
  double validation_accuracy = 0;  ///< %, at that epoch
};

/// A point of the grid and what came of it.
struct tuned_point {
  overlay description;
  std::vector<tuned_run> runs;     ///< one a seed
  double validation_accuracy = 0;  ///< %, mean over the runs
  bool tied = false;               ///< with the best: at most a standard error below it
};

/// What came of a tuning.
struct tuning_result {
  std::string configuration;
  study::identity identity;         ///< of all its trainings, in whatever order
  int validation_images = 0;        ///< the same for every seed
  double standard_error = 0;        ///< points: 100 sqrt(p (1 - p) / images), p of the best; more seeds make it no less
  std::vector<tuned_point> points;  ///< the best first, equals in the grid's order

  /// What makes the best point's recipe the configuration's: "configurations.S3L2.train.learning_rate=0.1", ...
  [[nodiscard]] std::vector<std::string> assignments() const;
};

/// Reads the results of the trainings, all of which are finished. Throws errc::bad_input for damaged ones.
[[nodiscard]] tuning_result collect_tuning(tuning const& t, plan const& p, layout const& places);

/// A line a point: its name and its values.
[[nodiscard]] std::string points_text(tuning const& t);

/// A table of the points, best first; its last line are the options that set the best recipe.
[[nodiscard]] std::string table(tuning_result const& found);

/// Writes "<configuration>-<8 digits of the hash>.json" into the layout's folder for tunings, and returns its path.
/// Throws errc::failed.
std::filesystem::path write_tuning(tuning_result const& found, layout const& places);

}  // namespace papillon::study
