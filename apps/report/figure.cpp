// SPDX-License-Identifier: MIT
#include <report/figure.hpp>

#include <cmath>
#include <cstdio>

#include <papillon/error.hpp>

namespace papillon::report {

std::string plain(double value) {
  if (!std::isfinite(value)) return "NaN";
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string draw_twice(std::string const& name, int width, int height, std::string const& body) {
  std::string const size = message(width, ",", height);
  std::string const doubled = message(2 * width, ",", 2 * height);
  return "do for [format in \"svg png\"] {\n"
         "if (format eq \"svg\") { set terminal svg size " +
         size + " dynamic font \"Helvetica,Arial,sans-serif,13\" name \"" + name +
         "\" linewidth 1.4 background \"white\" } else { set terminal pngcairo size " + doubled +
         " font \"DejaVu Sans,10\" fontscale 1.9 linewidth 2 pointscale 2 background \"white\" }\n"
         "set output \"" +
         name +
         ".\".format\n"
         "set encoding utf8\nset datafile separator comma\nset datafile missing \"NaN\"\n"
         "set border 3 lc rgb \"#555555\"\nset tics nomirror textcolor rgb \"#333333\"\nset grid lc rgb \"#e2e2e2\" lw "
         "0.6\n" +
         body + "set output\n}\n";
}

std::string csv_rows(std::string const& name, std::size_t first, std::size_t count) {
  return message("\"", name, ".csv\" skip 1 every ::", first, "::", first + count - 1, " ");
}

std::string begin_panel(std::size_t index, std::size_t count, double right) {
  constexpr double axis = 0.075;  // for the numbers and the name of the vertical axis
  double const width = (1 - right) / static_cast<double>(count), left = width * static_cast<double>(index);
  return "set lmargin at screen " + plain(left + axis) + "\nset rmargin at screen " + plain(left + width - 0.012) +
         "\n";
}

std::string palette(double smallest_percent) {
  return "set palette defined (0 \"#30123b\", 0.2 \"#3f5fd0\", 0.45 \"#1fb4b4\", 0.7 \"#8fcf3c\", 1 \"#f2b134\")\n"
         "set logscale cb\n"
         "set cbrange [" +
         plain(smallest_percent) + ":100]\n";
}

}  // namespace papillon::report
