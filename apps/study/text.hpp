// SPDX-License-Identifier: MIT
/// \file text.hpp
/// Numbers and lists as text that a person writes and reads: numbers as short as they read back exactly, lists
/// separated by commas; the name that was probably meant where one is unknown; text of others on one line.
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace papillon::study {

template <class Number> [[nodiscard]] std::string number_text(Number x) {
  char buffer[32];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x).ptr;
  return {buffer, end};
}

/// Reads all of `text` as one number; false if anything is left over.
template <class Number> [[nodiscard]] bool read_number(std::string_view text, Number& x) {
  auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), x);
  return status == std::errc{} && end == text.data() + text.size();
}

/// The items between commas, or other separators; none of an empty text.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text, char separator = ',');

/// The text with control characters as a person can read them (\n, \x1b): one line stays one line, whatever
/// names of files and texts of settings hold.
[[nodiscard]] std::string escaped(std::string_view text);

/// The name nearest to `text` in Levenshtein's distance, the first of equals. There must be one.
[[nodiscard]] std::string nearest(std::string_view text, std::vector<std::string_view> const& names);

}  // namespace papillon::study
