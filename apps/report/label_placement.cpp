// SPDX-License-Identifier: MIT
#include <report/label_placement.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace papillon::report {

std::vector<label_place> place_labels(
    std::vector<labelled_point> const& points, double width, double height, double radius) {
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
