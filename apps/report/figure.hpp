// SPDX-License-Identifier: MIT
/// \file figure.hpp
/// A figure before it is drawn: a gnuplot script that writes NAME.svg and NAME.png, and the data it reads from
/// NAME.dat.
#pragma once

#include <string>

namespace papillon::report {

struct figure {
  std::string name;     ///< file name without extension
  std::string script;   ///< NAME.gp
  std::string data;     ///< NAME.dat
  std::string why_not;  ///< not empty: there is nothing to draw, and why
};

/// A number for a gnuplot script or data file; a question mark, gnuplot's missing value here, for NaN.
std::string plain(double value);

/// Opening lines of every script: both formats, drawn by the same commands. `body` is run once for each.
std::string draw_twice(std::string const& name, int width, int height, std::string const& body);

/// The colour of a nonzero percentage, from dark (few weights) to light (all), evenly in its logarithm.
std::string palette(double smallest_percent);

}  // namespace papillon::report
