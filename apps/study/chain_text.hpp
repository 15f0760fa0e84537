// SPDX-License-Identifier: MIT
/// \file chain_text.hpp
/// A chain as a person writes it: its factors "(1,8,8,2)(8,2,18,1)", leftmost first, or what generates it,
/// "butterfly:16", "monarch:21,16,3,4", "monotone:64,576,2".
#pragma once

#include <string_view>

#include <papillon/structure/runtime_chain.hpp>

namespace papillon::study {

/// Throws errc::usage for text that is no chain, errc::bad_input for factors that make none.
[[nodiscard]] runtime_chain read_chain(std::string_view text);

}  // namespace papillon::study
