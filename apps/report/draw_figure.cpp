// SPDX-License-Identifier: MIT
#include <report/draw_figure.hpp>

#include <system_error>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include <report/gnuplot.hpp>

namespace papillon::report {

std::string inline_svg(std::string const& document) {
  auto const start = document.find("<svg");
  return start == std::string::npos ? "" : document.substr(start);
}

page_figure draw_figure(figure const& f, std::filesystem::path const& folder, std::string const& gnuplot,
    std::string title, std::string caption, std::vector<std::string>& problems) {
  page_figure shown_as{std::move(title), std::move(caption), "", f.why_not, ""};
  if (!f.why_not.empty()) return shown_as;
  io::write_atomically(folder / (f.name + ".dat"), f.data);
  io::write_atomically(folder / (f.name + ".gp"), f.script);
  std::error_code ignored;  // an old picture must not pass for a new one
  for (char const* format : {".svg", ".png"}) std::filesystem::remove(folder / (f.name + format), ignored);
  try {
    run_gnuplot(folder, f.name + ".gp", gnuplot);
    shown_as.svg = inline_svg(io::read_file<std::string>(folder / (f.name + ".svg")));
    std::string const stem = folder.filename().string() + "/" + f.name;
    shown_as.files = "Files: <a href=\"" + stem + ".png\">PNG</a>, <a href=\"" + stem + ".svg\">SVG</a>, <a href=\"" +
                     stem + ".gp\">script</a>, <a href=\"" + stem + ".dat\">data</a>.";
  } catch (error const& e) {
    shown_as.why_not = e.what();
    problems.emplace_back(e.what());
  }
  return shown_as;
}

}  // namespace papillon::report
