// SPDX-License-Identifier: MIT
/// \file csv.hpp
/// A table as comma-separated values (RFC 4180): a line of column names, then the rows. Missing numbers are empty
/// fields, which gnuplot leaves out as well.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace papillon::report {

class csv_table {
 public:
  csv_table(std::initializer_list<std::string_view> columns);

  /// Appends a row; cells are texts and numbers.
  template <class... Cells> void add(Cells const&... cells) {
    char const* separator = "";
    ((text_.append(separator).append(field(cells)), separator = ","), ...);
    text_ += '\n';
    ++rows_;
  }

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::string const& text() const noexcept { return text_; }

 private:
  [[nodiscard]] static std::string field(std::string_view text);
  [[nodiscard]] static std::string field(double number);

  std::string text_;
  std::size_t rows_ = 0;
};

}  // namespace papillon::report
