// SPDX-License-Identifier: MIT
/// \file tables.hpp
/// The tables of the report as HTML: configurations under one reading of "member", the paper beside this study, every
/// experiment of a configuration with all its attacks. Numbers come from results.json by their place in it, see
/// html.hpp.
#pragma once

#include <cstddef>
#include <string>

#include <papillon/report/html.hpp>
#include <papillon/study/results.hpp>

namespace papillon::report {

namespace detail {

inline char const* class_of(study::family family) {
  return family == study::family::imp ? "imp" : family == study::family::butterfly ? "butterfly" : "dense";
}

inline std::string significance_text(study::significance s) {
  switch (s) {
    case study::significance::yes: return "<span class=\"yes\">yes</span>";
    case study::significance::no: return "no";
    default: return shown::dash;
  }
}

inline std::string cell(std::string const& content, char const* attribute = "") {
  return std::string("<td").append(attribute).append(">").append(content).append("</td>");
}

}  // namespace detail

/// One row a configuration. \param reading  "all" or "strict"
[[nodiscard]] inline std::string configurations_table(study::results const& study, shown const& show,
                                                      std::string const& reading) {
  auto const member = reading == "all" ? &study::configuration_summary::all : &study::configuration_summary::strict;
  std::string out =
      "<div class=\"scroll\"><table class=\"configurations\">\n<thead><tr><th>configuration</th><th>nonzero weights, "
      "%</th>"
      "<th>test accuracy, %</th><th>against dense</th><th>signifi\u00adcant</th><th>attack accuracy A, %</th>"
      "<th>defence D, %</th><th>against dense</th><th>signifi\u00adcant</th><th>ratio</th>"
      "<th class=\"text\">discriminator, chosen on held-out shadow data</th><th>its hold-out accuracy, %</th>"
      "<th>loss threshold, A %</th><th class=\"oracle\">oracle: worst D of all</th></tr></thead>\n<tbody>\n";
  using detail::cell;
  for (std::size_t i = 0; i < study.configurations.size(); ++i) {
    auto const& c = study.configurations[i];
    std::string const at = "/configurations/" + std::to_string(i);
    std::string const s = at + "/summary", r = s + "/" + reading;
    bool const dense = c.family == study::family::dense;
    auto const against = [&](std::string const& content) { return cell(dense ? "" : content); };
    out += "<tr><td class=\"" + std::string(detail::class_of(c.family)) + "\">" + show.text(at + "/name") + "</td>";
    out += cell(show.number(at + "/nonzero_percent", c.nonzero_percent < 1 ? 2 : 1)) +
           cell(show.spread(s + "/accuracy", 1));
    out += against(show.change(s + "/accuracy_change", 1)) +
           against(detail::significance_text(c.summary.accuracy_differs));
    out += cell(show.spread(r + "/attack_accuracy", 1)) + cell(show.spread(r + "/defence", 1));
    out += against(show.change(r + "/defence_change", 1)) +
           against(detail::significance_text((c.summary.*member).defence_differs));
    out += against(show.number(r + "/ratio", 2)) + cell(show.text(r + "/reported_name"), " class=\"text\"");
    out += cell(show.spread(r + "/holdout_accuracy", 1)) + cell(show.spread(r + "/loss_attack_accuracy", 1));
    out += cell(show.spread(r + "/oracle_defence", 1), " class=\"oracle\"") + "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

/// The paper's numbers beside this study's. \param dense  place of the dense configuration in the list; -1: none
[[nodiscard]] inline std::string paper_table(study::results const& study, shown const& show, int dense,
                                             std::string const& reading) {
  using detail::cell;
  std::string const at = "/configurations/" + std::to_string(dense) + "/summary";
  auto const ours = [&](std::string const& pointer, int decimals) {
    return dense < 0 ? std::string(shown::dash) : show.spread(pointer, decimals);
  };
  auto const row = [](std::string const& what, std::string const& paper, std::string const& here) {
    return "<tr>" + cell(what) + cell(paper) + cell(here) + "</tr>\n";
  };
  std::string out =
      "<table class=\"paper\">\n<thead><tr><th>quantity</th><th>paper, at its scale</th><th>this "
      "study</th></tr></thead>\n<tbody>\n";
  out +=
      row("test accuracy of the dense network, %", show.number("/paper/dense_accuracy", 1), ours(at + "/accuracy", 1));
  out += row("defence of the dense network, %", "about " + show.number("/paper/dense_defence", 0),
             ours(at + "/" + reading + "/defence", 1));
  out += row("slope of the line through dense, points of defence a point of accuracy", show.number("/paper/slope", 2),
             show.number(reading == "all" ? "/trade_off/slope" : "/trade_off/strict_slope", 2));
  bool first = true;
  for (std::size_t i = 0; i < study.configurations.size(); ++i) {
    auto const& c = study.configurations[i];
    // The paper rounds its percentages to one decimal.
    if (c.family != study::family::imp || !(c.nonzero_percent >= study.paper.ratio_from_percent - 0.05 &&
                                            c.nonzero_percent <= study.paper.ratio_to_percent + 0.05))
      continue;
    std::string const here = "/configurations/" + std::to_string(i);
    out += row("ratio at " + show.number(here + "/nonzero_percent", 1) + " % nonzero weights (" +
                   show.text(here + "/name") + ")",
               first ? show.number("/paper/ratio", 1) + " <small>from " + show.number("/paper/ratio_from_percent", 1) +
                           " to " + show.number("/paper/ratio_to_percent", 1) + " %</small>"
                     : "\u2033",
               show.number(here + "/summary/" + reading + "/ratio", 2));
    first = false;
  }
  if (first)
    out += row("ratio between " + show.number("/paper/ratio_from_percent", 1) + " and " +
                   show.number("/paper/ratio_to_percent", 1) + " % nonzero weights",
               show.number("/paper/ratio", 1), "<span class=\"quiet\">no such IMP round</span>");
  return out + "</tbody></table>\n";
}

/// All experiments of the configuration at place i: both networks and, folded away, every attack under both readings.
[[nodiscard]] inline std::string experiments(study::results const& study, shown const& show, std::size_t i) {
  using detail::cell;
  auto const& c = study.configurations[i];
  std::string const at = "/configurations/" + std::to_string(i);
  std::string out = "<details><summary><span class=\"" + std::string(detail::class_of(c.family)) + "\">" +
                    show.text(at + "/name") + "</span> <small>" + show.number(at + "/nonzeros", 0) +
                    " nonzero weights</small></summary>\n";
  out +=
      "<div class=\"scroll\"><table><thead><tr><th>network</th><th>seed</th><th>test accuracy, %</th><th>validation "
      "accuracy, %</th>"
      "<th>accuracy on trained images, %</th><th>loss on trained images</th><th>loss on test images</th><th>best "
      "epoch</th><th>epochs</th>"
      "<th>seconds</th></tr></thead>\n<tbody>\n";
  for (std::size_t k = 0; k < c.seeds.size(); ++k) {
    std::string const seed = at + "/seeds/" + std::to_string(k);
    for (char const* role : {"target", "shadow"}) {
      std::string const n = seed + "/" + role;
      out += "<tr>" + cell(role) + cell(show.number(seed + "/seed", 0)) + cell(show.number(n + "/test_accuracy", 2)) +
             cell(show.number(n + "/validation_accuracy", 2)) + cell(show.number(n + "/train_accuracy", 2)) +
             cell(show.number(n + "/train_loss", 3)) + cell(show.number(n + "/test_loss", 3)) +
             cell(show.number(n + "/best_epoch", 0)) + cell(show.number(n + "/epochs", 0)) +
             cell(show.number(n + "/seconds", 0)) + "</tr>\n";
    }
  }
  out += "</tbody></table></div>\n";
  for (char const* reading : {"all", "strict"}) {
    std::string rows;
    auto const attack = [&](std::string const& name, std::string const& seed, std::string const& target,
                            std::string const& holdout, std::string const& oracle) {
      rows += "<tr>" + cell(name) + cell(show.number(seed + "/seed", 0)) + cell(holdout) +
              cell(show.number(target + "/accuracy", 2)) + cell(show.number(target + "/balanced_accuracy", 2)) +
              cell(show.number(target + "/auc", 3)) + cell(show.number(target + "/true_positive_rate", 2)) +
              cell(oracle, " class=\"oracle\"") + "</tr>\n";
    };
    for (std::size_t k = 0; k < c.seeds.size(); ++k) {
      std::string const seed = at + "/seeds/" + std::to_string(k), r = seed + "/" + reading;
      auto const& measured = std::string(reading) == "all" ? c.seeds[k].all : c.seeds[k].strict;
      for (std::size_t d = 0; d < measured.discriminators.size(); ++d) {
        std::string const p = r + "/discriminators/" + std::to_string(d);
        attack(show.text(p + "/name"), seed, p + "/target", show.number(p + "/holdout_accuracy", 2), "");
      }
      attack("loss threshold", seed, r + "/loss_threshold/target", "",
             show.number(r + "/loss_threshold/oracle_accuracy", 2));
      attack("confidence threshold", seed, r + "/confidence_threshold/target", "",
             show.number(r + "/confidence_threshold/oracle_accuracy", 2));
    }
    out += std::string("<details><summary>every attack, ") +
           (std::string(reading) == "all" ? "all of D<sub>train</sub> as members" : "trained images only as members") +
           "</summary><div class=\"scroll\"><table><thead><tr><th>attack</th><th>seed</th><th>hold-out accuracy on the "
           "shadow, %</th>"
           "<th>accuracy on the target, %</th><th>balanced, %</th><th>AUC</th><th>members found at 1 % false alarms, "
           "%</th>"
           "<th class=\"oracle\">oracle: best threshold on the target, %</th></tr></thead>\n<tbody>\n" +
           rows + "</tbody></table></div></details>\n";
  }
  return out + "</details>\n";
}

}  // namespace papillon::report
