// SPDX-License-Identifier: MIT
#include <report/trade_off_figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <report/html.hpp>
#include <report/label_placement.hpp>

#include <papillon/error.hpp>

namespace papillon::report {

namespace {

struct trade_off_point {
  study::configuration_result const* configuration;
  study::spread accuracy, defence;
};

double or_zero(double value) { return std::isfinite(value) ? value : 0.0; }

/// "dense", else the percentage of nonzero weights: "17.3 %", with a second decimal below one percent.
std::string label_text(study::configuration_result const& c) {
  if (c.family == study::family::dense) return "dense";
  return std::isfinite(c.nonzero_percent) ? fixed(c.nonzero_percent, c.nonzero_percent < 1 ? 2 : 1) + " %" : "?";
}

/// Where on the horizontal line at height y a text of 200 pixels is not among points: the right end if it can be.
std::string free_place_on_line(std::vector<labelled_point> const& points, double y, double width) {
  auto const taken = [&](double from) {
    return std::any_of(points.begin(), points.end(),
        [&](labelled_point const& p) { return p.x > from - 60 && p.x < from + 260 && std::abs(p.y - y) < 30; });
  };
  if (taken(width - 200) && !taken(width / 2 - 100)) return "graph 0.5, first 100 center";
  if (taken(width - 200) && !taken(0)) return "graph 0.01, first 100 left";
  return "graph 0.99, first 100 right";
}

/// The corner, as gnuplot calls it, in which the fewest points lie.
std::string emptiest_corner(std::vector<labelled_point> const& points, double width, double height) {
  constexpr double key_width = 330, key_height = 110;
  std::string best;
  std::ptrdiff_t fewest = std::numeric_limits<std::ptrdiff_t>::max();
  for (std::string const corner : {"bottom left", "bottom right", "top left", "top right"}) {
    bool const left = corner.ends_with("left"), bottom = corner.starts_with("bottom");
    auto const inside = std::count_if(points.begin(), points.end(), [&](labelled_point const& p) {
      return (left ? p.x : width - p.x) < key_width && (bottom ? p.y : height - p.y) < key_height;
    });
    if (inside < fewest) fewest = inside, best = corner;
  }
  return best;
}

/// What the figure shows: all points with their deviations, and the defence of a network that the attack can only guess
/// about. Places are in pixels from the lower left corner.
struct trade_off_window {
  static constexpr int width = 900, height = 600;
  static constexpr double graph_left = 0.085, graph_right = 0.865, graph_low = 0.115, graph_high = 0.965;
  static constexpr double pixels_x = (graph_right - graph_left) * width, pixels_y = (graph_high - graph_low) * height;

  double left, right, low = 100, high = 100;
  double fewest = 100;      ///< least percentage of nonzero weights
  bool deviations = false;  ///< there is one that is not 0

  explicit trade_off_window(std::vector<trade_off_point> const& points)
      : left(std::numeric_limits<double>::infinity()), right(-left) {
    for (auto const& p : points) {
      double const da = or_zero(p.accuracy.deviation), dd = or_zero(p.defence.deviation);
      deviations |= da > 0 || dd > 0;
      left = std::min(left, p.accuracy.mean - da), right = std::max(right, p.accuracy.mean + da);
      low = std::min(low, p.defence.mean - dd), high = std::max(high, p.defence.mean + dd);
      if (p.configuration->nonzero_percent > 0) fewest = std::min(fewest, p.configuration->nonzero_percent);
    }
    double const margin_x = std::max(0.07 * (right - left), 1.0), margin_y = std::max(0.07 * (high - low), 2.0);
    left -= margin_x, right += margin_x, low -= margin_y, high += margin_y;
  }

