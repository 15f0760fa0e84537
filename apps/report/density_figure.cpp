// SPDX-License-Identifier: MIT
#include <report/density_figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <report/csv.hpp>
#include <report/gnuplot.hpp>
#include <report/series.hpp>
#include <study/summary.hpp>

namespace papillon::report {

namespace {

/// Members found at one false alarm in a hundred others.
study::estimate found_at_one_percent(study::configuration_summary const& s) {
  auto const at = std::ranges::find(s.strongest_found, 0.01, &study::operating_estimate::allowed);
  return at == s.strongest_found.end() ? study::estimate{} : at->rate;
}

/// Points and intervals of a panel: columns `mean`, and the two after it.
std::string panel_plot(std::vector<std::string> const& rows, std::vector<series_style> const& styles, int mean) {
  std::string bars, points;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].empty()) continue;
    std::string const column = std::to_string(mean), colour = " lc rgb \"" + std::string(styles[i].colour) + "\" ";
    bars += rows[i] + "using 3:" + column + ":" + std::to_string(mean + 1) + ":" + std::to_string(mean + 2) +
            " with yerrorbars pt 0 ps 0 lw 1.2" + colour + "notitle, ";
    points += rows[i] + "using 3:" + column + " with points " + std::string(styles[i].point) + colour + "title " +
              gnuplot_quoted(styles[i].name) + " noenhanced, ";
  }
  std::string all = bars + points;
  all.resize(all.size() - 2);  // the last comma
  return "plot " + all + "\n";
}

}  // namespace

figure density_figure(study::results const& study, std::string const& name) {
  figure f{name, "", "", ""};
  csv_table table{"configuration", "series", "nonzero_percent", "auc", "auc_low", "auc_high", "found_at_one_percent",
      "found_low", "found_high"};
  auto const styles = series_styles(study);
  std::vector<std::string> rows;  // of every series
  double fewest = 50;
  for (auto const& style : styles) {
    auto const first = table.rows();
    for (auto const& c : study.configurations) {
      auto const& auc = c.summary.strongest_auc;
      if (c.series != style.name || (study::is_control(c) && !study::explains_another(c))) continue;
      if (!std::isfinite(auc.mean) || !(c.nonzero_percent > 0)) continue;
      auto const found = found_at_one_percent(c.summary);
      table.add(c.name, c.series, c.nonzero_percent, auc.mean, auc.low, auc.high, found.mean, found.low, found.high);
      fewest = std::min(fewest, c.nonzero_percent);
    }
    rows.push_back(table.rows() > first ? csv_rows(name, first, table.rows() - first) : "");
  }
  if (table.rows() == 0) {
    f.why_not = "no attack of the list (attack.list) has an area under its curve yet";
    return f;
  }
  f.data = table.text();
  std::string const body =
      "set xlabel \"nonzero weights (%)\"\nset logscale x\nset xtics (0.5, 1, 2, 5, 10, 20, 50, 100)\n"
      "set xrange [" +
      plain(fewest / 1.25) + ":125]\nset multiplot\nset bmargin at screen 0.15\nset tmargin at screen 0.89\n" +
      begin_panel(0, 2, 0.13) + "set title \"area under the ROC curve\"\nunset key\n" + panel_plot(rows, styles, 4) +
      begin_panel(1, 2, 0.13) +
      "set title \"members found (%), one false alarm in a hundred\"\n"
      "set key at screen 0.99, screen 0.89 top right spacing 1.2 samplen 1\n" +
      panel_plot(rows, styles, 7) + "unset multiplot\n";
  f.script = "# Attacks by density, drawn by: gnuplot " + name + ".gp\n" + draw_twice(name, 900, 380, body);
  return f;
}

}  // namespace papillon::report
