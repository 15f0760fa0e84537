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

std::string escaped(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const byte = static_cast<unsigned char>(text[i]);
    // In UTF-8 the control characters from 80 to 9f are c2 and then that number.
    bool const of_two = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                        static_cast<unsigned char>(text[i + 1]) < 0xa0;
    auto const control = of_two ? static_cast<unsigned char>(text[++i]) : byte;
    if (byte >= 0x20 && byte != 0x7f && !of_two) shown += text[i];
    else if (byte == '\n') shown += "\\n";
    else if (byte == '\t') shown += "\\t";
    else shown.append("\\x") += digits[control >> 4], shown += digits[control & 15];
  }
  return shown;
}

std::string nearest(std::string_view text, std::vector<std::string_view> const& names) {
  text = text.substr(0, 100);  // no name is as long, and text of a file may be
  auto const nearer = [&](std::string_view a, std::string_view b) {
    return edit_distance(text, a) < edit_distance(text, b);
  };
  return std::string(*std::min_element(names.begin(), names.end(), nearer));
}

}  // namespace papillon::study
