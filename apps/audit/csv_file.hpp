// SPDX-License-Identifier: MIT
/// \file csv_file.hpp
/// A csv file in memory: the first line names the columns, every other one is a row. Cells are separated by commas and
/// may stand in double quotes, but hold neither comma nor line end. Whatever is wrong is errc::bad_input and names file
/// and line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace papillon::audit {

class csv_file {
 public:
  explicit csv_file(std::filesystem::path path);
  csv_file(csv_file const&) = delete;  // cells are views of the content
  csv_file& operator=(csv_file const&) = delete;

  [[nodiscard]] std::size_t rows() const { return cells_.size() / names_.size(); }
  [[nodiscard]] std::vector<std::string> const& names() const { return names_; }
  [[nodiscard]] bool has(std::string_view name) const { return find(name) < names_.size(); }
  /// The place of a column; refuses a file that lacks it.
  [[nodiscard]] std::size_t column(std::string_view name) const;

  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const {
    return cells_[row * names_.size() + column];
  }
  /// A cell as a number; True and False are 1 and 0.
  [[nodiscard]] double number(std::size_t row, std::size_t column) const;
  [[nodiscard]] std::vector<double> numbers(std::size_t column) const;

  /// Throws for a row: "FILE cannot be used (line 3: WHY) SUGGESTION".
  [[noreturn]] void refuse(std::size_t row, std::string const& why, std::string const& suggestion) const;

 private:
  [[nodiscard]] std::size_t find(std::string_view name) const;

  std::filesystem::path path_;
  std::string content_;
  std::vector<std::string> names_;
  std::vector<std::string_view> cells_;  ///< row by row
};

}  // namespace papillon::audit
