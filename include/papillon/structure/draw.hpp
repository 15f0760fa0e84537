// SPDX-License-Identifier: MIT
/// \file draw.hpp
/// The support of a structure as a picture: text for a terminal, SVG for a page. A chain is drawn factor by factor,
/// leftmost first, then the support of the product. A matrix larger than the picture is drawn in square cells of
/// several entries, full, partly filled or empty.
#pragma once

#include <algorithm>

#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/size.hpp>

namespace papillon::inline PAPILLON_ISA {

/// How large a picture may be.
struct draw_options {
  int cells = 0;  ///< most cells across or down one matrix, entries share cells past that; 0: 72 in text, 600 in SVG
  bool product = true;  ///< draw the support of the product of a chain as well
  int side = 240;       ///< SVG: length of the longest side of the largest matrix, in pixels
};

namespace detail {

/// A support on a grid of cells of step x step entries: how many nonzeros each cell holds, out of how many.
class support_picture {
 public:
  /// `name`: what it is, may be empty.
  template <structure_factor F>
  support_picture(std::string name, F const& support, int step)
      : name_(std::move(name)), rows_(support.rows()), cols_(support.cols()), step_(step) {
    filled_.resize(static_cast<std::size_t>(height()) * static_cast<std::size_t>(width()));
    long long nonzeros = 0;
    support.for_each_nonzero([&](int r, int c, int) {
      ++filled_[position(r / step_, c / step_)];
      ++nonzeros;
    });
    size_ = message(rows_, " x ", cols_, ", ", nonzeros, " nonzeros");
  }

  [[nodiscard]] std::string const& name() const noexcept { return name_; }
  /// Shape and count, in words.
  [[nodiscard]] std::string const& size() const noexcept { return size_; }
  [[nodiscard]] int step() const noexcept { return step_; }
  [[nodiscard]] int height() const noexcept { return (rows_ - 1) / step_ + 1; }
  [[nodiscard]] int width() const noexcept { return (cols_ - 1) / step_ + 1; }
  /// '#' full, '+' partly filled, '.' empty.
  [[nodiscard]] char cell(int y, int x) const {
    int const filled = filled_[position(y, x)];
    int const entries = std::min(step_, rows_ - y * step_) * std::min(step_, cols_ - x * step_);
    return filled == 0 ? '.' : filled == entries ? '#' : '+';
  }

 private:
  [[nodiscard]] std::size_t position(int y, int x) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width()) + static_cast<std::size_t>(x);
  }

  std::string name_, size_;
  int rows_, cols_, step_;
  std::vector<int> filled_;
};

/// Entries a cell, so that `longest` of them need at most `cells` cells.
[[nodiscard]] inline int cell_step(int longest, int cells) {
  if (cells < 1)
    throw error(errc::usage, message("drawing: ", cells, " cells are too few (a picture has at least one)"));
  return (longest - 1) / cells + 1;
}

/// The support of the product. Throws where spelling out every entry would take more memory than a picture is worth.
template <structure S> [[nodiscard]] csr_mask drawable_product(S const& s) {
  if (static_cast<long long>(s.rows()) * s.cols() > 1LL << 24)
    throw error(
        errc::usage, message("drawing: ", s.rows(), " x ", s.cols(),
                         " is too large (2^24 entries at most) draw a smaller matrix, or factors without the product"));
  return {s.rows(), s.cols(), support(s)};
}

/// All matrices to draw, on one scale.
template <structure S> [[nodiscard]] std::vector<support_picture> pictures(S const& s, int cells, bool product) {
  std::vector<support_picture> all;
  if constexpr (chain_structure<S>) {
    int longest = 1;
    for (pattern const p : s.factors()) longest = std::max({longest, p.rows(), p.cols()});
    int const step = cell_step(longest, cells);
    for (pattern const p : s.factors()) all.emplace_back(to_string(p), p, step);
    if (product) all.emplace_back(message("product, ", s.nnz(), " coefficients"), drawable_product(s), step);
  } else {
    all.emplace_back("", drawable_product(s), cell_step(std::max(s.rows(), s.cols()), cells));
  }
  return all;
}

