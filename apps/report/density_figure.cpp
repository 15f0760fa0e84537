// SPDX-License-Identifier: MIT
#include <report/density_figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
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

/// A number by density: which column it is in; the ends of its interval are in the next two.
struct panel {
  char const* title;
  int column;
  study::estimate (*number)(study::configuration_summary const&);
};
constexpr panel panels[] = {
    {"area under the ROC curve", 4, [](study::configuration_summary const& s) { return s.strongest_auc; }},
    {"members found (%), one false alarm in a hundred", 7, found_at_one_percent}};

/// Whether a configuration is drawn: one that has a number, and that is no control of the attacks themselves.
bool is_drawn(study::configuration_result const& c) {
  return std::isfinite(c.summary.strongest_auc.mean) && c.nonzero_percent > 0 &&
         (study::explains_another(c) || !study::is_control(c));
}

/// The points of a panel, and their intervals where they have some; empty where no configuration has the number.
std::string panel_plot(study::results const& study, std::vector<std::string> const& rows,
    std::vector<series_style> const& styles, panel const& p) {
  std::string bars, points;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto const any = [&](double study::estimate::*member) {
      return std::ranges::any_of(study.configurations, [&](auto const& c) {
        return c.series == styles[i].name && is_drawn(c) && std::isfinite(p.number(c.summary).*member);
      });
    };
    std::string const mean = std::to_string(p.column), low = std::to_string(p.column + 1),
                      high = std::to_string(p.column + 2),
                      colour = " lc rgb \"" + std::string(styles[i].colour) + "\" ";
    if (any(&study::estimate::low))
      bars += rows[i] + "using 3:" + mean + ":" + low + ":" + high + " with yerrorbars pt 0 ps 0 lw 1.2" + colour +
              "notitle, ";
    if (any(&study::estimate::mean))
      points += rows[i] + "using 3:" + mean + " with points " + std::string(styles[i].point) + colour + "title " +
                gnuplot_quoted(styles[i].name) + " noenhanced, ";
  }
  std::string all = bars + points;
  if (all.empty()) return "";
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
      if (c.series != style.name || !is_drawn(c)) continue;
      auto const& auc = c.summary.strongest_auc;
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
  std::string body =
      "set xlabel \"nonzero weights (%)\"\nset logscale x\nset xtics (0.5, 1, 2, 5, 10, 20, 50, 100)\n"
      "set xrange [" +
      plain(fewest / 1.25) +
      ":125]\nset multiplot\nset bmargin at screen 0.15\nset tmargin at screen 0.89\n"
      "set key at screen 0.99, screen 0.89 top right spacing 1.2 samplen 1\n";
  for (std::size_t i = 0; i < std::size(panels); ++i)
    if (auto const plot = panel_plot(study, rows, styles, panels[i]); !plot.empty())
      body +=
          begin_panel(i, std::size(panels), 0.13) + "set title \"" + panels[i].title + "\"\n" + plot + "unset key\n";
  body += "unset multiplot\nset key\n";
  f.script = "# Attacks by density, drawn by: gnuplot " + name + ".gp\n" + draw_twice(name, 900, 380, body);
  return f;
}

}  // namespace papillon::report
