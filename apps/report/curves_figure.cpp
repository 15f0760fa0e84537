// SPDX-License-Identifier: MIT
#include <report/curves_figure.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <report/csv.hpp>
#include <report/gnuplot.hpp>
#include <report/series.hpp>

#include <papillon/error.hpp>

namespace papillon::report {

namespace {

/// The first seed's target that has a curve; null if none has.
study::network_result const* first_curve(study::configuration_result const& c) {
  for (auto const& s : c.seeds)
    if (!s.target.curve.train_loss.empty() || !s.target.curve.validation_accuracy.empty()) return &s.target;
  return nullptr;
}

/// The least percentage of nonzero weights, or 50.
double fewest_weights(study::results const& study) {
  double fewest = 50;
  for (auto const& c : study.configurations)
    if (first_curve(c) && c.nonzero_percent > 0) fewest = std::min(fewest, c.nonzero_percent);
  return fewest;
}

std::size_t epochs_of(study::training_curve const& curve) {
  return std::max({curve.train_loss.size(), curve.train_accuracy.size(), curve.validation_loss.size(),
      curve.validation_accuracy.size()});
}

/// The numbers of a network, a row an epoch.
void add_curve(csv_table& table, std::string const& configuration, study::training_curve const& curve) {
  auto const at = [](std::vector<double> const& values, std::size_t e) {
    return e < values.size() ? values[e] : study::missing;
  };
  for (std::size_t e = 0; e < epochs_of(curve); ++e)
    table.add(configuration, static_cast<double>(e + 1), at(curve.train_loss, e), at(curve.train_accuracy, e),
        at(curve.validation_loss, e), at(curve.validation_accuracy, e));
}

/// The commands that draw the two panels: what `plot` is followed by.
struct panels {
  std::string loss, accuracy;
};

panels plotted(std::vector<study::configuration_result const*> const& chosen, std::vector<series_style> const& styles,
    std::string const& name) {
  panels p;
  std::size_t row = 0;
  for (auto const* c : chosen) {
    auto const epochs = epochs_of(first_curve(*c)->curve);
    std::string const separator = row == 0 ? "" : ", ", source = csv_rows(name, row, epochs) + "using 2:";
    row += epochs;
    auto const series = std::ranges::find(styles, c->series, &series_style::name) - styles.begin();
    std::string const colour = " lc palette cb " + plain(c->nonzero_percent > 0 ? c->nonzero_percent : 100.0) +
                               (series > 1 ? message(" dt ", series) : "");
    std::string const thin = " with lines lw 0.8" + colour, thick = " with lines lw 2.2" + colour;
    std::string const title = " title " + gnuplot_quoted(c->name) + " noenhanced";
    p.loss += separator + source + "3" + thin + " notitle";
    p.accuracy += separator + source + "4" + thin;
    if (first_curve(*c)->curve.validation_accuracy.empty()) {  // none was held back: the thin line speaks for both
      p.accuracy += title;
      continue;
    }
    p.loss += ", " + source + "5" + thick + " notitle";
    p.accuracy += " notitle, " + source + "6" + thick + title;
  }
  return p;
}

}  // namespace

figure curves_figure(study::results const& study, std::string const& name) {
  figure f{name, "", "", ""};
  auto const chosen = select_of_series(study, 4, [](auto const& c) { return first_curve(c) != nullptr; });
  if (chosen.empty()) {
    f.why_not = "no network has been trained yet";
    return f;
  }
  csv_table table{
      "configuration", "epoch", "training_loss", "training_accuracy", "validation_loss", "validation_accuracy"};
  std::size_t longest = 0;
  for (auto const* c : chosen) {
    auto const& curve = first_curve(*c)->curve;
    longest = std::max(longest, epochs_of(curve));
    add_curve(table, c->name, curve);
  }
  f.data = table.text();
  auto const plots = plotted(chosen, series_styles(study), name);
  std::string const body = std::string(longest <= 12 ? "set xtics 1\n" : "") + palette(fewest_weights(study)) +
                           "unset colorbox\nset xlabel \"epoch\"\nset multiplot\n"
                           "set bmargin at screen 0.15\nset tmargin at screen 0.89\n" +
                           begin_panel(0, 2, 0.2) +
                           "set title \"cross-entropy (nats)\"\nset yrange [0:*]\nunset key\nplot " + plots.loss +
                           "\n" + begin_panel(1, 2, 0.2) +
                           "set title \"accuracy (%)\"\nset yrange [0:100]\n"
                           "set key at screen 0.99, screen 0.89 top right spacing 1.2 samplen 2\nplot " +
                           plots.accuracy + "\nunset multiplot\n";
  f.script = "# Training curves, drawn by: gnuplot " + name + ".gp\n" + draw_twice(name, 900, 380, body);
  return f;
}

}  // namespace papillon::report
