// SPDX-License-Identifier: MIT
#include <report/differences_figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <papillon/error.hpp>

#include <report/csv.hpp>
#include <report/gnuplot.hpp>
#include <report/series.hpp>
#include <study/summary.hpp>

namespace papillon::report {

namespace {

std::string shown_p(double p) {
  if (std::isnan(p)) return "";
  char text[32];
  std::snprintf(text, sizeof text, p < 0.001 ? "p %.1e" : "p %.3f", p);
  return text;
}

/// Names on the left and p values on the right, a row a configuration, the first on top.
std::string row_labels(std::vector<study::configuration_result const*> const& rows) {
  std::string names, values;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto const y = rows.size() - i;
    names += (i == 0 ? "" : ", ") + gnuplot_quoted(rows[i]->name) + message(" ", y);
    if (auto const p = shown_p(rows[i]->summary.to_dense.corrected_p); !p.empty())
      values += message("set label ", i + 1, " \"", p, "\" at graph 1.01, first ", y, " left font \",11\"\n");
  }
  return "set ytics (" + names + ") noenhanced\n" + values;
}

/// The interval over seeds; of one seed that over images.
study::limits shown_limits(study::difference const& d) {
  if (std::isfinite(d.change.low)) return {d.change.low, d.change.high};
  return d.over_images;
}

}  // namespace

figure differences_figure(study::results const& study, std::string const& name) {
  figure f{name, "", "", ""};
  std::vector<study::configuration_result const*> rows;
  for (auto const& c : study.configurations)
    if (std::isfinite(shown_limits(c.summary.to_dense).low) && (study::explains_another(c) || !study::is_control(c)))
      rows.push_back(&c);
  if (rows.empty()) {
    f.why_not = "differences with intervals need the dense network and a list of attacks (attack.list)";
    return f;
  }
  csv_table table{"configuration", "row", "change", "low", "high", "p", "corrected_p"};
  auto const styles = series_styles(study);
  std::string plots;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto const& d = rows[i]->summary.to_dense;
    auto const [low, high] = shown_limits(d);
    table.add(rows[i]->name, static_cast<double>(rows.size() - i), d.change.mean, low, high, d.p, d.corrected_p);
    auto const colour = std::string(std::ranges::find(styles, rows[i]->series, &series_style::name)->colour);
    plots += (i == 0 ? "" : ", ") + csv_rows(name, i, 1) + "using 3:2:4:5 with xerrorbars ps 1.2 lw 1.4 pt " +
             (d.corrected_p < study::test_level ? "7" : "6") + " lc rgb \"" + colour + "\"";
  }
  f.data = table.text();
  int const height = 110 + 24 * static_cast<int>(rows.size());
  std::string const body =
      row_labels(rows) + message("set yrange [0.4:", rows.size(), ".6]\n") +
      "set lmargin 14\nset rmargin 11\nunset key\n"
      "set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb \"#777777\" lw 1.2 back\n"
      "set xlabel \"difference in defence to the dense network (points), 95 % interval; more is better\"\n"
      "plot " +
      plots + "\n";
  f.script = "# Differences to dense, drawn by: gnuplot " + name + ".gp\n" + draw_twice(name, 900, height, body);
  return f;
}

}  // namespace papillon::report