  [[nodiscard]] double x(double accuracy) const { return (accuracy - left) / (right - left) * pixels_x; }
  [[nodiscard]] double y(double defence) const { return (defence - low) / (high - low) * pixels_y; }
};

/// Axes, their names, and the line of an attack that can only guess.
std::string trade_off_axes(trade_off_window const& w) {
  return "set datafile missing \"?\"\nset encoding utf8\n" + palette(std::min(w.fewest, 50.0)) +
         "set lmargin at screen " + plain(w.graph_left) + "\nset rmargin at screen " + plain(w.graph_right) +
         "\nset bmargin at screen " + plain(w.graph_low) + "\nset tmargin at screen " + plain(w.graph_high) +
         "\nset xrange [" + plain(w.left) + ":" + plain(w.right) + "]\nset yrange [" + plain(w.low) + ":" +
         plain(w.high) +
         "]\n"
         "set xlabel \"test accuracy of the target network (%)\"\n"
         "set ylabel \"defence against membership inference, D = 200 − 2 A (%)\"\n"
         "set cblabel \"nonzero weights (%)\" offset 0.5\nset cbtics (1, 2, 5, 10, 20, 50, 100)\n"
         "set border 3 lc rgb \"#555555\"\nset tics nomirror textcolor rgb \"#333333\"\nset colorbox user origin "
         "0.89,0.25 size 0.018,0.5\n"
         "set grid lc rgb \"#dddddd\" lw 0.6\n"
         "set arrow 1 from graph 0, first 100 to graph 1, first 100 nohead lc rgb \"#999999\" dt 3 back\n";
}

/// How a family of configurations is drawn.
struct family_style {
  study::family family;
  char const *title, *point, *colour;
};

inline constexpr family_style family_styles[] = {{study::family::dense, "dense", "pt 13 ps 1.5", "#222222"},
    {study::family::imp, "IMP", "pt 3 ps 1.3 lw 2", "#1f4fbf"},
    {study::family::butterfly, "butterfly", "pt 7 ps 1.15", "#c0261c"}};

/// A text beside every point, a line to it where it had to go further, and the key where the fewest points are.
std::string trade_off_labels(std::vector<trade_off_point> const& points, trade_off_window const& w) {
  std::vector<labelled_point> places;
  for (auto const& p : points) {
    auto const text = label_text(*p.configuration);
    places.push_back({.x = w.x(p.accuracy.mean),
        .y = w.y(p.defence.mean),
        .width = 6.6 * static_cast<double>(text.size()),
        .height = 13.0,
        .bar_x = or_zero(p.accuracy.deviation) / (w.right - w.left) * w.pixels_x,
        .bar_y = or_zero(p.defence.deviation) / (w.high - w.low) * w.pixels_y});
  }
  std::string script = "set label 1 \"100: the attack can only guess\" at " +
                       free_place_on_line(places, w.y(100), w.pixels_x) +
                       " offset 0,0.6 tc rgb \"#777777\" font \",10\"\n";
  auto const corner = emptiest_corner(places, w.pixels_x, w.pixels_y);
  script += "set key " + corner + (corner.ends_with("left") ? " reverse Left" : "") +
            " textcolor variable samplen 2 spacing 1.25\n";
  auto const labels = place_labels(places, w.pixels_x, w.pixels_y, 6.5);
  for (std::size_t i = 0; i < points.size(); ++i) {
    auto const& c = *points[i].configuration;
    auto const style = std::ranges::find(family_styles, c.family, &family_style::family);
    std::string const at = plain(labels[i].x / w.pixels_x) + ", graph " + plain(labels[i].y / w.pixels_y);
    script += "set label " + std::to_string(i + 2) + " \"" + label_text(c) + "\" at graph " + at +
              " center font \",11\" tc rgb \"" + style->colour + "\" front\n";
    if (labels[i].needs_line)
      script += "set arrow " + std::to_string(i + 2) + " from graph " + at + " to first " +
                plain(points[i].accuracy.mean) + ", first " + plain(points[i].defence.mean) +
                " nohead lc rgb \"#bbbbbb\" lw 0.5 back\n";
  }
  return script;
}

/// The command that draws points, deviations and the line through dense; the numbers go to `data`, a block a family.
std::string trade_off_plot(std::vector<trade_off_point> const& points, std::string const& name, double slope,
    bool deviations, std::string& data) {
  std::string plots, keys;
  int block = 0;
  data = "# accuracy, its deviation, defence, its deviation, nonzero weights in %; a block a family\n";
  for (family_style const& style : family_styles) {
    std::string rows;
    for (auto const& p : points)
      if (p.configuration->family == style.family)
        rows += plain(p.accuracy.mean) + " " + plain(or_zero(p.accuracy.deviation)) + " " + plain(p.defence.mean) +
                " " + plain(or_zero(p.defence.deviation)) + " " + plain(p.configuration->nonzero_percent) + "  # " +
                p.configuration->name + "\n";
    if (rows.empty()) continue;
    data += (block == 0 ? "" : "\n\n") + rows;
    std::string const source = message("\"", name, ".dat\" index ", block++, " using 1:3:");
    if (deviations) plots += source + "2:4 with xyerrorbars pt 0 ps 0 lc rgb \"#b5b5b5\" lw 1 notitle, ";
    keys += source + "5 with points " + style.point + " lc palette notitle, keyentry with points " + style.point +
            " lc rgb \"" + style.colour + "\" title \"" + style.title + "\", ";
  }
  auto const dense = std::find_if(
      points.begin(), points.end(), [](auto const& p) { return p.configuration->family == study::family::dense; });
  if (dense != points.end() && std::isfinite(slope))
    keys += plain(dense->defence.mean) + " + (" + plain(slope) + ") * (x - " + plain(dense->accuracy.mean) +
            ") with lines dt 2 lw 1.2 lc rgb \"#666666\" title \"least squares through dense, slope " +
            fixed(slope, 2) + "\", ";
  std::string all = plots + keys;
  all.resize(all.size() - 2);  // the last comma
  return "plot " + all + "\n";
}

}  // namespace

figure trade_off_figure(study::results const& study, study::reading_summary study::configuration_summary::*reading,
    std::string const& name, double slope) {
  figure f{name, "", "", ""};
  std::vector<trade_off_point> points;
  for (auto const& c : study.configurations) {
    auto const& a = c.summary.accuracy;
    auto const& d = (c.summary.*reading).defence;
    if (std::isfinite(a.mean) && std::isfinite(d.mean)) points.push_back({&c, a, d});
  }
  if (points.empty()) {
    f.why_not = "no configuration has both an accuracy and an attack yet";
    return f;
  }
  trade_off_window const window(points);
  std::string const body = trade_off_axes(window) + trade_off_labels(points, window) +
                           trade_off_plot(points, name, slope, window.deviations, f.data);
  f.script = "# Accuracy against defence, " + std::string("drawn by: gnuplot ") + name + ".gp\n" +
             draw_twice(name, window.width, window.height, body);
  return f;
}

}  // namespace papillon::report
