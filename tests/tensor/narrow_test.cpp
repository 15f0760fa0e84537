// SPDX-License-Identifier: MIT
/// Registers of 16 bits a lane: every value against the scalar formulas of files, rounding against the neighbours.
#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <papillon/io/narrow_float.hpp>
#include <papillon/tensor/narrow.hpp>

using namespace papillon;

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors wider than the registers, see tensor/vec.hpp

namespace {

template <class Format, int L> struct format_case {
  using format = Format;
  static constexpr int lanes = L;
  static float widen(std::uint16_t h) {
    std::uint16_t bits[L] = {};
    float wide[L];
    bits[L - 1] = h;
    store<L>(wide, Format::template widen<L>(load<L>(bits)));
    return wide[L - 1];
  }
  static std::uint16_t narrow(float v) {
    float wide[L] = {};
    std::uint16_t bits[L];
    wide[L - 1] = v;
    store<L>(bits, Format::template narrow<L>(load<L>(wide)));
    return bits[L - 1];
  }
};

float formula(f16, std::uint16_t h) { return io::from_f16(h); }
float formula(bf16, std::uint16_t h) { return io::from_bf16(h); }

#define ALL_LANES(F)                                                                                        \
  (format_case<F, 1>), (format_case<F, 2>), (format_case<F, 4>), (format_case<F, 8>), (format_case<F, 16>), \
      (format_case<F, 32>)

}  // namespace

TEMPLATE_TEST_CASE("all 65,536 narrow values are widened as the formats say, and narrowed back to themselves", "",
    ALL_LANES(f16), ALL_LANES(bf16)) {
  int wrong = 0;
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    auto const h = static_cast<std::uint16_t>(bits);
    float const got = TestType::widen(h), want = formula(typename TestType::format{}, h);
    if (std::isnan(want)) wrong += !std::isnan(got) || !std::isnan(TestType::widen(TestType::narrow(got)));
    else wrong += std::bit_cast<std::uint32_t>(got) != std::bit_cast<std::uint32_t>(want) || TestType::narrow(got) != h;
  }
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("what lies between two narrow values goes to the nearer, from the middle to the even one", "",
    ALL_LANES(f16), ALL_LANES(bf16)) {
  int wrong = 0;
  for (std::uint32_t sign : {0u, 0x8000u})
    for (std::uint32_t bits = 0;; ++bits) {
      auto const below = static_cast<std::uint16_t>(sign | bits), above = static_cast<std::uint16_t>(below + 1);
      float const low = TestType::widen(below), high = TestType::widen(above);
      if (!std::isfinite(high)) break;
      float const middle = low / 2 + high / 2, toward_zero = std::nextafter(middle, 0.0f),
                  away = std::nextafter(middle, high * 2);
      // Among bf16's denormals halves are not exact.
      if (std::abs(low) < std::numeric_limits<float>::min() && std::is_same_v<typename TestType::format, bf16>)
        continue;
      wrong += TestType::narrow(middle) != (bits % 2 == 0 ? below : above);
      wrong += TestType::narrow(toward_zero) != below;
      wrong += TestType::narrow(away) != above;
    }
  CHECK(wrong == 0);
}

TEST_CASE("f16 is infinite from 65,520 on, bf16 where a float is") {
  using half = format_case<f16, native_lanes<float>>;
  using brain = format_case<bf16, native_lanes<float>>;
  CHECK(half::widen(half::narrow(std::nextafter(65520.0f, 0.0f))) == 65504.0f);
  CHECK(half::widen(half::narrow(65520.0f)) == std::numeric_limits<float>::infinity());
  CHECK(half::widen(half::narrow(-1e30f)) == -std::numeric_limits<float>::infinity());
  CHECK(brain::widen(brain::narrow(1e30f)) == Approx(1e30f).epsilon(0x1p-8));
  CHECK(brain::widen(brain::narrow(std::numeric_limits<float>::max())) == std::numeric_limits<float>::infinity());
}

TEST_CASE("processors without instructions for f16 form the same bits by integers") {
  constexpr int L = 16;
  int wrong = 0;
  for (std::uint64_t u = 0; u < (std::uint64_t{1} << 32); u += 65537 * 3 * L) {
    vec<std::uint32_t, L> bits{};
    for (int l = 0; l < L; ++l)
      bits[l] = static_cast<std::uint32_t>(u + std::uint64_t{65537} * 3 * static_cast<unsigned>(l));
    vec<float, L> const v = reinterpret_cast<vec<float, L>>(bits);
    vec<std::uint16_t, L> const want = f16::narrow<L>(v), got = detail::f16_by_integers<L>(v);
    vec<float, L> const wide = f16::widen<L>(want), formed = detail::f16_by_integers<L>(want);
    for (int l = 0; l < L; ++l)
      wrong +=
          std::isnan(v[l]) ? !std::isnan(wide[l]) || !std::isnan(formed[l]) : want[l] != got[l] || wide[l] != formed[l];
  }
  CHECK(wrong == 0);
}
