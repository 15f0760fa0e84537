// SPDX-License-Identifier: MIT
#include <report/html.hpp>

#include <cmath>
#include <cstdio>
#include <utility>

namespace papillon::report {

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return out;
}

std::string fixed(double value, int decimals) {
  char text[400];  // the longest double has 309 digits before the point
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string out(text);
  if (out.front() != '-') return out;
  bool const zero = out.find_first_not_of("-0.") == std::string::npos;
  return zero ? out.substr(1) : "\u2212" + out.substr(1);
}

}  // namespace papillon::report
