// SPDX-License-Identifier: MIT
/// \file distributions.hpp
/// Uniform, bounded, normal and permuted draws from an engine. Unlike those of `<random>`, their algorithms are fixed:
/// the same engine gives the same bits with every compiler and standard library. uniform, below and normal run on the
/// device too. Words taken: uniform 1 (float) or 2 (double); below 1 or, rarely, more; normal 2 (float) or 4 (double).
#pragma once

#include <cassert>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

#include <papillon/random/elementary.hpp>
#include <papillon/random/engine.hpp>

namespace papillon::inline PAPILLON_ISA::random {

namespace detail {

PAPILLON_HD constexpr std::uint64_t join(std::uint32_t low, std::uint32_t high) {
  return std::uint64_t{high} << 32 | low;
}

/// Two independent standard normal numbers of the random integers a, b (32 bits for float, 64 for double):
/// sqrt(-2 log u) (cos 2 pi v, sin 2 pi v), u in (0, 1], v in [0, 1). Box and Muller, Ann. Math. Stat. 29 (1958).
template <std::floating_point T> PAPILLON_HD inline circle_point<T> box_muller(std::uint64_t a, std::uint64_t b) {
  T u;  // (a + 1/2) / 2^bits
  if constexpr (is_single<T>) {
    u = std::fma(static_cast<T>(static_cast<std::uint32_t>(a)), T(0x1p-32), T(0x1p-33));
  } else {
    u = std::fma(static_cast<T>(static_cast<std::int64_t>(a >> 11)), T(0x1p-53), T(0x1p-54));
    b >>= 11;
  }
  T const radius = std::sqrt(T(-2) * log<T>(u));
  circle_point<T> const p = circle<T>(b);
  return {radius * p.sine, radius * p.cosine};
}

}  // namespace detail

/// Uniform on [lo, hi), in steps of (hi - lo) 2^-24 (float) or 2^-53 (double); hi itself only where rounding yields it.
template <std::floating_point T> [[nodiscard]] PAPILLON_HD inline T uniform(engine& e, T lo = T(0), T hi = T(1)) {
  T unit;
  if constexpr (detail::is_single<T>) {
    unit = static_cast<T>(e() >> 8) * T(0x1p-24);
  } else {
    std::uint32_t const low = e();
    unit = static_cast<T>(detail::join(low, e()) >> 11) * T(0x1p-53);
  }
  return std::fma(hi - lo, unit, lo);
}

/// Uniform on 0, ..., n - 1, without bias; n > 0. D. Lemire, "Fast random integer generation in an interval", 2019.
[[nodiscard]] PAPILLON_HD constexpr std::uint32_t below(engine& e, std::uint32_t n) {
  assert(n > 0);
  std::uint64_t product = std::uint64_t{e()} * n;
  if (static_cast<std::uint32_t>(product) < n) {
    std::uint32_t const threshold = (0u - n) % n;  // 2^32 mod n: the products that would come once too often
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{e()} * n;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

/// Standard normal; |result| <= 6.8 (float) or 8.7 (double).
template <std::floating_point T> [[nodiscard]] PAPILLON_HD inline T normal(engine& e) {
  std::uint64_t a = e(), b = e();
  if constexpr (!detail::is_single<T>) {
    a = detail::join(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
    b = e();
    b = detail::join(static_cast<std::uint32_t>(b), e());
  }
  return detail::box_muller<T>(a, b).cosine;
}

/// Independent standard normal numbers of one block of four words.
template <std::floating_point T> struct normal_block {
  static constexpr int size = detail::is_single<T> ? 4 : 2;
  T v[static_cast<unsigned>(size)];
};

/// Uses both numbers of a Box-Muller pair: twice as fast as calls of normal(), whose sequence is another one.
template <std::floating_point T> [[nodiscard]] PAPILLON_HD inline normal_block<T> next_normals(engine& e) {
  philox_block const w = e.next_block();
  if constexpr (detail::is_single<T>) {
    auto const p = detail::box_muller<T>(w.word[0], w.word[1]);
    auto const q = detail::box_muller<T>(w.word[2], w.word[3]);
    return {{p.cosine, p.sine, q.cosine, q.sine}};
  } else {
    auto const p = detail::box_muller<T>(detail::join(w.word[0], w.word[1]), detail::join(w.word[2], w.word[3]));
    return {{p.cosine, p.sine}};
  }
}

/// The numbers of as many blocks as `out` needs.
template <std::floating_point T> inline void fill_normal(engine& e, std::span<T> out) {
  constexpr std::size_t step = normal_block<T>::size;
  for (std::size_t i = 0; i < out.size(); i += step) {
    auto const values = next_normals<T>(e);
    for (std::size_t k = 0; k < step && i + k < out.size(); ++k) out[i + k] = values.v[k];
  }
}

/// A uniformly random permutation in place (Fisher-Yates, from the back); at most 2^32 - 1 values.
inline void shuffle(engine& e, std::span<std::uint32_t> values) {
  for (std::size_t n = values.size(); n > 1; --n)
    std::swap(values[n - 1], values[below(e, static_cast<std::uint32_t>(n))]);
}

}  // namespace papillon::random
