// SPDX-License-Identifier: MIT
#include <report/report.hpp>

#include <system_error>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/structure/draw.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>

#include <report/curves_figure.hpp>
#include <report/draw_figure.hpp>
#include <report/page.hpp>
#include <report/trade_off_figure.hpp>
#include <study/results_json.hpp>

namespace papillon::report {

written_report write_report(
    study::results const& study, std::filesystem::path const& folder, std::string const& gnuplot) {
  auto const figures_folder = folder / "figures";
  std::error_code status;
  std::filesystem::create_directories(figures_folder, status);
  if (status)
    throw error(errc::failed, message("cannot make ", figures_folder.string(), " (", status.message(),
                                  ") choose a place that can be written"));

  written_report written{folder / "index.html", {}};
  auto const document = study::to_json(study);
  io::write_atomically(folder / "results.json", study::results_text(study));

  bool const strict = study.scale.members == "trained";
  auto const reading = strict ? &study::configuration_summary::strict : &study::configuration_summary::all;
  std::vector<page_figure> figures;
  figures.push_back(draw_figure(
      trade_off_figure(study, reading, "figure1", strict ? study.trade_off.strict_slope : study.trade_off.slope),
      figures_folder, gnuplot, "Accuracy against defence",
      "Figure 1. A network a symbol: mean over the seeds, bars of one standard deviation. Stars with blue "
      "percentages are IMP, dots with red ones "
      "butterflies; colour and percentage tell how many weights are not zero. Up and to the right is better.",
      written.problems));
  figures.push_back(draw_figure(curves_figure(study, "curves"), figures_folder, gnuplot, "Training",
      "Target networks of the first seed that has been run, thin: on the augmented training images, "
      "thick: on the validation images. Butterflies "
      "dashed. Of many rounds of IMP, four are shown.",
      written.problems));
  draw_options options;
  options.side = 150;
  auto const supports = draw_svg(make_dyadic_butterfly(4), options);
  io::write_atomically(figures_folder / "figure3.svg", supports);
  figures.push_back({"Butterfly supports",
      "Figure 3. Supports of the factors of a butterfly of size 16, and of their product: four factors "
      "of at most two nonzeros a row "
      "make a full matrix.",
      inline_svg(supports), "", "Files: <a href=\"figures/figure3.svg\">SVG</a>."});
  io::write_atomically(written.index, page(document, figures, written.problems));
  return written;
}

}  // namespace papillon::report
