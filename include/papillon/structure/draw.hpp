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
  /// `name`: what it is, may be empty; `size`: its shape and count, in words.
  support_picture(std::string name, std::string size, int rows, int cols, int step)
      : name_(std::move(name)), size_(std::move(size)), rows_(rows), cols_(cols), step_(step) {
    filled_.resize(static_cast<std::size_t>(height()) * static_cast<std::size_t>(width()));
  }

  void mark(int row, int col) { ++filled_[position(row / step_, col / step_)]; }

  [[nodiscard]] std::string const& name() const noexcept { return name_; }
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

[[nodiscard]] inline std::string size_text(int rows, int cols, long long nonzeros) {
  return message(rows, " x ", cols, ", ", nonzeros, " nonzeros");
}

/// Entries a cell, so that `longest` of them need at most `cells` cells.
[[nodiscard]] inline int cell_step(int longest, int cells) {
  if (cells < 1)
    throw error(errc::usage, message("drawing: ", cells, " cells are too few (a picture has at least one)"));
  return (longest - 1) / cells + 1;
}

[[nodiscard]] inline support_picture picture_of(
    std::string name, std::string size, int rows, int cols, int step, std::vector<std::uint8_t> const& ones) {
  support_picture picture(std::move(name), std::move(size), rows, cols, step);
  std::size_t i = 0;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < cols; ++c)
      if (ones[i++] != 0) picture.mark(r, c);
  return picture;
}

/// Throws where spelling out every entry would take more memory than a picture is worth.
inline void require_drawable(int rows, int cols) {
  if (static_cast<long long>(rows) * cols <= 1LL << 24) return;
  throw error(
      errc::usage, message("drawing: ", rows, " x ", cols,
                       " is too large (2^24 entries at most) draw a smaller matrix, or factors without the product"));
}

/// All matrices to draw, on one scale.
template <structure S> [[nodiscard]] std::vector<support_picture> pictures(S const& s, int cells, bool product) {
  std::vector<support_picture> all;
  if constexpr (chain_structure<S>) {
    int longest = 1;
    for (pattern const p : s.factors()) longest = std::max({longest, p.rows(), p.cols()});
    int const step = cell_step(longest, cells);
    for (pattern const p : s.factors()) {
      all.emplace_back(to_string(p), size_text(p.rows(), p.cols(), p.nnz()), p.rows(), p.cols(), step);
      p.for_each_nonzero([&](int r, int c, int) { all.back().mark(r, c); });
    }
    if (product) {
      require_drawable(s.rows(), s.cols());
      auto const ones = support(s);
      auto const nonzeros = std::count(ones.begin(), ones.end(), std::uint8_t{1});
      all.push_back(picture_of(message("product, ", s.nnz(), " coefficients"), size_text(s.rows(), s.cols(), nonzeros),
          s.rows(), s.cols(), step, ones));
    }
  } else {
    require_drawable(s.rows(), s.cols());
    int const step = cell_step(std::max(s.rows(), s.cols()), cells);
    all.push_back(picture_of(
        "", size_text(s.rows(), s.cols(), static_cast<long long>(nonzeros(s))), s.rows(), s.cols(), step, support(s)));
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
  auto const put = [&](char command, int number) {
    path += command;
    path += std::to_string(number);
  };
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width();) {
      int const begin = x;
      while (x < picture.width() && picture.cell(y, x) == kind) ++x;
      if (x == begin) {
        ++x;
        continue;
      }
      put('M', begin);
      put(' ', y);
      put('H', x);
      path += "v1";
      put('H', begin);
      path += 'z';
    }
  if (path.empty()) return path;
  return std::string("    <path fill=\"") + colour + "\" d=\"" + path + "\"/>\n";
}

/// name="value", with a space before.
[[nodiscard]] inline std::string svg_attribute(char const* name, double value) {
  return std::string(" ") + name + "=\"" + one_decimal(value) + "\"";
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
    auto const step = std::to_string(picture.step());
    if (picture.step() > 1) text += " (a cell is " + step + " x " + step + ")";
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
    body += "  <svg" + place + " viewBox=\"0 0 " + std::to_string(picture.width()) + " " +
            std::to_string(picture.height()) + "\" preserveAspectRatio=\"none\" shape-rendering=\"crispEdges\">\n" +
            detail::svg_runs(picture, '+', "#9dbad5") + detail::svg_runs(picture, '#', "#1f4e79") + "  </svg>\n" +
            "  <rect" + place + " fill=\"none\" stroke=\"#555\" stroke-width=\"0.5\"/>\n";
    body += "  <text" + detail::svg_attribute("x", left) + detail::svg_attribute("y", words + line) + ">" +
            picture.name() + "</text>\n";
    body += "  <text" + detail::svg_attribute("x", left) + detail::svg_attribute("y", words + 2 * line) + ">" +
            picture.size() + "</text>\n";
    left += std::max(width, letter * static_cast<double>(std::max(picture.name().size(), picture.size().size()))) + gap;
  }
  double const total_width = left - gap + margin, total_height = words + 2 * line + margin;
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + detail::one_decimal(total_width) + " " +
         detail::one_decimal(total_height) + "\"" + detail::svg_attribute("width", total_width) +
         detail::svg_attribute("height", total_height) +
         " font-family=\"sans-serif\" font-size=\"10\">\n  <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" +
         body + "</svg>\n";
}

}  // namespace papillon
