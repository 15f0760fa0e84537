// SPDX-License-Identifier: MIT
/// \file narrow.hpp
/// Registers of floats as 16 bits a lane and back, for what is kept in memory at half the size. Rounded to the nearest,
/// of two to the even one; infinities and NaNs stay what they are. The formats are those of io/narrow_float.hpp:
///   f16: 11 significant bits from 6e-8 to 65,504, beyond that infinite (one instruction where the processor has it);
///   bf16: the upper half of a float, 8 significant bits in a float's range.
/// The same bits on every processor.
#pragma once

#include <cstdint>

#include <papillon/tensor/vec.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA {

namespace detail {

template <int L> using half_words = vec<std::uint16_t, L>;
template <int L> using words = vec<std::uint32_t, L>;

/// Gives `to` the bits of `from`. Functions below return a variable that is filled so: of `return expression`, wider
/// than the processor's registers, g++ 12 warns at the end of the file, out of reach of a pragma.
template <class To, class From> PAPILLON_ALWAYS_INLINE void copy_bits(To& to, From const& from) {
  static_assert(sizeof(To) == sizeof(From));
  std::memcpy(&to, &from, sizeof to);
}

/// r = yes where the mask is all ones, no where it is zero.
template <int L>
PAPILLON_ALWAYS_INLINE void choose(words<L>& r, words<L> const& mask, words<L> const& yes, words<L> const& no) {
  r = (yes & mask) | (no & ~mask);
}

/// IEEE 754 binary16 by integers; a float's addition rounds what becomes a denormal number.
template <int L> [[nodiscard]] PAPILLON_ALWAYS_INLINE half_words<L> f16_by_integers(vec<float, L> const& v) {
  auto const bits = reinterpret_cast<words<L>>(v), sign = bits & 0x80000000u, size = bits ^ sign;
  constexpr std::uint32_t infinite = 0x7f800000u, too_large = 0x47800000u, smallest_normal = 0x38800000u;
  vec<float, L> const half = vec<float, L>{} + 0.5f;  // its last bit is 2^-24, a denormal binary16's
  auto const denormal =
      reinterpret_cast<words<L>>(reinterpret_cast<vec<float, L>>(size) + half) - reinterpret_cast<words<L>>(half);
  words<L> const normal = (size - ((127u - 15u) << 23) + 0xfffu + ((size >> 13) & 1u)) >> 13;
  words<L> beyond, finite, r;
  choose<L>(beyond, reinterpret_cast<words<L>>(size > infinite), words<L>{} + 0x7e00u, words<L>{} + 0x7c00u);
  choose<L>(finite, reinterpret_cast<words<L>>(size < smallest_normal), denormal, normal);
  choose<L>(r, reinterpret_cast<words<L>>(size >= too_large), beyond, finite);
  half_words<L> h;
  copy_bits(h, __builtin_convertvector(r | (sign >> 16), half_words<L>));
  return h;
}
template <int L> [[nodiscard]] PAPILLON_ALWAYS_INLINE vec<float, L> f16_by_integers(half_words<L> const& h) {
  auto const bits = __builtin_convertvector(h, words<L>);
  words<L> const size = (bits & 0x7fffu) << 13, sign = (bits & 0x8000u) << 16;
  // Denormal numbers too: a product by 2^112 moves the exponent.
  auto const finite = reinterpret_cast<words<L>>(reinterpret_cast<vec<float, L>>(size) * 0x1p112f);
  words<L> r;
  choose<L>(r, reinterpret_cast<words<L>>(size >= (0x7c00u << 13)), size | 0x7f800000u, finite);
  vec<float, L> v;
  copy_bits(v, r | sign);
  return v;
}

/// Whether the processor converts registers of L floats, or of which half.
#if defined(__AVX512F__) && !PAPILLON_CUDACC
inline constexpr int f16_lanes = 16;
#elif defined(__F16C__) && !PAPILLON_CUDACC
inline constexpr int f16_lanes = 8;
#else
inline constexpr int f16_lanes = 0;
#endif

}  // namespace detail

/// IEEE 754 binary16.
struct f16 {
  template <int L> [[nodiscard]] static PAPILLON_ALWAYS_INLINE vec<std::uint16_t, L> narrow(vec<float, L> const& v) {
    vec<std::uint16_t, L> h;
    if constexpr (detail::f16_lanes > 0 && L > detail::f16_lanes) {
      vec<float, L / 2> half[2];
      std::memcpy(half, &v, sizeof v);
      vec<std::uint16_t, L / 2> const r[2] = {narrow<L / 2>(half[0]), narrow<L / 2>(half[1])};
      detail::copy_bits(h, r);
      return h;
    }
#if defined(__AVX512F__) && !PAPILLON_CUDACC
    constexpr int nearest_even = 0;
    if constexpr (L == 16) {
      vec<short, 16> const none{};
      detail::copy_bits(
          h, __builtin_ia32_vcvtps2ph512_mask(v, nearest_even, none, static_cast<unsigned short>(0xFFFF)));
      return h;
    }
#endif
#if defined(__F16C__) && !PAPILLON_CUDACC
    if constexpr (L == 8) {
      detail::copy_bits(h, __builtin_ia32_vcvtps2ph256(v, 0));
      return h;
    }
#endif
    detail::copy_bits(h, detail::f16_by_integers<L>(v));
    return h;
  }
  template <int L> [[nodiscard]] static PAPILLON_ALWAYS_INLINE vec<float, L> widen(vec<std::uint16_t, L> const& h) {
    vec<float, L> v;
    if constexpr (detail::f16_lanes > 0 && L > detail::f16_lanes) {
      vec<std::uint16_t, L / 2> half[2];
      std::memcpy(half, &h, sizeof h);
      vec<float, L / 2> const r[2] = {widen<L / 2>(half[0]), widen<L / 2>(half[1])};
      detail::copy_bits(v, r);
      return v;
    }
    [[maybe_unused]] vec<short, L> bits;
    detail::copy_bits(bits, h);
#if defined(__AVX512F__) && !PAPILLON_CUDACC
    constexpr int current_rounding = 4;
    if constexpr (L == 16) {
      v = __builtin_ia32_vcvtph2ps512_mask(
          bits, vec<float, 16>{}, static_cast<unsigned short>(0xFFFF), current_rounding);
      return v;
    }
#endif
#if defined(__F16C__) && !PAPILLON_CUDACC
    if constexpr (L == 8) {
      v = __builtin_ia32_vcvtph2ps256(bits);
      return v;
    }
#endif
    detail::copy_bits(v, detail::f16_by_integers<L>(h));
    return v;
  }
};

/// The upper half of a float.
struct bf16 {
  template <int L> [[nodiscard]] static PAPILLON_ALWAYS_INLINE vec<std::uint16_t, L> narrow(vec<float, L> const& v) {
    using words = detail::words<L>;
    auto const bits = reinterpret_cast<words>(v);
    words r;
    detail::choose<L>(r, reinterpret_cast<words>((bits & 0x7fffffffu) > 0x7f800000u), words{} + 0x7fc0u,
        (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
    vec<std::uint16_t, L> h;
    detail::copy_bits(h, __builtin_convertvector(r, detail::half_words<L>));
    return h;
  }
  template <int L> [[nodiscard]] static PAPILLON_ALWAYS_INLINE vec<float, L> widen(vec<std::uint16_t, L> const& h) {
    vec<float, L> v;
    detail::copy_bits(v, __builtin_convertvector(h, detail::words<L>) << 16);
    return v;
  }
};

}  // namespace papillon

#pragma GCC diagnostic pop
