// SPDX-License-Identifier: MIT
#include <audit/audit_report.hpp>

#include <algorithm>
#include <cstddef>

#include <kainjow/mustache.hpp>
#include <xtensor/xadapt.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/npy.hpp>

#include <audit/audit_json.hpp>
#include <audit/roc_figure.hpp>
#include <report/draw_figure.hpp>
#include <report/html.hpp>
#include <report/template.hpp>
#include <report/view.hpp>
#include <study/directories.hpp>

namespace papillon::audit {

namespace {

using json = nlohmann::ordered_json;
using report::view;

std::string page(json const& document, report::page_figure const& curves, std::vector<std::string> const& problems) {
  view v = report::view_of(document, "");
  auto const& attacks = document.at("attacks");
  auto const strongest = std::find_if(
      attacks.begin(), attacks.end(), [&](auto const& a) { return a.at("name") == document.at("strongest"); });
  auto best = report::view_of(document, message("/attacks/", strongest - attacks.begin()));
  best["few"] = view(strongest->at("tpr_at_1_percent").at("percent").is_null());
  v["best"] = std::move(best);
  v["attacks_made"] = std::to_string(attacks.size());
  v["svg"] = curves.svg;
  v["files"] = curves.files;
  v["failure"] = curves.failure;
  v["drawn"] = view(!curves.svg.empty());
  view notes{view::type::list};
  for (auto const& problem : problems) notes.push_back(problem);
  v["problems"] = std::move(notes);
  v["style"] = report::template_parts().at("style");
  kainjow::mustache::mustache page(report::template_parts().at("audit"));
  page.set_custom_escape(report::escape);
  return page.render(v);
}

}  // namespace

std::vector<std::string> write_report(
    privacy::audit_result const& found, std::filesystem::path const& folder, report::drawing_program const& gnuplot) {
  for (char const* part : {"scores", "figures"}) study::make_directory(folder / part);
  for (auto const& a : found.attacks)
    io::write_npy(folder / "scores" / (file_name(a.name) + ".npy"), xt::adapt(a.scores));
  auto const document = to_json(found);
  io::write_atomically(folder / "audit.json", document.dump(2) + "\n");
  std::vector<std::string> problems;
  auto const curves =
      report::draw_figure(roc_figure(found, "roc"), "ROC curves", folder / "figures", gnuplot, problems);
  io::write_atomically(folder / "index.html", page(document, curves, problems));
  return problems;
}

}  // namespace papillon::audit
