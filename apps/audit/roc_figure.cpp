// SPDX-License-Identifier: MIT
#include <audit/roc_figure.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/error.hpp>
#include <report/csv.hpp>
#include <report/gnuplot.hpp>

namespace papillon::audit {

namespace {

using report::plain;

constexpr std::array colours{"#1f4fbf", "#c0261c", "#2a8c4a", "#e0a100", "#7b3fa0", "#1fb4b4", "#8a6d3b", "#626b74"};

/// The attacks that are drawn, the strongest first.
std::vector<privacy::audit_attack const*> drawn(privacy::audit_result const& found) {
  std::vector<privacy::audit_attack const*> attacks;
  for (auto const& a : found.attacks) attacks.push_back(&a);
  std::stable_sort(
      attacks.begin(), attacks.end(), [](auto const* a, auto const* b) { return a->auc.value > b->auc.value; });
  attacks.resize(std::min(attacks.size(), colours.size()));
  return attacks;
}

/// Whether two points of a curve look apart on linear or on logarithmic axes; 0 lies beyond every logarithm.
bool apart(double a, double b) {
  if (std::abs(a - b) >= 0.004) return true;
  return a > 0 && b > 0 ? std::abs(std::log10(a / b)) >= 0.02 : a != b;
}

/// A row a point that looks apart from the one before it: false and true positive rate, and limits of the latter.
void add_curve(report::csv_table& table, privacy::audit_attack const& a, privacy::roc_curve const& curve) {
  double last_wrong = -1, last_found = -1;
  auto const points = curve.points();
  for (std::size_t k = 0; k < points.size(); ++k) {
    privacy::proportion const found{points[k].true_positives, curve.members()};
    double const wrong = static_cast<double>(points[k].false_positives) / static_cast<double>(curve.others());
    bool const corner = k == 0 || k + 1 == points.size();
    if (!corner && !apart(wrong, last_wrong) && !apart(found.rate(), last_found)) continue;
    last_wrong = wrong;
    last_found = found.rate();
    auto const limits = found.limits();
    table.add(a.name, wrong, found.rate(), limits.low, limits.high);
  }
}

/// What `plot` is followed by, for both panels; ends[k]: rows of the table after attack k.
std::string plotted(std::vector<privacy::audit_attack const*> const& attacks, std::vector<std::size_t> const& ends,
    std::string const& name) {
  auto const rows = [&](std::size_t k) {
    std::size_t const first = k == 0 ? 0 : ends[k - 1];
    return report::csv_rows(name, first, ends[k] - first);
  };
  std::string text = rows(0) + "using 2:4:5 with filledcurves lc rgb \"" + colours[0] +
                     "\" fs transparent solid 0.15 noborder notitle, x with lines lc rgb \"#9aa3ab\" dt 2 title "
                     "\"chance\"";
  for (std::size_t k = 0; k < attacks.size(); ++k)
    text += message(", ", rows(k), "using 2:3 with lines lw 1.6 lc rgb \"", colours[k], "\" title ",
        report::gnuplot_quoted(attacks[k]->name), " noenhanced");
  return text;
}

}  // namespace

report::figure roc_figure(privacy::audit_result const& found, std::string const& name) {
  report::figure f{name, "", "", ""};
  report::csv_table table{"attack", "false_positive_rate", "true_positive_rate", "low", "high"};
  std::vector<std::size_t> ends;
  auto const attacks = drawn(found);
  double least = 1;
  for (auto const* a : attacks) {
    privacy::roc_curve const curve(std::span<double const>(a->scores), found.members);
    add_curve(table, *a, curve);
    ends.push_back(table.rows());
    least = std::min({least, 1.0 / static_cast<double>(curve.others()), 1.0 / static_cast<double>(curve.members())});
  }
  f.data = table.text();
  auto const plots = plotted(attacks, ends, name);
  std::string const body =
      "set encoding utf8\nset samples 400\nset border 3 lc rgb \"#555555\"\n"
      "set tics nomirror textcolor rgb \"#333333\"\nset grid lc rgb \"#e6e6e6\" lw 0.6\n"
      "set xlabel \"false positive rate\"\nset multiplot\n"
      "set bmargin at screen 0.15\nset tmargin at screen 0.89\n"
      "set lmargin at screen 0.065\nset rmargin at screen 0.385\n"
      "set title \"true positive rate\"\nset xrange [0:1]\nset yrange [0:1]\nunset key\nplot " +
      plots +
      "\nset lmargin at screen 0.455\nset rmargin at screen 0.775\n"
      "set title \"the same, logarithmic\"\nset logscale xy\nset format xy \"10^{%T}\"\nset xrange [" +
      plain(least) + ":1]\nset yrange [" + plain(least) +
      ":1]\nset key at screen 0.99, screen 0.89 top right spacing 1.2 samplen 2\nplot " + plots +
      "\nunset multiplot\nunset logscale xy\nset format xy \"% h\"\n";
  f.script = "# ROC curves, drawn by: gnuplot " + name + ".gp\n" + report::draw_twice(name, 900, 380, body);
  return f;
}

}  // namespace papillon::audit
