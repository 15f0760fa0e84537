// SPDX-License-Identifier: MIT
/// \file page.hpp
/// The report as one HTML page that stands alone: main finding, figures, tables, scale, how to read it.
/// It says what is missing (seeds, configurations, figures) instead of leaving it out.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <papillon/config.hpp>
#include <papillon/report/html.hpp>
#include <papillon/report/style.hpp>
#include <papillon/report/tables.hpp>
#include <papillon/study/results.hpp>

namespace papillon::report {

/// A figure on the page.
struct page_figure {
  std::string title, caption;  ///< plain HTML, written by this library
  std::string svg;             ///< inline; empty: not drawn
  std::string why_not;         ///< shown instead, escaped
  std::string files;           ///< links to the figure's files; may be empty
};

namespace detail {

/// Places of the configurations that the opening sentences speak about; -1: none.
struct highlights {
  int dense = -1;
  int best = -1;  ///< sparse, of the highest mean defence
};

inline highlights find_highlights(study::results const& study,
                                  study::reading_summary study::configuration_summary::*reading) {
  highlights h;
  for (std::size_t i = 0; i < study.configurations.size(); ++i) {
    auto const& c = study.configurations[i];
    if (c.family == study::family::dense) {
      if (h.dense < 0) h.dense = static_cast<int>(i);
      continue;
    }
    double const d = (c.summary.*reading).defence.mean;
    if (std::isnan(d) || std::isnan(c.summary.accuracy.mean)) continue;
    if (h.best < 0 || d > (study.configurations[static_cast<std::size_t>(h.best)].summary.*reading).defence.mean)
      h.best = static_cast<int>(i);
  }
  return h;
}

inline std::string fact(std::string const& number, std::string const& what) {
  return "<div class=\"fact\"><b>" + number + "</b><span class=\"what\">" + what + "</span></div>";
}

/// Title, the finding in words and the four numbers to remember.
inline std::string opening(study::results const& study, shown const& show, highlights const& h,
                           std::string const& reading) {
  auto const member = reading == "all" ? &study::configuration_summary::all : &study::configuration_summary::strict;
  std::string out =
      "<header>\n<h1>Does sparsity protect the training data?</h1>\n<p class=\"quiet\">Membership inference against "
      "dense and "
      "sparse networks \u00b7 preset " +
      show.text("/scale/preset") + " \u00b7 " + show.text("/scale/data") + " \u00b7 " +
      show.text("/scale/architecture") + "</p>\n";
  std::string const dense = "/configurations/" + std::to_string(h.dense) + "/summary";
  double const above = h.dense < 0 ? study::missing : show.value(dense + "/" + reading + "/above_guessing");
  if (std::isnan(above)) {
    out +=
        "<p class=\"lead\">The dense network has not been attacked yet, so there is nothing to compare "
        "with.</p>\n</header>\n";
    return out;
  }
  out +=
      "<p class=\"lead\">An attacker who sees only the dense network\u2019s outputs tells its training images from "
      "unseen ones with "
      "<b>" +
      show.number(dense + "/" + reading + "/attack_accuracy/mean", 1) + " %</b> accuracy, <b>" +
      (above < 0 ? show.change(dense + "/" + reading + "/above_guessing", 1)
                 : show.number(dense + "/" + reading + "/above_guessing", 1)) +
      (above < 0 ? " points</b> from guessing (defence " : " points</b> above guessing (defence ") +
      show.number(dense + "/" + reading + "/defence/mean", 1) + " %). ";
  // Guessing on n images has the standard deviation 50 / sqrt(n) points; seeds share the images, so they do not count.
  double const images = 2.0 * (reading == "all" ? study.scale.part_images : study.scale.trained_images);
  if (images > 0 && above < 2 * 50.0 / std::sqrt(images))
    out +=
        "That is within two standard deviations of guessing on so few images: here differences between networks mean "
        "little. ";
  if (h.best >= 0 &&
      !(show.value("/configurations/" + std::to_string(h.best) + "/summary/" + reading + "/defence_change") > 0)) {
    out += "No sparse network keeps more to itself. ";
  } else if (h.best >= 0) {
    auto const& c = study.configurations[static_cast<std::size_t>(h.best)];
    std::string const at = "/configurations/" + std::to_string(h.best), r = at + "/summary/" + reading;
    out += "The sparse network that keeps the most to itself is <span class=\"" + std::string(class_of(c.family)) +
           "\">" + show.text(at + "/name") + "</span>: with " +
           show.number(at + "/nonzero_percent", c.nonzero_percent < 1 ? 2 : 1) + " % of the weights its defence is " +
           show.number(r + "/defence/mean", 1) + " % (" + show.change(r + "/defence_change", 1) + " points) at " +
           show.number(at + "/summary/accuracy/mean", 1) + " % test accuracy (" +
           show.change(at + "/summary/accuracy_change", 1) + " points)";
    switch ((c.summary.*member).defence_differs) {
      case study::significance::yes: out += "; the difference in defence is significant. "; break;
      case study::significance::no: out += "; the difference in defence is not significant. "; break;
      default: out += ". ";
    }
  }
  out += "</p>\n<div class=\"facts\">" +
         fact(show.spread(dense + "/" + reading + "/attack_accuracy", 1) + " %",
              "attack accuracy on the dense network; 50 % is guessing") +
         fact(show.spread(dense + "/" + reading + "/defence", 1) + " %", "its defence, D = 200 \u2212 2 A") +
         fact(show.spread(dense + "/accuracy", 1) + " %", "its test accuracy") +
         fact(show.number(reading == "all" ? "/trade_off/slope" : "/trade_off/strict_slope", 2),
              "points of defence a point of accuracy, along the line through dense") +
         "</div>\n</header>\n";
  return out;
}

/// What a reader must know before trusting a number.
inline std::string warnings(study::results const& study, std::vector<std::string> const& problems) {
  std::string out;
  auto const note = [&](std::string const& text) { out += "<p class=\"note\">" + text + "</p>\n"; };
  if (study.scale.trainings_done < study.scale.trainings)
    note("This study is not finished; what follows covers what there is, and its numbers will change.");
  if (study.scale.seeds.size() == 1)
    note("One seed: there is no standard deviation, and whether a difference is significant cannot be told.");
  for (auto const& problem : problems) note(escape(problem));
  return out;
}

inline std::string scale_list(study::results const& study, shown const& show) {
  std::string seeds;
  for (std::size_t i = 0; i < study.scale.seeds.size(); ++i)
    seeds += (i == 0 ? "" : ", ") + show.number("/scale/seeds/" + std::to_string(i), 0);
  auto const item = [](std::string const& name, std::string const& content) {
    return "<dt>" + name + "</dt><dd>" + content + "</dd>\n";
  };
  std::string out = "<dl>\n" + item("preset", show.text("/scale/preset")) + item("images", show.text("/scale/data")) +
                    item("network", show.text("/scale/architecture"));
  out += item("images a part",
              show.number("/scale/part_images", 0) +
                  " in each of D<sub>train</sub> and D<sub>test</sub> of target and shadow; of D<sub>train</sub> " +
                  show.number("/scale/trained_images", 0) + " are trained on and " +
                  show.number("/scale/validation_images", 0) + " choose the epoch");
  out += item("epochs", show.number("/scale/epochs", 0)) + item("seeds", seeds.empty() ? shown::dash : seeds);
  out += item("trainings", show.number("/scale/trainings_done", 0) + " done of " + show.number("/scale/trainings", 0) +
                               ", for " + show.number("/scale/configurations", 0) + " configurations");
  for (auto const& [name, text] : study.provenance) out += item(escape(name), escape(text));
  return out + "</dl>\n";
}

inline constexpr char const* how_to_read = R"html(<ul>
<li><b>Attack.</b> A second network, the shadow, is trained like the target on images of its own. A discriminator learns on the shadow to tell
members from non-members by 30 numbers an image: the ten probabilities, how much each moves under tiny noise, and the class. It is then applied
to the target. Its accuracy there is A.</li>
<li><b>Defence</b> D = 200 − 2 A: 100 where the attack can only guess, 0 where it is always right.</li>
<li><b>Which discriminator.</b> Nine are trained. The one reported is the best on held-out images of the <em>shadow</em>, averaged over the
seeds; an attacker could choose it. The <span class="oracle">oracle</span> columns take whatever is best on the target itself, which no attacker
can know: they are a worst case, not a result.</li>
<li><b>Members.</b> The paper's letter counts all of D<sub>train</sub>, validation images included, against all of D<sub>test</sub>; the strict reading
counts only images that were trained on, against as many drawn from D<sub>test</sub>.</li>
<li><b>± and significance.</b> Mean and sample standard deviation over the seeds. A difference from dense is significant if the intervals
mean ± deviation are disjoint.</li>
<li><b>Ratio</b> (|D − D₀| / D₀) · (a₀ / |a − a₀|): the relative change of defence for a relative change of accuracy, against dense (index 0).</li>
<li><b>Loss threshold.</b> The simplest attack: member where the loss is low, the threshold taken from the shadow. A discriminator that does worse
has learned little.</li>
</ul>
)html";

}  // namespace detail

