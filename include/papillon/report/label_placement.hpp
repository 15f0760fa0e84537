// SPDX-License-Identifier: MIT
/// \file label_placement.hpp
/// Where to write the labels of a scatter plot so that they cover neither points, nor error bars, nor each other: each
/// label, in the order given, takes the least costly of 48 places around its point (three distances, sixteen
/// directions). Units: pixels.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
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
[[nodiscard]] inline std::vector<label_place> place_labels(std::vector<labelled_point> const& points, double width,
                                                           double height, double radius) {
  struct box {
    double left, right, low, high;
  };
  auto const overlap = [](box const& a, box const& b) {
    double const w = std::min(a.right, b.right) - std::max(a.left, b.left);
    double const h = std::min(a.high, b.high) - std::max(a.low, b.low);
    return w > 0 && h > 0 ? w * h : 0.0;
  };
  std::vector<box> taken;
  for (auto const& p : points) {
    taken.push_back({p.x - radius, p.x + radius, p.y - radius, p.y + radius});
    taken.push_back({p.x - p.bar_x, p.x + p.bar_x, p.y - 2, p.y + 2});
    taken.push_back({p.x - 2, p.x + 2, p.y - p.bar_y, p.y + p.bar_y});
  }

  constexpr std::array distances{0.0, 10.0, 22.0};
  constexpr int directions = 16;
  std::vector<label_place> places;
  for (auto const& p : points) {
    label_place best;
    box best_box{};
    double best_cost = std::numeric_limits<double>::infinity();
    for (double const distance : distances)
      for (int d = 0; d < directions; ++d) {
        double const angle = 2 * 3.14159265358979323846 * d / directions;
        double const x = p.x + std::cos(angle) * (radius + 3 + distance + p.width / 2);
        double const y = p.y + std::sin(angle) * (radius + 3 + distance + p.height / 2);
        box const b{x - p.width / 2, x + p.width / 2, y - p.height / 2, y + p.height / 2};
        double const outside = (b.right - b.left) * (b.high - b.low) - overlap(b, {0, width, 0, height});
        double cost = distance + 20 * outside + (d % 4 == 0 ? 0 : 1);  // 1: straight places are the easier to read
        for (box const& t : taken) cost += overlap(b, t);
        if (cost < best_cost) {
          best_cost = cost;
          best = {x, y, distance > distances[1]};
          best_box = b;
        }
      }
    places.push_back(best);
    taken.push_back(best_box);
  }
  return places;
}

}  // namespace papillon::report
