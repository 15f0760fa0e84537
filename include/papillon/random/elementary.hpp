// SPDX-License-Identifier: MIT
/// \file elementary.hpp
/// Logarithm, sine and cosine for normal deviates, in float and double. The standard library's differ from one libm or
/// device to the next; these are sums, products, quotients and explicit fused multiply-adds, each correctly rounded by
/// IEEE 754, so their results are the same bits everywhere. Errors stay below 2 units in the last place of 1 for sine
/// and cosine, of max(1, result) for the logarithm. (No product is followed by a sum that a compiler could contract.)
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::random::detail {

template <class T> inline constexpr bool is_single = std::is_same_v<T, float>;

/// log x for a positive normal number. x = m 2^e with m in [sqrt(1/2), sqrt(2)), and log m = 2 (s + s^3/3 + s^5/5 +
/// ...) with s = (m - 1) / (m + 1), |s| < 0.172, up to the term that no longer counts.
template <class T> [[nodiscard]] PAPILLON_HD inline T log(T x) {
  using word = std::conditional_t<is_single<T>, std::int32_t, std::int64_t>;
  constexpr int mantissa_bits = is_single<T> ? 23 : 52;
  constexpr word sqrt_half = is_single<T> ? static_cast<word>(0x3F3504F3) : static_cast<word>(0x3FE6A09E667F3BCD);
  constexpr int last = is_single<T> ? 9 : 21;
  word const offset = __builtin_bit_cast(word, x) - sqrt_half;
  word const exponent = offset >> mantissa_bits;
  T const m = __builtin_bit_cast(T, static_cast<word>((offset & ((word{1} << mantissa_bits) - 1)) + sqrt_half));
  T const s = (m - T(1)) / (m + T(1));
  T const z = s * s;
  T series = T(1) / T(last);
  for (int n = last - 2; n >= 3; n -= 2) series = std::fma(series, z, T(1) / static_cast<T>(n));
  T const s2 = T(2) * s;
  T const log_m = std::fma(s2 * z, series, s2);
  return std::fma(static_cast<T>(exponent), T(0.693147180559945309417), log_m);
}

/// sin and cos of the same angle.
template <class T> struct circle_point { T sine, cosine; };

/// The point at `fraction` / 2^bits of a full turn; bits is 32 (float) or 53 (double). Reduced exactly, in integers, to
/// an eighth of a turn either side of a quadrant's start; then Taylor series.
template <class T> [[nodiscard]] PAPILLON_HD inline circle_point<T> circle(std::uint64_t fraction) {
  constexpr int bits = is_single<T> ? 32 : 53;
  constexpr int last = is_single<T> ? 10 : 16;
  std::uint64_t const quadrant = (fraction + (std::uint64_t{1} << (bits - 3))) >> (bits - 2);
  auto const rest = static_cast<std::int64_t>(fraction) - static_cast<std::int64_t>(quadrant << (bits - 2));
  using small = std::conditional_t<is_single<T>, std::int32_t, std::int64_t>;  // 32-bit conversions vectorise
  T const x =
      static_cast<T>(static_cast<small>(rest)) * (T(6.28318530717958647693) / static_cast<T>(std::uint64_t{1} << bits));
  T const z = x * x;
  T sine = T(1), cosine = T(1);  // nested: 1 - z/(2 3) (1 - z/(4 5) (...)) and 1 - z/(1 2) (1 - z/(3 4) (...))
  for (int n = last; n >= 2; n -= 2) {
    sine = std::fma(z * (T(-1) / static_cast<T>(n * (n + 1))), sine, T(1));
    cosine = std::fma(z * (T(-1) / static_cast<T>(n * (n - 1))), cosine, T(1));
  }
  sine *= x;
  bool const swap = (quadrant & 1) != 0;
  T const s = swap ? cosine : sine;
  T const c = swap ? sine : cosine;
  return {(quadrant & 2) != 0 ? -s : s, ((quadrant + 1) & 2) != 0 ? -c : c};
}

}  // namespace papillon::random::detail
