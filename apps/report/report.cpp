// SPDX-License-Identifier: MIT
#include <report/report.hpp>

#include <system_error>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/structure/draw.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>

#include <report/course_figure.hpp>
#include <report/curves_figure.hpp>
#include <report/density_figure.hpp>
#include <report/differences_figure.hpp>
#include <report/draw_figure.hpp>
#include <report/page.hpp>
#include <report/roc_figure.hpp>
#include <report/scores_figure.hpp>
#include <report/trade_off_figure.hpp>
#include <study/results_json.hpp>

namespace papillon::report {

namespace {

/// The supports of a small butterfly, which need no program to be drawn.
page_figure draw_supports(std::filesystem::path const& folder, std::function<void()> const& fence) {
  draw_options options;
  options.side = 150;
  auto const drawing = draw_svg(make_dyadic_butterfly(4), options);
  if (fence) fence();
  io::write_atomically(folder / "supports.svg", drawing);
  return {"supports", "Butterfly supports", inline_svg(drawing), "Files: <a href=\"figures/supports.svg\">SVG</a>.", "",
      ""};
}

}  // namespace

written_report write_report(study::results const& study, std::filesystem::path const& folder,
    drawing_program const& gnuplot, std::function<void()> const& fence) {
  auto const figures_folder = folder / "figures";
  std::error_code status;
  std::filesystem::create_directories(figures_folder, status);
  if (status)
    throw error(errc::failed, message("cannot make ", figures_folder.string(), " (", status.message(),
                                  ") choose a place that can be written"));

  written_report written{folder / "index.html", {}};
  if (fence) fence();
  io::write_atomically(folder / "results.json", study::results_text(study));
  std::vector<page_figure> figures;
  auto const add = [&](figure const& f, std::string title) {
    figures.push_back(draw_figure(f, std::move(title), figures_folder, gnuplot, written.problems, fence));
  };
  add(differences_figure(study, "differences"), "Differences to the dense network");
  add(strongest_trade_off_figure(study, "trade_off_strongest"), "Accuracy against defence, strongest attack");
  add(roc_of_configurations(study, "roc"), "ROC curves of configurations");
  add(roc_of_attacks(study, "roc_attacks"), "ROC curves of attacks");
  add(density_figure(study, "density"), "Attacks by density");
  add(scores_figure(study, "scores"), "Scores of members and others");
  add(papers_trade_off_figure(study, "trade_off"), "Accuracy against defence, the paper's attack");
  add(course_figure(study, "course"), "Accuracy against defence on the way");
  add(curves_figure(study, "curves"), "Training curves");
  figures.push_back(draw_supports(figures_folder, fence));
  if (fence) fence();
  io::write_atomically(written.index, page(study, figures, written.problems));
  return written;
}

}  // namespace papillon::report
