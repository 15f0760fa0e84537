// SPDX-License-Identifier: MIT
#include <report/course_figure.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <report/csv.hpp>
#include <report/gnuplot.hpp>

#include <papillon/error.hpp>

namespace papillon::report {

figure course_figure(study::results const& study, std::string const& name) {
  figure f{name, "", "", ""};
  csv_table table{"configuration", "step", "nonzero_percent", "accuracy", "defence"};
  std::string lines;
  double fewest = 50;
  for (auto const& c : study.configurations) {
    auto const first = table.rows();
    for (std::size_t step = 0; step < c.summary.course.size(); ++step) {
      auto const& point = c.summary.course[step];
      if (!study::is_missing(point.defence.mean))
        table.add(c.name, static_cast<double>(step + 1), c.nonzero_percent, point.accuracy.mean, point.defence.mean);
    }
    if (table.rows() == first) continue;
    double const percent = c.nonzero_percent > 0 ? c.nonzero_percent : 100;
    fewest = std::min(fewest, percent);
    lines += message(lines.empty() ? "" : ", ", csv_rows(name, first, table.rows() - first),
        "using 4:5 with linespoints lw 1.6 pt 7 ps 0.5 lc palette cb ", plain(percent), " title ",
        gnuplot_quoted(c.name), " noenhanced");
  }
  if (lines.empty()) {
    f.why_not = "needs attacks on the way of trainings (attack.course)";
    return f;
  }
  f.data = table.text();
  f.script = "# Accuracy against defence on the way, drawn by: gnuplot " + name + ".gp\n" +
             draw_twice(name, 900, 480,
                 palette(fewest) +
                     "unset colorbox\nset xlabel \"test accuracy of the target network (%)\"\n"
                     "set ylabel \"defence, D = 200 − 2 A (%)\"\nset rmargin at screen 0.8\n"
                     "set key at screen 0.99, screen 0.95 top right spacing 1.2 samplen 2\n"
                     "set arrow 1 from graph 0, first 100 to graph 1, first 100 nohead lc rgb \"#999999\" dt 3 back\n"
                     "plot " +
                     lines + "\n");
  return f;
}

}  // namespace papillon::report
