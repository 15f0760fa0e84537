// SPDX-License-Identifier: MIT
#include <report/csv.hpp>

#include <cmath>

#include <report/figure.hpp>

namespace papillon::report {

csv_table::csv_table(std::initializer_list<std::string_view> columns) {
  for (auto const column : columns) text_.append(text_.empty() ? "" : ",").append(field(column));
  text_ += '\n';
}

std::string csv_table::field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (char const c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string csv_table::field(double number) { return std::isfinite(number) ? plain(number) : ""; }

}  // namespace papillon::report
