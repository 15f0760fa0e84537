// SPDX-License-Identifier: MIT
/// \file value.hpp
/// The value of a setting in a form common to all: nothing, a truth value, a whole number, a real number, a word, or a
/// list of them. `to_text` writes the one canonical spelling of a value: what `--set` takes, and what the identity of a
/// run is computed from.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace papillon::study {

using integers = std::vector<std::int64_t>;
using reals = std::vector<double>;
using words = std::vector<std::string>;

/// `std::monostate` is "none", for settings that may be left open.
using value = std::variant<std::monostate, bool, std::int64_t, double, std::string, integers, reals, words>;

template <class T> inline constexpr bool is_list = false;
template <class T> inline constexpr bool is_list<std::vector<T>> = true;

/// The canonical spelling: numbers as short as they read back exactly, lists separated by commas.
[[nodiscard]] std::string to_text(value const& v);

}  // namespace papillon::study
