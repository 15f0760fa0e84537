// SPDX-License-Identifier: MIT
#include <study/text.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace papillon::study {

namespace {

/// The fewest insertions, deletions and replacements of a character that turn a into b.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string_view> split_list(std::string_view text, char separator) {
  std::vector<std::string_view> items;
  while (!text.empty()) {
    auto const end = text.find(separator);
    items.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return items;
}

std::string nearest(std::string_view text, std::vector<std::string_view> const& names) {
  text = text.substr(0, 100);  // no name is as long, and text of a file may be
  auto const nearer = [&](std::string_view a, std::string_view b) {
    return edit_distance(text, a) < edit_distance(text, b);
  };
  return std::string(*std::min_element(names.begin(), names.end(), nearer));
}

}  // namespace papillon::study
