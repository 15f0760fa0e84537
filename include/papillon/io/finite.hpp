// SPDX-License-Identifier: MIT
/// \file finite.hpp
/// Where a list of numbers holds an infinity or a NaN: what comes from a file is asked before it is computed with.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <ranges>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// The first place of a value that is not finite; the number of values if there is none.
template <std::ranges::random_access_range Values> [[nodiscard]] std::size_t first_not_finite(Values const& values) {
  using T = std::ranges::range_value_t<Values>;
  if constexpr (!std::floating_point<T>) return std::ranges::size(values);
  else {
    auto const found = std::ranges::find_if_not(values, [](T x) { return std::isfinite(x); });
    return static_cast<std::size_t>(found - std::ranges::begin(values));
  }
}

}  // namespace papillon::io
