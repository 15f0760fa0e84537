// SPDX-License-Identifier: MIT
#include <report/roc_figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <papillon/privacy/intervals.hpp>

#include <papillon/error.hpp>

#include <report/csv.hpp>
#include <report/gnuplot.hpp>
#include <report/series.hpp>
#include <study/summary.hpp>

namespace papillon::report {

namespace {

struct curve {
  std::string title;
  study::listed_attack const* attack;
};

/// The attack of that name that has a curve; null: none.
study::listed_attack const* attack_with_curve(study::configuration_result const& c, std::string const& attack) {
  for (auto const& a : c.attacks)
    if (a.name == attack && a.roc.size() == study::roc_rates().size() && !a.experiments.empty()) return &a;
  return nullptr;
}

/// A row for every rate, all in percent.
void add_curve(csv_table& table, curve const& c) {
  auto const& rates = study::roc_rates();
  int const members = c.attack->experiments.front().members;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    double const found = c.attack->roc[i];
    privacy::interval limits;
    if (members > 0 && std::isfinite(found))
      limits = privacy::clopper_pearson(
          static_cast<std::size_t>(std::lround(found / 100 * members)), static_cast<std::size_t>(members));
    table.add(c.title, 100 * rates[i], found, 100 * limits.low, 100 * limits.high);
  }
}

figure roc_figure(std::vector<curve> const& curves, std::string const& name, std::string const& why_not) {
  figure f{name, "", "", ""};
  if (curves.empty()) {
    f.why_not = why_not;
    return f;
  }
  csv_table table{"curve", "false_alarms", "found", "low", "high"};
  auto const count = study::roc_rates().size();
  std::string const band =
      csv_rows(name, 0, count) +
      "using 2:4:5 with filledcurves fc rgb \"#222222\" fs transparent solid 0.12 noborder notitle, ";
  std::string plots = band, titles;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    add_curve(table, curves[i]);
    plots += csv_rows(name, i * count, count) + "using 2:3 with lines lw 1.8 dt " + std::to_string(curve_dash(i)) +
             " lc rgb \"" + std::string(curve_colour(i)) + "\" title " + gnuplot_quoted(curves[i].title) +
             " noenhanced, ";
  }
  f.data = table.text();
  plots += "x with lines dt 3 lw 1.2 lc rgb \"#888888\" title \"guessing\"\n";
  std::string const body =
      "set xlabel \"false alarms (% of others)\"\nset ylabel \"members found (%)\" offset 1\nset samples 200\n"
      "set multiplot\nset bmargin at screen 0.14\nset tmargin at screen 0.95\n" +
      begin_panel(0, 2, 0.18) +
      "unset logscale\nset xrange [0:100]\nset yrange [0:100]\nset format \"%g\"\nunset key\nplot " + plots +
      begin_panel(1, 2, 0.18) +
      "set logscale xy\nset xrange [0.01:100]\nset yrange [0.01:100]\n"
      "set key at screen 0.995, screen 0.95 top right spacing 1.2 samplen 2\nplot " +
      plots + "unset multiplot\n";
  f.script = "# ROC curves, drawn by: gnuplot " + name + ".gp\n" + draw_twice(name, 900, 400, body);
  return f;
}

}  // namespace

figure roc_of_configurations(study::results const& study, std::string const& name) {
  std::vector<curve> curves;
  for (auto const* c : select_of_series(
           study, 2, [](auto const& c) { return !study::is_control(c) && attack_with_curve(c, c.summary.strongest); }))
    curves.push_back({c->name + ", " + c->summary.strongest, attack_with_curve(*c, c->summary.strongest)});
  return roc_figure(curves, name, "no attack of the list (attack.list) has a curve yet");
}

figure roc_of_attacks(study::results const& study, std::string const& name) {
  std::vector<curve> curves;
  if (auto const* dense = study::find_configuration(study, "dense"))
    for (auto const& a : dense->attacks)
      if (auto const* attack = attack_with_curve(*dense, a.name)) curves.push_back({a.name, attack});
  return roc_figure(curves, name, "no attack of the list (attack.list) has a curve on the dense network yet");
}

}  // namespace papillon::report
