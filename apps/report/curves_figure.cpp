// SPDX-License-Identifier: MIT
#include <report/curves_figure.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

#include <report/gnuplot.hpp>

#include <papillon/error.hpp>

namespace papillon::report {

namespace {

/// The first seed's target that has a curve; null if none has.
study::network_result const* first_curve(study::configuration_result const& c) {
  for (auto const& s : c.seeds)
    if (!s.target.curve.train_loss.empty() || !s.target.curve.validation_accuracy.empty()) return &s.target;
  return nullptr;
}

/// At most `count` of the indices, evenly from the list, the last one included.
std::vector<std::size_t> evenly(std::vector<std::size_t> const& indices, std::size_t count) {
  if (indices.size() <= count) return indices;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 1; i <= count; ++i) chosen.push_back(indices[i * indices.size() / count - 1]);
  return chosen;
}

/// Configurations with a curve: dense, at most four rounds of IMP and six butterflies.
std::vector<study::configuration_result const*> chosen_configurations(study::results const& study) {
  std::vector<std::size_t> dense, rounds, butterflies;
  for (std::size_t i = 0; i < study.configurations.size(); ++i) {
    auto const& c = study.configurations[i];
    if (first_curve(c))
      (c.family == study::family::dense ? dense : c.family == study::family::imp ? rounds : butterflies).push_back(i);
  }
  std::vector<study::configuration_result const*> chosen;
  for (auto const& group : {dense, evenly(rounds, 4), evenly(butterflies, 6)})
    for (auto const i : group) chosen.push_back(&study.configurations[i]);
  return chosen;
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

/// The numbers of a network, a line an epoch.
std::string curve_rows(study::training_curve const& curve) {
  auto const at = [](std::vector<double> const& values, std::size_t e) {
    return plain(e < values.size() ? values[e] : study::missing);
  };
  std::string rows;
  for (std::size_t e = 0; e < epochs_of(curve); ++e)
    rows += std::to_string(e + 1) + " " + at(curve.train_loss, e) + " " + at(curve.train_accuracy, e) + " " +
            at(curve.validation_loss, e) + " " + at(curve.validation_accuracy, e) + "\n";
  return rows;
}

/// The commands that draw the two panels: what `plot` is followed by.
struct panels {
  std::string loss, accuracy;
};

panels plotted(std::vector<study::configuration_result const*> const& chosen, std::string const& name) {
  panels p;
  for (std::size_t block = 0; block < chosen.size(); ++block) {
    auto const& c = *chosen[block];
    std::string const separator = block == 0 ? "" : ", ";
    std::string const source = message("\"", name, ".dat\" index ", block, " using 1:");
    std::string const colour = " lc palette cb " + plain(c.nonzero_percent > 0 ? c.nonzero_percent : 100.0) +
                               (c.family == study::family::butterfly ? " dt 2" : "");
    std::string const thin = " with lines lw 0.8" + colour, thick = " with lines lw 2.2" + colour;
    std::string const title = " title " + gnuplot_quoted(c.name) + " noenhanced";
    p.loss += separator + source + "2" + thin + " notitle";
    p.accuracy += separator + source + "3" + thin;
    if (first_curve(c)->curve.validation_accuracy.empty()) {  // none was held back: the thin line speaks for both
      p.accuracy += title;
      continue;
    }
    p.loss += ", " + source + "4" + thick + " notitle";
    p.accuracy += " notitle, " + source + "5" + thick + title;
  }
  return p;
}

}  // namespace

figure curves_figure(study::results const& study, std::string const& name) {
  figure f{name, "", "", ""};
  auto const chosen = chosen_configurations(study);
  if (chosen.empty()) {
    f.why_not = "no network has been trained yet";
    return f;
  }
  f.data = "# epoch, training loss, training accuracy, validation loss, validation accuracy; a block a network\n";
  std::size_t longest = 0;
  for (auto const* c : chosen) {
    auto const& curve = first_curve(*c)->curve;
    longest = std::max(longest, epochs_of(curve));
    f.data += (c == chosen.front() ? "# " : "\n\n# ") + c->name + "\n" + curve_rows(curve);
  }
  auto const plots = plotted(chosen, name);
  std::string const body =
      std::string(longest <= 12 ? "set xtics 1\n" : "") + "set datafile missing \"?\"\nset encoding utf8\n" +
      palette(fewest_weights(study)) +
      "unset colorbox\nset border 3 lc rgb \"#555555\"\nset tics nomirror textcolor rgb \"#333333\"\n"
      "set grid lc rgb \"#e6e6e6\" lw 0.6\nset xlabel \"epoch\"\n"
      "set multiplot\n"
      "set bmargin at screen 0.15\nset tmargin at screen 0.89\n"
      "set lmargin at screen 0.065\nset rmargin at screen 0.385\n"
      "set title \"cross-entropy (nats)\"\nset yrange [0:*]\nunset key\nplot " +
      plots.loss +
      "\n"
      "set lmargin at screen 0.455\nset rmargin at screen 0.775\n"
      "set title \"accuracy (%)\"\nset yrange [0:100]\n"
      "set key at screen 0.99, screen 0.89 top right spacing 1.2 samplen 2\nplot " +
      plots.accuracy + "\nunset multiplot\n";
  f.script = "# Training curves, drawn by: gnuplot " + name + ".gp\n" + draw_twice(name, 900, 380, body);
  return f;
}

}  // namespace papillon::report
