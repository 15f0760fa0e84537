// SPDX-License-Identifier: MIT
/// \file draw.hpp
/// The support of a structure as a picture: text for a terminal, SVG for a page. A chain is drawn factor by factor,
/// leftmost first, then the support of the product. A matrix larger than the picture is drawn in square cells of several
/// entries, full, partly filled or empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/structure/concepts.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/pattern.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/support.hpp>

namespace papillon {

/// How large a picture may be.
struct draw_options {
  int cells = 72;       ///< most cells across or down one matrix; entries share cells past that
  bool product = true;  ///< draw the support of the product of a chain as well
  int side = 200;       ///< SVG: length of the longest side of the largest matrix, in pixels
};

namespace detail {

/// A support on a grid of cells of step x step entries: how many nonzeros each cell holds, out of how many.
class support_picture {
 public:
  support_picture(std::string title, int rows, int cols, int step)
      : title_(std::move(title)), rows_(rows), cols_(cols), step_(step) {
    filled_.resize(static_cast<std::size_t>(height()) * static_cast<std::size_t>(width()));
  }

  void mark(int row, int col) { ++filled_[position(row / step_, col / step_)]; }

  [[nodiscard]] std::string const& title() const noexcept { return title_; }
  [[nodiscard]] int rows() const noexcept { return rows_; }
  [[nodiscard]] int cols() const noexcept { return cols_; }
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

