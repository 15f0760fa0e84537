// SPDX-License-Identifier: MIT
/// \file html.hpp
/// Text and numbers for an HTML page.
#pragma once

#include <string>
#include <string_view>

namespace papillon::report {

/// Text as it may stand in an element or in a quoted attribute; control characters other than tab and newline become
/// spaces.
[[nodiscard]] std::string escape(std::string_view text);

/// A number with a fixed number of decimals and a typographic minus; -0.0 is 0.0.
[[nodiscard]] std::string fixed(double value, int decimals);

}  // namespace papillon::report
