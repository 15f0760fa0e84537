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

page_figure draw_figure(figure const& f, std::string title, std::filesystem::path const& folder,
    std::string const& gnuplot, std::vector<std::string>& problems) {
  page_figure shown{f.name, std::move(title), "", "", "", f.why_not};
  std::error_code ignored;  // an old picture must not pass for a new one
  for (char const* format : {".svg", ".png"}) std::filesystem::remove(folder / (f.name + format), ignored);
  if (!f.why_not.empty()) return shown;
  io::write_atomically(folder / (f.name + ".csv"), f.data);
  io::write_atomically(folder / (f.name + ".gp"), f.script);
  try {
    run_gnuplot(folder, f.name + ".gp", gnuplot);
    shown.svg = inline_svg(io::read_file<std::string>(folder / (f.name + ".svg")));
    std::string const stem = folder.filename().string() + "/" + f.name;
    shown.files = "Files: <a href=\"" + stem + ".png\">PNG</a>, <a href=\"" + stem + ".svg\">SVG</a>, <a href=\"" +
                  stem + ".gp\">script</a>, <a href=\"" + stem + ".csv\">data</a>.";
  } catch (error const& e) {
    shown.failure = e.what();
    problems.emplace_back(e.what());
  }
  return shown;
}

}  // namespace papillon::report
