// SPDX-License-Identifier: MIT
/// \file curves_figure.hpp
/// Training curves: loss and accuracy by epoch, on the training images (thin) and on the validation images (thick), of
/// one target network for each of the configurations that tell the study apart: dense, a few rounds of IMP, the
/// butterflies.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <papillon/report/figure.hpp>
#include <papillon/report/gnuplot.hpp>
#include <papillon/study/results.hpp>

namespace papillon::report {

namespace detail {

/// The first seed's target that has a curve; null if none has.
inline study::network_result const* first_curve(study::configuration_result const& c) {
  for (auto const& s : c.seeds)
    if (!s.target.curve.train_loss.empty() || !s.target.curve.validation_accuracy.empty()) return &s.target;
  return nullptr;
}

/// At most `count` of the indices, evenly from the list, the last one included.
inline std::vector<std::size_t> evenly(std::vector<std::size_t> const& indices, std::size_t count) {
  if (indices.size() <= count) return indices;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 1; i <= count; ++i) chosen.push_back(indices[i * indices.size() / count - 1]);
  return chosen;
}

}  // namespace detail

[[nodiscard]] inline figure curves_figure(study::results const& study, std::string const& name) {
  figure f{name, "", "", ""};
  std::vector<std::size_t> chosen, rounds, butterflies;
  double fewest = 50;
  for (std::size_t i = 0; i < study.configurations.size(); ++i) {
    auto const& c = study.configurations[i];
    if (!detail::first_curve(c)) continue;
    if (c.nonzero_percent > 0) fewest = std::min(fewest, c.nonzero_percent);
    (c.family == study::family::dense ? chosen : c.family == study::family::imp ? rounds : butterflies).push_back(i);
  }
  for (std::size_t i : detail::evenly(rounds, 4)) chosen.push_back(i);
  for (std::size_t i : detail::evenly(butterflies, 6)) chosen.push_back(i);
  if (chosen.empty()) {
    f.why_not = "no network has been trained yet";
    return f;
  }

  using detail::plain;
  f.data = "# epoch, training loss, training accuracy, validation loss, validation accuracy; a block a network\n";
  std::string loss, accuracy;
  std::size_t longest = 0;
  for (std::size_t block = 0; block < chosen.size(); ++block) {
    auto const& c = study.configurations[chosen[block]];
    auto const& curve = detail::first_curve(c)->curve;
    auto const at = [](std::vector<double> const& values, std::size_t e) {
      return plain(e < values.size() ? values[e] : study::missing);
    };
    std::size_t const epochs = std::max({curve.train_loss.size(), curve.train_accuracy.size(),
                                         curve.validation_loss.size(), curve.validation_accuracy.size()});
    longest = std::max(longest, epochs);
    f.data += (block == 0 ? "# " : "\n\n# ") + c.name + "\n";
    for (std::size_t e = 0; e < epochs; ++e)
      f.data += std::to_string(e + 1) + " " + at(curve.train_loss, e) + " " + at(curve.train_accuracy, e) + " " +
                at(curve.validation_loss, e) + " " + at(curve.validation_accuracy, e) + "\n";
    double const percent = c.nonzero_percent > 0 ? c.nonzero_percent : 100.0;
    std::string const source = "\"" + name + ".dat\" index " + std::to_string(block) + " using 1:";
    std::string const colour =
        " lc palette cb " + plain(percent) + (c.family == study::family::butterfly ? " dt 2" : "");
    loss +=
        source + "2 with lines lw 0.8" + colour + " notitle, " + source + "4 with lines lw 2.2" + colour + " notitle, ";
    accuracy += source + "3 with lines lw 0.8" + colour + " notitle, " + source + "5 with lines lw 2.2" + colour +
                " title " + gnuplot_quoted(c.name) + " noenhanced, ";
  }
  loss.resize(loss.size() - 2);
  accuracy.resize(accuracy.size() - 2);
  std::string const body =
      std::string(longest <= 12 ? "set xtics 1\n" : "") + "set datafile missing \"?\"\nset encoding utf8\n" +
      detail::palette(fewest) +
      "unset colorbox\nset border 3 lc rgb \"#555555\"\nset tics nomirror textcolor rgb \"#333333\"\n"
      "set grid lc rgb \"#e6e6e6\" lw 0.6\nset xlabel \"epoch\"\n"
      "set multiplot\n"
      "set bmargin at screen 0.15\nset tmargin at screen 0.89\n"
      "set lmargin at screen 0.065\nset rmargin at screen 0.385\n"
      "set title \"cross-entropy (nats)\"\nset yrange [0:*]\nunset key\nplot " +
      loss +
      "\n"
      "set lmargin at screen 0.455\nset rmargin at screen 0.775\n"
      "set title \"accuracy (%)\"\nset yrange [0:100]\nset key at screen 0.99, screen 0.89 top right spacing 1.2 "
      "samplen 2\nplot " +
      accuracy + "\nunset multiplot\n";
  f.script = "# Training curves, drawn by: gnuplot " + name + ".gp\n" + detail::draw_twice(name, 900, 380, body);
  return f;
}

}  // namespace papillon::report