  std::string title_;
  int rows_, cols_, step_;
  std::vector<int> filled_;
};

[[nodiscard]] inline std::string shape_text(int rows, int cols, long long nonzeros, char const* of) {
  return std::to_string(rows) + " x " + std::to_string(cols) + ", " + std::to_string(nonzeros) + " " + of;
}

/// Entries a cell, so that the longest side of any matrix of the chain fits.
[[nodiscard]] inline int cell_step(int longest, int cells) {
  if (cells < 1) throw error(errc::usage, "drawing: " + std::to_string(cells) + " cells (a picture has at least one)");
  return (longest - 1) / cells + 1;
}

[[nodiscard]] inline support_picture picture_of(std::string title, int rows, int cols, int step,
                                                std::vector<std::uint8_t> const& ones) {
  support_picture picture(std::move(title), rows, cols, step);
  std::size_t i = 0;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < cols; ++c)
      if (ones[i++] != 0) picture.mark(r, c);
  return picture;
}

template <structure S>
[[nodiscard]] std::vector<support_picture> pictures(S const& s, draw_options const& options) {
  std::vector<support_picture> all;
  if constexpr (factored_structure<S>) {
    int longest = 1;
    for (pattern const p : s.factors()) longest = std::max({longest, p.rows(), p.cols()});
    int const step = cell_step(longest, options.cells);
    for (pattern const p : s.factors()) {
      support_picture picture(to_string(p) + "  " + shape_text(p.rows(), p.cols(), p.nnz(), "nonzeros"), p.rows(),
                              p.cols(), step);
      for_each_nonzero(p, [&](int r, int c, int) { picture.mark(r, c); });
      all.push_back(std::move(picture));
    }
    if (options.product) {
      auto const ones = support(s);
      auto const nonzeros = std::count(ones.begin(), ones.end(), std::uint8_t{1});
      all.push_back(picture_of("product  " + shape_text(s.rows(), s.cols(), nonzeros, "nonzeros") + " from " +
                                   std::to_string(s.nnz()) + " coefficients",
                               s.rows(), s.cols(), step, ones));
    }
  } else {
    int const step = cell_step(std::max(s.rows(), s.cols()), options.cells);
    all.push_back(picture_of(shape_text(s.rows(), s.cols(), s.nnz(), "nonzeros"), s.rows(), s.cols(), step, support(s)));
  }
  return all;
}

/// A number with one decimal, always with a point.
[[nodiscard]] inline std::string one_decimal(double value) {
  auto const tenths = static_cast<long long>(value * 10 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

/// One path of horizontal runs of equal cells.
[[nodiscard]] inline std::string svg_runs(support_picture const& picture, char kind, double left, double top, double cell) {
  std::string path;
  auto const put = [&](char command, double number) {
    path += command;
    path += one_decimal(number);
  };
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width();) {
      if (picture.cell(y, x) != kind) { ++x; continue; }
      int const begin = x;
      while (x < picture.width() && picture.cell(y, x) == kind) ++x;
      put('M', left + begin * cell);
      put(' ', top + y * cell);
      put('h', (x - begin) * cell);
      put('v', cell);
      put('H', left + begin * cell);
      path += 'z';
    }
  if (path.empty()) return path;
  return "  <path fill=\"" + std::string(kind == '#' ? "#1f4e79" : "#9dbad5") + "\" d=\"" + path + "\"/>\n";
}

}  // namespace detail

/// One matrix below the other: a title line, then a line a row of cells ('#' full, '+' partly filled, '.' empty), then an
/// empty line. Throws papillon::error (usage) for options.cells < 1.
template <structure S>
[[nodiscard]] std::string draw_text(S const& s, draw_options const& options = {}) {
  std::string text;
  for (auto const& picture : detail::pictures(s, options)) {
    text += picture.title();
    if (picture.step() > 1) text += "  (a cell is " + std::to_string(picture.step()) + " x " + std::to_string(picture.step()) + ")";
    text += '\n';
    for (int y = 0; y < picture.height(); ++y) {
      for (int x = 0; x < picture.width(); ++x) text += picture.cell(y, x);
      text += '\n';
    }
    text += '\n';
  }
  return text;
}

/// A complete SVG document: the matrices side by side on one scale, each over its title, dark where full, light where
/// partly filled. Throws papillon::error (usage) for options.cells < 1 or options.side < 1.
template <structure S>
[[nodiscard]] std::string draw_svg(S const& s, draw_options const& options = {}) {
  if (options.side < 1)
    throw error(errc::usage, "drawing: a side of " + std::to_string(options.side) + " pixels (at least one)");
  auto const all = detail::pictures(s, options);
  int longest = 1, tallest = 1;
  for (auto const& picture : all) {
    longest = std::max({longest, picture.width(), picture.height()});
    tallest = std::max(tallest, picture.height());
  }
  double const cell = static_cast<double>(options.side) / longest;
  double const margin = 12, gap = 24, line = 15, least_width = 110;
  std::string body;
  double left = margin;
  for (auto const& picture : all) {
    double const width = picture.width() * cell, height = picture.height() * cell;
    body += detail::svg_runs(picture, '+', left, margin, cell) + detail::svg_runs(picture, '#', left, margin, cell);
    body += "  <rect x=\"" + detail::one_decimal(left) + "\" y=\"" + detail::one_decimal(margin) + "\" width=\"" +
            detail::one_decimal(width) + "\" height=\"" + detail::one_decimal(height) +
            "\" fill=\"none\" stroke=\"#555\" stroke-width=\"0.5\"/>\n";
    // The title breaks at its double space: the pattern, then the shape.
    auto const split = picture.title().find("  ");
    std::string const parts[] = {picture.title().substr(0, split),
                                 split == std::string::npos ? std::string() : picture.title().substr(split + 2)};
    double baseline = margin + tallest * cell + line;
    for (auto const& part : parts) {
      if (part.empty()) continue;
      body += "  <text x=\"" + detail::one_decimal(left) + "\" y=\"" + detail::one_decimal(baseline) + "\">" + part +
              "</text>\n";
      baseline += line;
    }
    // About six pixels a letter of the longer line keep the titles apart.
    double const text_width = 5.5 * static_cast<double>(std::max(parts[0].size(), parts[1].size()));
    left += std::max({width, least_width, text_width}) + gap;
  }
  double const total_width = left - gap + margin, total_height = margin + tallest * cell + 2 * line + margin;
  std::string const size = detail::one_decimal(total_width) + " " + detail::one_decimal(total_height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + "\" width=\"" +
         detail::one_decimal(total_width) + "\" height=\"" + detail::one_decimal(total_height) +
         "\" font-family=\"sans-serif\" font-size=\"10\">\n  <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + body +
         "</svg>\n";
}

}  // namespace papillon
