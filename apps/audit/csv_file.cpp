// SPDX-License-Identifier: MIT
#include <audit/csv_file.hpp>

#include <algorithm>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/read_file.hpp>

#include <study/text.hpp>

namespace papillon::audit {

namespace {

/// A cell without spaces around it, and without a pair of quotes.
std::string_view stripped(std::string_view cell) {
  auto const first = cell.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  cell = cell.substr(first, cell.find_last_not_of(" \t") + 1 - first);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') return cell.substr(1, cell.size() - 2);
  return cell;
}

constexpr std::ptrdiff_t most_columns = 10'000;  ///< of outputs of a thousand classes, with room

/// The next line without its end, "\n" or "\r\n"; `rest` goes on after it.
std::string_view take_line(std::string_view& rest) {
  auto const end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

csv_file::csv_file(std::filesystem::path path) : path_(std::move(path)) {
  content_ = io::read_file<std::string>(path_, io::largest::table);
  std::string_view rest = content_;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);  // spreadsheets mark UTF-8
  auto const cells_of = [&](std::string_view line) {
    if (std::count(line.begin(), line.end(), ',') >= most_columns)
      throw error(errc::bad_input, message(path_.string(), " cannot be used (a line has more than ", most_columns,
                                       " cells) write fewer columns"));
    return study::split_list(line);
  };
  for (auto const name : cells_of(take_line(rest))) names_.emplace_back(stripped(name));
  if (names_.empty())
    throw error(
        errc::bad_input, message(path_.string(),
                             " cannot be used (its first line is empty) let it name the columns, as in score,member"));
  for (std::size_t row = 0; !rest.empty(); ++row) {
    auto const cells = cells_of(take_line(rest));
    if (cells.size() != names_.size())
      refuse(row, message(cells.size(), " cells, the first line names ", names_.size(), " columns"),
          "write one line a row");
    for (auto const cell : cells) cells_.emplace_back(stripped(cell));
  }
}

std::size_t csv_file::find(std::string_view name) const {
  return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
}

std::size_t csv_file::column(std::string_view name) const {
  auto const at = find(name);
  if (at < names_.size()) return at;
  std::string all;
  for (auto const& n : names_) all += (all.empty() ? "" : ", ") + n;
  throw error(errc::bad_input, message(path_.string(), " has no column ", name, " (its first line names ", all,
                                   ") name the columns in the first line"));
}

double csv_file::number(std::size_t row, std::size_t column) const {
  auto const cell = text(row, column);
  if (cell == "True" || cell == "true") return 1;
  if (cell == "False" || cell == "false") return 0;
  double x = 0;
  if (!study::read_number(cell, x))
    refuse(row, message("'", cell.substr(0, 60), "' in column ", names_[column], " is no number"), "correct it");
  return x;
}

std::vector<double> csv_file::numbers(std::size_t column) const {
  std::vector<double> all(rows());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = number(i, column);
  return all;
}

void csv_file::refuse(std::size_t row, std::string const& why, std::string const& suggestion) const {
  throw error(errc::bad_input, message(path_.string(), " cannot be used (line ", row + 2, ": ", why, ") ", suggestion));
}

}  // namespace papillon::audit
