// SPDX-License-Identifier: MIT
/// \file value.hpp
/// The value of a configuration key: nothing, a truth value, a whole number, a real number, a word, or a list of them.
/// `to_text` writes the one canonical spelling of a value (numbers as short as they read back exactly, lists separated
/// by commas): what `--set` takes, and what the identity of a run is computed from.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <variant>
#include <vector>

namespace papillon::study {

using integers = std::vector<std::int64_t>;
using reals = std::vector<double>;
using words = std::vector<std::string>;

/// `std::monostate` is "none", for keys that may be left open.
using value = std::variant<std::monostate, bool, std::int64_t, double, std::string, integers, reals, words>;

namespace detail {

template <class T>
inline constexpr bool is_list = std::is_same_v<T, integers> || std::is_same_v<T, reals> || std::is_same_v<T, words>;

template <class Number>
[[nodiscard]] std::string number_text(Number x) {
  char buffer[32];
  auto const end = std::to_chars(buffer, buffer + sizeof buffer, x).ptr;
  return {buffer, end};
}

/// Reads all of `text` as one number; false if anything is left over.
template <class Number>
[[nodiscard]] bool read_number(std::string_view text, Number& x) {
  auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), x);
  return status == std::errc{} && end == text.data() + text.size();
}

[[nodiscard]] inline std::string scalar_text(bool x) { return x ? "true" : "false"; }
[[nodiscard]] inline std::string scalar_text(std::int64_t x) { return number_text(x); }
[[nodiscard]] inline std::string scalar_text(double x) { return number_text(x); }
[[nodiscard]] inline std::string scalar_text(std::string const& x) { return x; }

}  // namespace detail

/// The canonical spelling.
[[nodiscard]] inline std::string to_text(value const& v) {
  return std::visit(
      [](auto const& x) -> std::string {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, std::monostate>) {
          return "none";
        } else if constexpr (detail::is_list<type>) {
          std::string text;
          for (auto const& item : x) text += (text.empty() ? "" : ",") + detail::scalar_text(item);
          return text;
        } else {
          return detail::scalar_text(x);
        }
      },
      v);
}

}  // namespace papillon::study
