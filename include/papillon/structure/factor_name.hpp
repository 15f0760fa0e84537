// SPDX-License-Identifier: MIT
/// \file factor_name.hpp
/// What the coefficients of a structure's factor are called in networks, in PyTorch's state_dicts and in files.
#pragma once

#include <cstddef>
#include <string>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA {

/// "factor0" at the output side, "factor1", ...; in files after the name of the layer and a dot.
[[nodiscard]] inline std::string factor_name(std::size_t k) { return "factor" + std::to_string(k); }

}  // namespace papillon
