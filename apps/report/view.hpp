// SPDX-License-Identifier: MIT
/// \file view.hpp
/// The values of a results.json as the page's template names them. A number becomes an object: `.0` to `.3` are the
/// number rounded to so many decimals, `.+1` the same with its sign, `.fine` with one decimal, or two below one. Each
/// is HTML that also names the number's JSON pointer (attribute data-from); a missing number is a dash. Of a mean with
/// a deviation `.1` is both. A word w at key k is text, and `k=w` is true. Items of a list that are no words know
/// whether they are the `first`.
#pragma once

#include <string>
#include <vector>

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

#include <report/page.hpp>

namespace papillon::report {

using view = kainjow::mustache::data;

/// The value at a JSON pointer of a document.
[[nodiscard]] view view_of(nlohmann::ordered_json const& document, std::string const& pointer);

/// Figures as a list of title, caption, svg, why_not, files and whether they are `drawn`.
[[nodiscard]] view figures_view(std::vector<page_figure> const& figures);

/// What is shown for a number that is missing.
inline constexpr char const* dash = "<span class=\"none\" title=\"missing\">\u2013</span>";

}  // namespace papillon::report
