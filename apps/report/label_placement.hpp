// SPDX-License-Identifier: MIT
/// \file label_placement.hpp
/// Where to write the labels of a scatter plot so that they cover neither points, nor error bars, nor each other: each
/// label, in the order given, takes the least costly of 48 places around its point (three distances, sixteen
/// directions). Units: pixels.
#pragma once

#include <vector>

namespace papillon::report {

/// A point, the size of the text that belongs to it, and how far its error bars reach to either side.
struct labelled_point {
  double x = 0, y = 0;
  double width = 0, height = 0;
  double bar_x = 0, bar_y = 0;
};

/// Where the text's centre goes.
struct label_place {
  double x = 0, y = 0;
  bool needs_line = false;  ///< far enough from its point that a line should join them
};

/// A place for each point's label within [0, width] x [0, height]; `radius` is the size of the points' own symbols.
[[nodiscard]] std::vector<label_place> place_labels(
    std::vector<labelled_point> const& points, double width, double height, double radius);

}  // namespace papillon::report
