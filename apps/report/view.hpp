// SPDX-License-Identifier: MIT
/// \file view.hpp
/// The values of a results.json as the page's template names them. A number becomes an object: `.0` to `.3` are the
/// number rounded to so many decimals, `.+1` with its sign, `.fine` with one decimal, or two below one, `.p` with three
/// or as many as a small one needs, `.short` with those it has. Each is HTML that also names the number's JSON pointer
/// (attribute data-from); a missing number is a dash. Of a mean with a deviation or an interval, and of an interval
/// alone, `.1`, `.2`, `.3` and `.+1` are all of it, of a rate with its mistakes `.1` both. A word w at key k is text,
/// and `k=w` is true. Items of a list know whether they are the `first`.
#pragma once

#include <string>

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

namespace papillon::report {

using view = kainjow::mustache::data;

/// The value at a JSON pointer of a document.
[[nodiscard]] view view_of(nlohmann::ordered_json const& document, std::string const& pointer);

/// What is shown for a number that is missing.
inline constexpr char const* dash = "<span class=\"none\" title=\"missing\">\u2013</span>";

}  // namespace papillon::report
