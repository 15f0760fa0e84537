// SPDX-License-Identifier: MIT
#include <report/draw_figure.hpp>

#include <string_view>
#include <system_error>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include <study/claim.hpp>

namespace papillon::report {

std::string inline_svg(std::string const& document) {
  auto const start = document.find("<svg");
  return start == std::string::npos ? "" : document.substr(start);
}

namespace {

namespace fs = std::filesystem;

/// Draws a figure whose script and data lie in the folder; its pictures are moved there when they are whole.
void draw_pictures(fs::path const& folder, std::string const& name, drawing_program const& gnuplot,
    std::function<void()> const& fence) {
  auto const place = folder / (name + ".drawing");
  std::error_code ignored;
  fs::remove_all(place, ignored);  // of one that was killed
  std::error_code status;
  fs::create_directory(place, status);
  for (char const* part : {".csv", ".gp"})
    if (!status) fs::copy_file(folder / (name + part), place / (name + part), status);
  if (status)
    throw error(errc::failed,
        message("cannot draw in ", place.string(), " (", status.message(), ") choose a place that can be written"));
  run_gnuplot(place, name + ".gp", gnuplot);
  using namespace std::string_view_literals;
  for (auto const& [format, end] : {std::pair(".svg", "</svg>"sv), std::pair(".png", "IEND\xAE\x42\x60\x82"sv)}) {
    auto picture = io::read_file<std::string>(place / (name + format));
    while (!picture.empty() && picture.back() == '\n') picture.pop_back();
    if (!picture.ends_with(end))
      throw error(errc::failed, message("cannot draw ", (folder / (name + format)).string(),
                                    " (the picture is cut off) is the disk full? write the report again"));
  }
  for (char const* format : {".svg", ".png"}) {
    if (fence) fence();
    if (!status) fs::rename(place / (name + format), folder / (name + format), status);
  }
  if (status)
    throw error(errc::failed, message("cannot put pictures into ", folder.string(), " (", status.message(),
                                  ") choose a place that can be written"));
  fs::remove_all(place, ignored);
}

}  // namespace

page_figure draw_figure(figure const& f, std::string title, std::filesystem::path const& folder,
    drawing_program const& gnuplot, std::vector<std::string>& problems, std::function<void()> const& fence) {
  page_figure shown{f.name, std::move(title), "", "", "", f.why_not};
  if (fence) fence();
  std::error_code ignored;  // an old picture must not pass for a new one
  for (char const* format : {".svg", ".png"}) std::filesystem::remove(folder / (f.name + format), ignored);
  if (!f.why_not.empty()) return shown;
  io::write_atomically(folder / (f.name + ".csv"), f.data);
  if (fence) fence();
  io::write_atomically(folder / (f.name + ".gp"), f.script);
  try {
    draw_pictures(folder, f.name, gnuplot, fence);
    shown.svg = inline_svg(io::read_file<std::string>(folder / (f.name + ".svg")));
    std::string const stem = folder.filename().string() + "/" + f.name;
    shown.files = "Files: <a href=\"" + stem + ".png\">PNG</a>, <a href=\"" + stem + ".svg\">SVG</a>, <a href=\"" +
                  stem + ".gp\">script</a>, <a href=\"" + stem + ".csv\">data</a>.";
  } catch (study::claim_lost const&) {
    throw;
  } catch (error const& e) {
    if (e.code() == errc::interrupted) throw;
    shown.failure = e.what();
    problems.emplace_back(e.what());
  }
  return shown;
}

}  // namespace papillon::report
