// SPDX-License-Identifier: MIT
/// \file narrow_float.hpp
/// The two floating-point formats of 16 bits that networks are stored in, as float, which holds every one of their
/// values:
///   F16 (IEEE 754 binary16): sign, 5 bits of exponent e, 10 of fraction m:  2^{e-15} (1 + m/1024), 2^{-24} m where e =
///   0; BF16: the upper half of a float.
#pragma once

#include <bit>
#include <cstdint>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// The value of an F16; infinities and NaNs stay what they are.
[[nodiscard]] constexpr float from_f16(std::uint16_t bits) {
  std::uint32_t const sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31u, fraction = bits & 1023u;
  if (exponent == 0) {
    float const size = static_cast<float>(fraction) * 0x1p-24f;  // exact: 10 bits
    return sign != 0 ? -size : size;
  }
  std::uint32_t const wide = exponent == 31 ? 255u : exponent + (127 - 15);
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// The value of a BF16.
[[nodiscard]] constexpr float from_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace papillon::io
