// SPDX-License-Identifier: MIT
/// \file grid_axis.hpp
/// One axis of a grid search: a key of the configuration and the values it tries. As text "key=v1,v2,.."; the values of
/// a key that takes a list are separated by ';': "train.milestones=30,45;20,40".
#pragma once

#include <string>
#include <vector>

namespace papillon::study {

/// See the file's comment.
struct grid_axis {
  std::string key;                  ///< one that a configuration may have its own value of
  std::vector<std::string> values;  ///< in their canonical spelling, at least one
  friend bool operator==(grid_axis const&, grid_axis const&) = default;
};

/// The axes of some texts; of none the default grid: four learning rates and four weight decays. Gonon et al. print
/// what their search found and not where they looked: the grid is the values they found and their neighbours.
/// Throws errc::usage.
[[nodiscard]] std::vector<grid_axis> read_grid(std::vector<std::string> const& texts);

}  // namespace papillon::study
