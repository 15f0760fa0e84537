// SPDX-License-Identifier: MIT
#include <report/trade_off_figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <report/csv.hpp>
#include <report/gnuplot.hpp>
#include <report/html.hpp>
#include <report/label_placement.hpp>
#include <report/series.hpp>
#include <study/summary.hpp>

#include <papillon/error.hpp>

namespace papillon::report {

namespace {

/// Where a configuration stands, and what its bars cover.
struct trade_off_point {
  study::configuration_result const* configuration;
  double accuracy, accuracy_low, accuracy_high;
  double defence, defence_low, defence_high;
};

/// A mean and what its bar covers; of no bar the mean.
struct bar {
  double mean, low, high;
};
bar bar_of(study::spread const& s) {
  double const half = std::isfinite(s.deviation) ? s.deviation : 0.0;
  return {s.mean, s.mean - half, s.mean + half};
}
bar bar_of(study::estimate const& e) {
  return {e.mean, std::isfinite(e.low) ? e.low : e.mean, std::isfinite(e.high) ? e.high : e.mean};
}

/// The points of the configurations that have both; `defence` gives a spread or an estimate.
template <class Defence>
std::vector<trade_off_point> points_of(study::results const& study, bool controls, Defence defence) {
  std::vector<trade_off_point> points;
  for (auto const& series : series_styles(study))
    for (auto const& c : study.configurations) {
      if (c.series != series.name || (study::is_control(c) && !(controls && study::explains_another(c)))) continue;
      auto const a = bar_of(c.summary.accuracy), d = bar_of(defence(c.summary));
      if (std::isfinite(a.mean) && std::isfinite(d.mean))
        points.push_back({&c, a.mean, a.low, a.high, d.mean, d.low, d.high});
    }
  return points;
}

bool is_dense(study::configuration_result const& c) { return c.name == "dense"; }

/// "dense" or the name of a control, else the percentage of nonzero weights: "17.3 %", with a second decimal below one.
std::string label_text(study::configuration_result const& c) {
  if (is_dense(c) || study::is_control(c)) return c.name;
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

/// What the figure shows: all points with their bars, and the defence of a network that the attack can only guess
/// about. Places are in pixels from the lower left corner.
struct trade_off_window {
  static constexpr int width = 900, height = 600;
  static constexpr double graph_left = 0.085, graph_right = 0.865, graph_low = 0.115, graph_high = 0.965;
  static constexpr double pixels_x = (graph_right - graph_left) * width, pixels_y = (graph_high - graph_low) * height;

  double left, right, low = 100, high = 100;
  double fewest = 100;  ///< least percentage of nonzero weights
  bool bars = false;    ///< there is one that is not 0

  explicit trade_off_window(std::vector<trade_off_point> const& points)
      : left(std::numeric_limits<double>::infinity()), right(-left) {
    for (auto const& p : points) {
      bars |= p.accuracy_high > p.accuracy_low || p.defence_high > p.defence_low;
      left = std::min(left, p.accuracy_low), right = std::max(right, p.accuracy_high);
      low = std::min(low, p.defence_low), high = std::max(high, p.defence_high);
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
  return palette(std::min(w.fewest, 50.0)) + "set lmargin at screen " + plain(w.graph_left) +
         "\nset rmargin at screen " + plain(w.graph_right) + "\nset bmargin at screen " + plain(w.graph_low) +
         "\nset tmargin at screen " + plain(w.graph_high) + "\nset xrange [" + plain(w.left) + ":" + plain(w.right) +
         "]\nset yrange [" + plain(w.low) + ":" + plain(w.high) +
         "]\n"
         "set xlabel \"test accuracy of the target network (%)\"\n"
         "set ylabel \"defence against membership inference, D = 200 − 2 A (%)\"\n"
         "set cblabel \"nonzero weights (%)\" offset 0.5\nset cbtics (1, 2, 5, 10, 20, 50, 100)\n"
         "set colorbox user origin 0.89,0.25 size 0.018,0.5\n"
         "set arrow 1 from graph 0, first 100 to graph 1, first 100 nohead lc rgb \"#999999\" dt 3 back\n";
}

/// A text beside every point, a line to it where it had to go further, and the key where the fewest points are.
std::string trade_off_labels(
    std::vector<trade_off_point> const& points, std::vector<series_style> const& styles, trade_off_window const& w) {
  std::vector<labelled_point> places;
  for (auto const& p : points) {
    auto const text = label_text(*p.configuration);
    places.push_back({.x = w.x(p.accuracy),
        .y = w.y(p.defence),
        .width = 6.6 * static_cast<double>(text.size()),
        .height = 13.0,
        .bar_x = (p.accuracy_high - p.accuracy_low) / 2 / (w.right - w.left) * w.pixels_x,
        .bar_y = (p.defence_high - p.defence_low) / 2 / (w.high - w.low) * w.pixels_y});
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
    auto const style = std::ranges::find(styles, c.series, &series_style::name);
    std::string const at = plain(labels[i].x / w.pixels_x) + ", graph " + plain(labels[i].y / w.pixels_y);
    script += "set label " + std::to_string(i + 2) + " " + gnuplot_quoted(label_text(c)) + " at graph " + at +
              " center font \",11\" noenhanced tc rgb \"" + std::string(style->colour) + "\" front\n";
    if (labels[i].needs_line)
      script += "set arrow " + std::to_string(i + 2) + " from graph " + at + " to first " + plain(points[i].accuracy) +
                ", first " + plain(points[i].defence) + " nohead lc rgb \"#bbbbbb\" lw 0.5 back\n";
  }
  return script;
}

/// The command that draws points, bars and, where there is a slope, the line through dense.
std::string trade_off_plot(std::vector<trade_off_point> const& points, std::vector<series_style> const& styles,
    std::string const& name, double slope, bool bars) {
  std::string drawn_bars, symbols;
  std::size_t row = 0;
  for (auto const& style : styles) {
    auto const count = static_cast<std::size_t>(std::count_if(
        points.begin(), points.end(), [&](auto const& p) { return p.configuration->series == style.name; }));
    if (count == 0) continue;
    std::string const source = csv_rows(name, row, count), point(style.point);
    row += count;
    if (bars) drawn_bars += source + "using 4:7:5:6:8:9 with xyerrorbars pt 0 ps 0 lc rgb \"#b5b5b5\" lw 1 notitle, ";
    symbols += source + "using 4:7:3 with points " + point + " lc palette notitle, keyentry with points " + point +
               " lc rgb \"" + std::string(style.colour) + "\" title " + gnuplot_quoted(style.name) + " noenhanced, ";
  }
  auto const dense =
      std::find_if(points.begin(), points.end(), [](auto const& p) { return is_dense(*p.configuration); });
  if (dense != points.end() && std::isfinite(slope))
    symbols += plain(dense->defence) + " + (" + plain(slope) + ") * (x - " + plain(dense->accuracy) +
               ") with lines dt 2 lw 1.2 lc rgb \"#666666\" title \"least squares through dense, slope " +
               fixed(slope, 2) + "\", ";
  std::string all = drawn_bars + symbols;
  all.resize(all.size() - 2);  // the last comma
  return "plot " + all + "\n";
}

figure trade_off_figure(
    study::results const& study, std::vector<trade_off_point> const& points, std::string const& name, double slope) {
  figure f{name, "", "", ""};
  if (points.empty()) {
    f.why_not = "no configuration has both an accuracy and an attack yet";
    return f;
  }
  csv_table table{"configuration", "series", "nonzero_percent", "accuracy", "accuracy_low", "accuracy_high", "defence",
      "defence_low", "defence_high"};
  for (auto const& p : points)
    table.add(p.configuration->name, p.configuration->series, p.configuration->nonzero_percent, p.accuracy,
        p.accuracy_low, p.accuracy_high, p.defence, p.defence_low, p.defence_high);
  f.data = table.text();
  trade_off_window const window(points);
  auto const styles = series_styles(study);
  std::string const body = trade_off_axes(window) + trade_off_labels(points, styles, window) +
                           trade_off_plot(points, styles, name, slope, window.bars);
  f.script = "# Accuracy against defence, drawn by: gnuplot " + name + ".gp\n" +
             draw_twice(name, window.width, window.height, body);
  return f;
}

}  // namespace

figure papers_trade_off_figure(study::results const& study, std::string const& name) {
  bool const strict = study.scale.members == "trained";
  auto const& line = strict ? study.trade_off.strict : study.trade_off.all;
  auto const points = points_of(study, false, [&](study::configuration_summary const& s) -> study::spread const& {
    return (strict ? s.strict : s.all).defence;
  });
  return trade_off_figure(study, points, name, line.share_explained >= 0.5 ? line.slope : study::missing);
}

figure strongest_trade_off_figure(study::results const& study, std::string const& name) {
  auto const points = points_of(
      study, true, [](study::configuration_summary const& s) -> auto const& { return s.strongest_defence; });
  return trade_off_figure(study, points, name, study::missing);
}

}  // namespace papillon::report