/// The page. `document` is the results.json that belongs to `study`; `problems` are shown on top, escaped.
[[nodiscard]] inline std::string page(study::results const& study, nlohmann::ordered_json const& document,
                                      std::vector<page_figure> const& figures,
                                      std::vector<std::string> const& problems = {}) {
  shown const show(document);
  bool const strict_first = study.scale.members == "trained";
  std::string const headline = strict_first ? "strict" : "all", other = strict_first ? "all" : "strict";
  auto const h = detail::find_highlights(
      study, strict_first ? &study::configuration_summary::strict : &study::configuration_summary::all);
  std::string const reading_title[] = {"all of D<sub>train</sub> as members", "trained images only as members"};

  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>Sparsity and membership "
      "inference: " +
      escape(study.scale.preset) + "</title>\n<style>" + style_sheet + "</style>\n</head>\n<body>\n<main>\n";
  out += detail::opening(study, show, h, headline) + detail::warnings(study, problems);
  for (auto const& f : figures) {
    out += "<h2>" + f.title + "</h2>\n<figure>\n";
    out += f.svg.empty() ? "<p class=\"note\">Not drawn: " + escape(f.why_not) + "</p>\n" : f.svg;
    out += "<figcaption>" + f.caption + (f.files.empty() ? "" : " " + f.files) + "</figcaption>\n</figure>\n";
  }
  out += "<h2>Configurations</h2>\n<p class=\"quiet\">Means over the seeds, members: " + reading_title[strict_first] +
         ".</p>\n" + configurations_table(study, show, headline);
  out +=
      "<h3>The other reading: " + reading_title[!strict_first] + "</h3>\n" + configurations_table(study, show, other);
  out +=
      "<h2>Beside the paper</h2>\n<p class=\"quiet\">The paper\u2019s column is ResNet-20 on CIFAR-10 with 15,000 "
      "images a part, 300 epochs, three "
      "experiments; numbers compare only as far as the scales do.</p>\n" +
      paper_table(study, show, h.dense, headline);
  out += "<h2>How to read it</h2>\n" + std::string(detail::how_to_read);
  out += "<h2>What was run</h2>\n" + detail::scale_list(study, show);
  out += "<h2>Every experiment</h2>\n";
  for (std::size_t i = 0; i < study.configurations.size(); ++i) out += experiments(study, show, i);
  out +=
      "<p class=\"quiet\">Every number on this page is in <a href=\"results.json\">results.json</a>, in full "
      "precision. Written by papillon " +
      std::string(PAPILLON_VERSION) + ".</p>\n</main>\n</body>\n</html>\n";
  return out;
}

}  // namespace papillon::report
