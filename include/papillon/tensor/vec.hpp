// SPDX-License-Identifier: MIT
/// \file vec.hpp
/// `vec<T, Lanes>`: one value for each of Lanes images, held in vector registers; arithmetic is lane by lane.
/// Lanes are written as this type and never as an inner loop, because compilers vectorise the loop far worse.
#pragma once

#include <cstring>

#include <papillon/config.hpp>

namespace papillon {

namespace detail {
template <class T, int Lanes>
struct vec_type {
  static_assert(Lanes > 0 && (Lanes & (Lanes - 1)) == 0, "papillon::vec: Lanes must be a power of two");
  typedef T type __attribute__((vector_size(static_cast<unsigned>(Lanes) * sizeof(T))));
};
}  // namespace detail

template <class T, int Lanes>
using vec = typename detail::vec_type<T, Lanes>::type;

/// Reads Lanes neighbouring values; any alignment.
template <int Lanes, class T>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> load(T const* p) {
  vec<T, Lanes> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

/// Writes Lanes neighbouring values; any alignment.
template <int Lanes, class T>
PAPILLON_ALWAYS_INLINE void store(T* p, vec<T, Lanes> const& v) {
  std::memcpy(p, &v, sizeof v);
}

/// All lanes equal to s.
template <int Lanes, class T>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> broadcast(T s) {
  return s - vec<T, Lanes>{};
}

/// Sum of the lanes, by halves: ((v0 + v_{L/2}) + ...), the same order whatever the instruction set.
template <class T, int Lanes>
[[nodiscard]] PAPILLON_ALWAYS_INLINE T horizontal_sum(vec<T, Lanes> const& v) {
  T s[static_cast<unsigned>(Lanes)];
  std::memcpy(s, &v, sizeof v);
  for (int half = Lanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) s[i] += s[i + half];
  return s[0];
}

}  // namespace papillon
