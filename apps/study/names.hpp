// SPDX-License-Identifier: MIT
/// \file names.hpp
/// The words that stand for the values of an enumeration in files, on the command line and on pages. `names_of<Enum>`
/// lists them in the order of the values, beside the enumeration.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace papillon::study {

/// Specialised for every enumeration that has words.
template <class Enum> inline constexpr std::array<std::string_view, 0> names_of{};

template <class Enum>
requires std::is_enum_v<Enum>
[[nodiscard]] constexpr std::string_view name_of(Enum e) { return names_of<Enum>[static_cast<std::size_t>(e)]; }

/// The value that a word stands for; empty if for none.
template <class Enum>
requires std::is_enum_v<Enum>
[[nodiscard]] constexpr std::optional<Enum> from_name(std::string_view word) {
  auto const found = std::find(names_of<Enum>.begin(), names_of<Enum>.end(), word);
  if (found == names_of<Enum>.end()) return {};
  return static_cast<Enum>(found - names_of<Enum>.begin());
}

}  // namespace papillon::study
