// SPDX-License-Identifier: MIT
/// \file series.hpp
/// How the series of a study are told apart on figures and on the page: a colour and a symbol each, by order of
/// appearance. Dense comes first in a study, IMP and butterflies next: black, blue and red, as in the paper.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <study/results.hpp>

namespace papillon::report {

struct series_style {
  std::string name;
  std::string_view colour;  ///< "#1f4fbf"
  std::string_view point;   ///< gnuplot's symbol and size
};

/// The colour and gnuplot's dash of the i-th of several curves; colours repeat from the ninth on, with another dash.
[[nodiscard]] std::string_view curve_colour(std::size_t i) noexcept;
[[nodiscard]] std::size_t curve_dash(std::size_t i) noexcept;

/// The styles of the series that occur, in order of appearance.
[[nodiscard]] std::vector<series_style> series_styles(std::vector<std::string> const& series_in_order);
[[nodiscard]] std::vector<series_style> series_styles(study::results const& study);

/// At most `each` configurations of every series among those that are `eligible`, evenly from its list, the last one
/// included; of one configuration there is nothing to choose.
[[nodiscard]] std::vector<study::configuration_result const*> select_of_series(study::results const& study,
    std::size_t each, std::function<bool(study::configuration_result const&)> const& eligible);

}  // namespace papillon::report
