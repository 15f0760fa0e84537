// SPDX-License-Identifier: MIT
#include <report/scores_figure.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <papillon/error.hpp>

#include <report/csv.hpp>
#include <report/gnuplot.hpp>
#include <report/series.hpp>

namespace papillon::report {

namespace {

bool has_scores(study::configuration_result const& c) {
  auto const& h = c.phi;
  return !h.members.empty() && h.members.size() == h.others.size() && h.high > h.low;
}

void add_bins(csv_table& table, study::configuration_result const& c) {
  auto const& h = c.phi;
  double const width = (h.high - h.low) / static_cast<double>(h.members.size());
  for (std::size_t i = 0; i < h.members.size(); ++i)
    table.add(c.name, h.low + (static_cast<double>(i) + 0.5) * width, h.members[i], h.others[i]);
}

/// A distance of marks that a narrow axis has room for: 1, 2 or 5 times a power of ten, three to seven of them.
double marks(double range) {
  double const power = std::pow(10.0, std::floor(std::log10(range / 3)));
  return power * (range / 3 >= 5 * power ? 5 : range / 3 >= 2 * power ? 2 : 1);
}

}  // namespace

figure scores_figure(study::results const& study, std::string const& name) {
  figure f{name, "", "", ""};
  auto const chosen = select_of_series(study, 2, has_scores);
  if (chosen.empty()) {
    f.why_not = "no scores of images have been collected";
    return f;
  }
  csv_table table{"configuration", "phi", "members", "others"};
  std::string panels;
  std::size_t row = 0;
  for (auto const* c : chosen) {
    add_bins(table, *c);
    auto const source = csv_rows(name, row, c->phi.members.size());
    row += c->phi.members.size();
    panels += "set title " + gnuplot_quoted(c->name) + " noenhanced\nset xrange [" + plain(c->phi.low) + ":" +
              plain(c->phi.high) + "]\nset xtics " + plain(marks(c->phi.high - c->phi.low)) + "\nplot " + source +
              "using 2:4 with boxes lc rgb \"#888888\", " + source + "using 2:3 with boxes lc rgb \"#1f4fbf\"\n";
  }
  f.data = table.text();
  std::size_t const columns = std::min<std::size_t>(3, chosen.size()), lines = (chosen.size() + columns - 1) / columns;
  std::string const body = message(
                               "set style fill transparent solid 0.45 noborder\nset boxwidth 1 relative\n"
                               "set xlabel \"phi\" offset 0,0.5\nset yrange [0:*]\nunset key\nset multiplot "
                               "title \"members blue, others grey\" layout ",
                               lines, ",", columns, "\n") +
                           panels + "unset multiplot\n";
  f.script = "# Scores of members and others, drawn by: gnuplot " + name + ".gp\n" +
             draw_twice(name, 900, 60 + 230 * static_cast<int>(lines), body);
  return f;
}

}  // namespace papillon::report