/// A number with one decimal, always with a point.
[[nodiscard]] inline std::string one_decimal(double value) {
  auto const tenths = static_cast<long long>(value * 10 + 0.5);
  return message(tenths / 10, ".", tenths % 10);
}

/// One path of the horizontal runs of equal cells, a cell being one unit wide and high.
[[nodiscard]] inline std::string svg_runs(support_picture const& picture, char kind, char const* colour) {
  std::string path;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width();) {
      int const begin = x;
      while (x < picture.width() && picture.cell(y, x) == kind) ++x;
      if (x > begin) path += message("M", begin, " ", y, "H", x, "v1H", begin, "z");
      else ++x;
    }
  return path.empty() ? path : message("    <path fill=\"", colour, "\" d=\"", path, "\"/>\n");
}

/// name="value", with a space before.
[[nodiscard]] inline std::string svg_attribute(char const* name, double value) {
  return message(" ", name, "=\"", one_decimal(value), "\"");
}

}  // namespace detail

/// One matrix below the other: a title line, then a line a row of cells ('#' full, '+' partly filled, '.' empty), then
/// an empty line. Throws papillon::error (usage) for options.cells < 0 and for a product or mask of more than 2^24
/// entries.
template <structure S> [[nodiscard]] std::string draw_text(S const& s, draw_options const& options = {}) {
  std::string text;
  for (auto const& picture : detail::pictures(s, options.cells == 0 ? 72 : options.cells, options.product)) {
    if (!picture.name().empty()) text += picture.name() + ": ";
    text += picture.size();
    if (int const step = picture.step(); step > 1) text += message(" (a cell is ", step, " x ", step, ")");
    text += '\n';
    for (int y = 0; y < picture.height(); ++y) {
      for (int x = 0; x < picture.width(); ++x) text += picture.cell(y, x);
      text += '\n';
    }
    text += '\n';
  }
  return text;
}

/// A complete SVG document: the matrices side by side on one scale, each above its name and size, dark where full,
/// light where partly filled. Throws papillon::error (usage) as draw_text does, and for options.side < 1.
template <structure S> [[nodiscard]] std::string draw_svg(S const& s, draw_options const& options = {}) {
  if (options.side < 1)
    throw error(errc::usage, message("drawing: a side of ", options.side, " pixels is too short (at least one)"));
  auto const all = detail::pictures(s, options.cells == 0 ? 600 : options.cells, options.product);
  int longest = 1, tallest = 1;
  for (auto const& picture : all) {
    longest = std::max({longest, picture.width(), picture.height()});
    tallest = std::max(tallest, picture.height());
  }
  double const cell = static_cast<double>(options.side) / longest;
  double const margin = 12, gap = 24, line = 15, letter = 5.5;  // pixels; a letter of the sans-serif font at size 10
  double const words = margin + tallest * cell;
  std::string body;
  double left = margin;
  for (auto const& picture : all) {
    double const width = picture.width() * cell, height = picture.height() * cell;
    auto const place = detail::svg_attribute("x", left) + detail::svg_attribute("y", margin) +
                       detail::svg_attribute("width", width) + detail::svg_attribute("height", height);
    body += message("  <svg", place, " viewBox=\"0 0 ", picture.width(), " ", picture.height(),
        "\" preserveAspectRatio=\"none\" shape-rendering=\"crispEdges\">\n", detail::svg_runs(picture, '+', "#9dbad5"),
        detail::svg_runs(picture, '#', "#1f4e79"), "  </svg>\n  <rect", place,
        " fill=\"none\" stroke=\"#555\" stroke-width=\"0.5\"/>\n");
    double below = words;
    for (auto const& text : {picture.name(), picture.size()})
      body += message("  <text", detail::svg_attribute("x", left), detail::svg_attribute("y", below += line), ">", text,
          "</text>\n");
    left += std::max(width, letter * static_cast<double>(std::max(picture.name().size(), picture.size().size()))) + gap;
  }
  double const total_width = left - gap + margin, total_height = words + 2 * line + margin;
  return message("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", detail::one_decimal(total_width), " ",
      detail::one_decimal(total_height), "\"", detail::svg_attribute("width", total_width),
      detail::svg_attribute("height", total_height), " font-family=\"sans-serif\" font-size=\"10\">\n",
      "  <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n", body, "</svg>\n");
}

}  // namespace papillon
