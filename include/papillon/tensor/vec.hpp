// SPDX-License-Identifier: MIT
/// \file vec.hpp
/// `vec<T, Lanes>`: one value for each of Lanes images, held in vector registers; arithmetic is lane by lane.
/// Lanes are written as this type and never as an inner loop, because compilers vectorise the loop far worse.
#pragma once

#include <cstring>
#include <type_traits>
#include <utility>

#include <papillon/config.hpp>

// Where a vector is wider than the registers, compilers warn that other flags return it in another way. Functions on
// vectors are inlined or instantiated where they are called, never called across builds. The warning stands at the
// call: the headers that call silence it for themselves, and code of one's own that calls with such widths is still
// warned.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"

namespace papillon::inline PAPILLON_ISA {

namespace detail {
template <class T, int Lanes> struct vec_type {
  static_assert(Lanes > 0 && (Lanes & (Lanes - 1)) == 0, "papillon::vec: Lanes must be a power of two");
  typedef T type __attribute__((vector_size(static_cast<unsigned>(Lanes) * sizeof(T))));
};
}  // namespace detail

template <class T, int Lanes> using vec = typename detail::vec_type<T, Lanes>::type;

/// Reads Lanes neighbouring values; any alignment.
template <int Lanes, class T> [[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> load(T const* p) {
  vec<T, Lanes> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

/// Writes Lanes neighbouring values; any alignment.
template <int Lanes, class T> PAPILLON_ALWAYS_INLINE void store(T* p, vec<T, Lanes> const& v) {
  std::memcpy(p, &v, sizeof v);
}

/// Writes past the caches what will not be read again soon: half the traffic of `store`, which first fetches the line.
/// p must be aligned to the vector. Before another thread reads, call `streaming_fence`.
template <int Lanes, class T> PAPILLON_ALWAYS_INLINE void store_streaming(T* p, vec<T, Lanes> const& v) {
#if defined(__clang__)
  __builtin_nontemporal_store(v, reinterpret_cast<vec<T, Lanes>*>(p));
#else
#  if defined(__AVX512F__) && !PAPILLON_CUDACC
  typedef long long v8 __attribute__((vector_size(64)));
  if constexpr (sizeof v == sizeof(v8))
    return __builtin_ia32_movntdq512(reinterpret_cast<v8*>(p), reinterpret_cast<v8 const&>(v));
#  endif
#  if defined(__AVX__) && !PAPILLON_CUDACC
  typedef long long v4 __attribute__((vector_size(32)));
  if constexpr (sizeof v == sizeof(v4))
    return __builtin_ia32_movntdq256(reinterpret_cast<v4*>(p), reinterpret_cast<v4 const&>(v));
#  endif
  store<Lanes>(p, v);
#endif
}
/// Orders streaming stores before what follows.
PAPILLON_ALWAYS_INLINE void streaming_fence() {
#if defined(__SSE2__) && !PAPILLON_CUDACC
  __builtin_ia32_sfence();
#endif
}

/// All lanes equal to s.
template <int Lanes, class T> [[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> broadcast(T s) {
  vec<T, Lanes> const all = s - vec<T, Lanes>{};
  vec<T, Lanes> v;
  std::memcpy(&v, &all, sizeof v);  // of `return all`, wider than the registers, g++ 12 warns at the end of the file,
                                    // out of reach of a pragma
  return v;
}

/// sum += a * b, rounded once where the processor has fused multiply-adds for registers of this width. Of `sum += a *
/// b` that is left to the compiler, which fuses in one loop and not in another: g++ for AMD's Zen does so where a sum
/// waits for the one before.
template <class T, int Lanes>
PAPILLON_ALWAYS_INLINE void add_product(vec<T, Lanes>& sum, vec<T, Lanes> const& a, vec<T, Lanes> const& b) {
#if defined(__AVX512F__) && !PAPILLON_CUDACC
  constexpr int current_rounding = 4;
  if constexpr (sizeof sum == 64 && sizeof(T) == 4) {
    sum = __builtin_ia32_vfmaddps512_mask(a, b, sum, static_cast<unsigned short>(0xFFFF), current_rounding);
    return;
  }
  if constexpr (sizeof sum == 64 && sizeof(T) == 8) {
    sum = __builtin_ia32_vfmaddpd512_mask(a, b, sum, static_cast<unsigned char>(0xFF), current_rounding);
    return;
  }
#endif
#if defined(__FMA__) && !PAPILLON_CUDACC
  if constexpr (sizeof sum == 32 && sizeof(T) == 4) {
    sum = __builtin_ia32_vfmaddps256(a, b, sum);
    return;
  }
  if constexpr (sizeof sum == 32 && sizeof(T) == 8) {
    sum = __builtin_ia32_vfmaddpd256(a, b, sum);
    return;
  }
#endif
  sum += a * b;
}

/// Indices of lanes: integers as wide as the values they choose from.
template <class T> using lane_index = std::conditional_t<sizeof(T) == 8, long long, int>;
template <class T, int Lanes> using lane_indices = vec<lane_index<T>, Lanes>;

/// Lane l of the result is lane which[l] of v, 0 <= which[l] < Lanes.
template <class T, int Lanes>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> permute(
    vec<T, Lanes> const& v, lane_indices<T, Lanes> const& which) {
#if !defined(__clang__) && !PAPILLON_CUDACC
  return __builtin_shuffle(v, which);
#else
#  if defined(__AVX512F__) && !PAPILLON_CUDACC
  if constexpr (sizeof v == 64 && sizeof(T) == 4) return __builtin_ia32_permvarsf512(v, which);
  if constexpr (sizeof v == 64 && sizeof(T) == 8) return __builtin_ia32_permvardf512(v, which);
#  endif
#  if defined(__AVX2__) && !PAPILLON_CUDACC
  if constexpr (sizeof v == 32 && sizeof(T) == 4) return __builtin_ia32_permvarsf256(v, which);
#  endif
  vec<T, Lanes> r{};
  for (int l = 0; l < Lanes; ++l) r[l] = v[which[l]];
  return r;
#endif
}

/// Lane l of the result is from[at[l]].
template <class T, int Lanes>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> gather(T const* from, vec<int, Lanes> const& at) {
  [[maybe_unused]] constexpr int bytes = Lanes * static_cast<int>(sizeof(T)), scale = static_cast<int>(sizeof(T));
#if defined(__AVX512F__) && !PAPILLON_CUDACC
  if constexpr (bytes == 64 && scale == 4)
    return __builtin_ia32_gathersiv16sf(vec<T, Lanes>{}, from, at, static_cast<unsigned short>(0xFFFF), scale);
  if constexpr (bytes == 64 && scale == 8)
    return __builtin_ia32_gathersiv8df(vec<T, Lanes>{}, from, at, static_cast<unsigned char>(0xFF), scale);
#endif
#if defined(__AVX2__) && !defined(__clang__) && !PAPILLON_CUDACC
  [[maybe_unused]] auto const all = reinterpret_cast<vec<T, Lanes>>(lane_indices<T, Lanes>{} == 0);
  if constexpr (bytes == 32 && scale == 4) return __builtin_ia32_gathersiv8sf(vec<T, Lanes>{}, from, at, all, scale);
  if constexpr (bytes == 32 && scale == 8) return __builtin_ia32_gathersiv4df(vec<T, Lanes>{}, from, at, all, scale);
#endif
  vec<T, Lanes> r{};
  for (int l = 0; l < Lanes; ++l) r[l] = from[at[l]];
  return r;
}

/// Sum of the lanes, by halves: ((v0 + v_{L/2}) + ...), the same order whatever the instruction set.
template <class T, int Lanes> [[nodiscard]] PAPILLON_ALWAYS_INLINE T horizontal_sum(vec<T, Lanes> const& v) {
  if constexpr (Lanes == 1) {
    return v[0];
  } else {
    vec<T, Lanes / 2> half[2];
    std::memcpy(half, &v, sizeof v);
    return horizontal_sum<T, Lanes / 2>(half[0] + half[1]);
  }
}

#if !PAPILLON_CUDACC
namespace detail {
/// Folds a and b, which hold sums of `Segment` lanes each, into sums of half as many: those of a and b in turn.
template <class T, int Lanes, int Segment, int... I>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> fold(
    vec<T, Lanes> const& a, vec<T, Lanes> const& b, std::integer_sequence<int, I...>) {
  constexpr int half = Segment / 2;
  return __builtin_shufflevector(a, b, (I / half % 2 * Lanes + I / Segment * Segment + I % half)...) +
         __builtin_shufflevector(a, b, (I / half % 2 * Lanes + I / Segment * Segment + I % half + half)...);
}
template <class T, int Lanes, int Segment>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> fold_all(vec<T, Lanes> (&v)[Segment]) {
  if constexpr (Segment == 1) {
    return v[0];
  } else {
    vec<T, Lanes> half[Segment / 2];
    for (int i = 0; i < Segment / 2; ++i)
      half[i] = fold<T, Lanes, Segment>(v[i], v[i + Segment / 2], std::make_integer_sequence<int, Lanes>{});
    return fold_all<T, Lanes, Segment / 2>(half);
  }
}

/// v over and over, until it fills Lanes.
template <class T, int Lanes, int From, int... I>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> fill_with(vec<T, From> const& v, std::integer_sequence<int, I...>) {
  // Twice as much at a time: what g++ does not know as one instruction it takes through memory.
  vec<T, 2 * From> const twice = __builtin_shufflevector(v, v, (I % From)...);
  if constexpr (2 * From == Lanes) return twice;
  else return fill_with<T, Lanes, 2 * From>(twice, std::make_integer_sequence<int, 4 * From>{});
}

/// Exchanges the blocks of Half x Half values off the diagonal of every 2 Half x 2 Half block.
template <class T, int Lanes, int Half, int... I>
PAPILLON_ALWAYS_INLINE void exchange(vec<T, Lanes>& a, vec<T, Lanes>& b, std::integer_sequence<int, I...>) {
  vec<T, Lanes> const low = __builtin_shufflevector(a, b, ((I & Half) == 0 ? I : I - Half + Lanes)...);
  b = __builtin_shufflevector(a, b, ((I & Half) == 0 ? I + Half : I + Lanes)...);
  a = low;
}
}  // namespace detail

/// Lane l of the result is p[l % Period]: what lies at p over and over.
template <int Lanes, int Period, class T> [[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> load_repeated(T const* p) {
  if constexpr (Period == 1) {
    return broadcast<Lanes>(*p);
  } else if constexpr (Period * sizeof(T) == sizeof(double)) {
    double pair;  // moved as one number
    std::memcpy(&pair, p, sizeof pair);
    return reinterpret_cast<vec<T, Lanes>>(broadcast<Lanes / Period>(pair));
  } else {
    return detail::fill_with<T, Lanes, Period>(load<Period>(p), std::make_integer_sequence<int, 2 * Period>{});
  }
}

/// Lane l of v[k] becomes lane k of v[l].
template <class T, int Lanes, int Half = Lanes / 2> PAPILLON_ALWAYS_INLINE void transpose(vec<T, Lanes> (&v)[Lanes]) {
  if constexpr (Half > 0) {
#  pragma GCC unroll 16
    for (int i = 0; i < Lanes; ++i)
      if ((i & Half) == 0)
        detail::exchange<T, Lanes, Half>(v[i], v[i + Half], std::make_integer_sequence<int, Lanes>{});
    transpose<T, Lanes, Half / 2>(v);
  }
}

/// Lane l of the result is the sum of the lanes of v[l], in the order of horizontal_sum.
template <class T, int Lanes>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> horizontal_sums(vec<T, Lanes> (&v)[Lanes]) {
  return detail::fold_all<T, Lanes, Lanes>(v);
}
#endif

/// v where the mask is -1, zero where it is 0.
template <class T, int Lanes>
[[nodiscard]] PAPILLON_ALWAYS_INLINE vec<T, Lanes> only_lanes(
    vec<T, Lanes> const& v, lane_indices<T, Lanes> const& mask) {
  return reinterpret_cast<vec<T, Lanes>>(reinterpret_cast<lane_indices<T, Lanes>>(v) & mask);
}

}  // namespace papillon

#pragma GCC diagnostic pop
