// SPDX-License-Identifier: MIT
/// \file figure.hpp
/// A figure before it is drawn: a gnuplot script that writes NAME.svg and NAME.png, and the table it reads from
/// NAME.csv.
#pragma once

#include <cstddef>
#include <string>

namespace papillon::report {

struct figure {
  std::string name;     ///< file name without extension
  std::string script;   ///< NAME.gp
  std::string data;     ///< NAME.csv
  std::string why_not;  ///< not empty: there is nothing to draw, and why
};

/// A number for a gnuplot script or a CSV file; NaN as gnuplot writes it.
std::string plain(double value);

/// A script: both formats, drawn by the same commands. `body` is run once for each; the data are comma-separated.
std::string draw_twice(std::string const& name, int width, int height, std::string const& body);

/// Some rows of NAME.csv as a source for gnuplot's `plot`, counted from 0 without the line of names.
std::string csv_rows(std::string const& name, std::size_t first, std::size_t count);

/// Two or more panels beside each other: the commands that begin panel `index` of `count`; `right` is what is left free
/// beside the last, as part of the width.
std::string begin_panel(std::size_t index, std::size_t count, double right = 0.02);

/// The colour of a nonzero percentage, from dark (few weights) to light (all), evenly in its logarithm.
std::string palette(double smallest_percent);

}  // namespace papillon::report
