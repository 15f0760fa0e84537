// SPDX-License-Identifier: MIT
#include <report/figure.hpp>

#include <cmath>
#include <cstdio>

#include <papillon/error.hpp>

namespace papillon::report {

std::string plain(double value) {
  if (!std::isfinite(value)) return "?";
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
         name + ".\".format\n" + body + "set output\n}\n";
}

std::string palette(double smallest_percent) {
  return "set palette defined (0 \"#30123b\", 0.2 \"#3f5fd0\", 0.45 \"#1fb4b4\", 0.7 \"#8fcf3c\", 1 \"#f2b134\")\n"
         "set logscale cb\n"
         "set cbrange [" +
         plain(smallest_percent) + ":100]\n";
}

}  // namespace papillon::report
