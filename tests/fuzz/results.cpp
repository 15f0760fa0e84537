// SPDX-License-Identifier: MIT
// The results of a study, and the page and figures that are made of them.
#include <report/curves_figure.hpp>
#include <report/density_figure.hpp>
#include <report/differences_figure.hpp>
#include <report/page.hpp>
#include <report/roc_figure.hpp>
#include <report/scores_figure.hpp>
#include <report/trade_off_figure.hpp>
#include <study/results_json.hpp>

#include "apps/study/synthetic_study.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

void run(std::string_view input) {
  study::results read;
  if (!fuzz::accepted([&] { read = study::parse_results(input); })) return;
  auto const text = study::results_text(read);
  fuzz::require(study::results_text(study::parse_results(text)) == text, "results changed");
  // Numbers that cannot be, such as more found than there are, may be refused here too.
  fuzz::accepted([&] {
    auto const html = report::page(read, {});
    fuzz::require(html.find("</html>") != std::string::npos, "the page has no end");
  });
  for (auto const draw : {report::differences_figure, report::strongest_trade_off_figure, report::roc_of_configurations,
           report::roc_of_attacks, report::density_figure, report::scores_figure, report::papers_trade_off_figure,
           report::curves_figure})
    fuzz::accepted([&] {
      auto const f = draw(read, "figure");
      fuzz::require(!f.why_not.empty() || !f.script.empty(), "a figure is neither drawn nor left out");
    });
}

std::vector<std::string> seeds() {
  auto small = test::synthetic_study(1);
  small.configurations.resize(2);
  study::summarise(small);
  return {study::results_text(test::synthetic_study(1)), study::results_text(small),
      R"({"format": "papillon study results", "version": 2, "configurations": [{"name": "dense"}]})",
      R"({"format": "papillon study results", "version": 1, "scale": {"trained_images": 10, "part_images": 20},
 "configurations": [{"name": "dense", "family": "dense", "round": 0, "seeds": [{"seed": 1,
 "target": {"epochs": 3, "train_accuracy": 90, "test_accuracy": 80}, "shadow": {"epochs": 3, "train_accuracy": 91,
 "test_accuracy": 81}, "strict": {"loss": {"target": {"accuracy": 60, "auc": 0.6, "true_positive_rate": 0.1}},
 "discriminators": [{"name": "lr", "holdout_accuracy": 60, "target": {"accuracy": 61}}]}}]},
 {"name": "x", "family": "butterfly", "segments": 1, "factors": 2, "seeds": []}]})"};
}

fuzz::registration const registered({"results", run, seeds});

}  // namespace
