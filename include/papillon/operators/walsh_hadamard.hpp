// SPDX-License-Identifier: MIT
/// \file walsh_hadamard.hpp
/// The Walsh-Hadamard transform y_k = sum (-1)^{popcount(j & k)} x_j of size n = 2^m, in natural order, without a
/// scale: the butterfly whose coefficients are +1 and -1, here without storing or multiplying any. Symmetric, and n
/// times its own inverse. For one vector the first levels are exchanges within a register, the others take eight
/// registers at a time, and blocks that fit the first cache are finished before the levels across them; rows of many
/// vectors are combined eight at a time. n log2 n additions a vector.
#pragma once

#include <bit>
#include <complex>

#include <papillon/operators/apply.hpp>
#include <papillon/product/scalar.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/vec.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA {

namespace detail {

/// v[i] +- v[i ^ H], the sum where bit H of i is 0, for all H = 1, 2, ..., N / 2: between registers.
template <class T, int L, int N> PAPILLON_ALWAYS_INLINE void hadamard_between(vec<T, L> (&v)[N]) {
#pragma GCC unroll 3
  for (int h = 1; h < N; h *= 2)
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i)
      if ((i & h) == 0) {
        vec<T, L> const a = v[i], b = v[i + h];
        v[i] = a + b;
        v[i + h] = a - b;
      }
}

template <class T, int L, int H, int... I>
PAPILLON_ALWAYS_INLINE vec<T, L> hadamard_level(vec<T, L> const& v, std::integer_sequence<int, I...>) {
  vec<T, L> sum = permute<T, L>(v, lane_indices<T, L>{(I ^ H)...});
  add_product<T, L>(sum, vec<T, L>{((I & H) == 0 ? T(1) : T(-1))...}, v);
  return sum;
}
/// The same within a register, from the distance H on.
template <class T, int L, int H> PAPILLON_ALWAYS_INLINE void hadamard_within(vec<T, L>& v) {
  if constexpr (H < L) {
    v = hadamard_level<T, L, H>(v, std::make_integer_sequence<int, L>{});
    hadamard_within<T, L, 2 * H>(v);
  }
}

/// Rows of `row` values each, one after another: levels between rows `step` apart, log2(N) of them, on `count` rows.
template <class T, int L, int N>
void hadamard_rows(T* x, std::ptrdiff_t count, std::ptrdiff_t step, std::ptrdiff_t row) {
  for (std::ptrdiff_t first = 0; first < count; first += N * step)
    for (std::ptrdiff_t r = first; r < first + step; ++r) {
      T* const at = x + r * row;
      std::ptrdiff_t const apart = step * row;
      auto const combine = [&]<int Lanes>(std::ptrdiff_t c) {
        vec<T, Lanes> v[N];
        for (int i = 0; i < N; ++i) v[i] = load<Lanes>(at + i * apart + c);
        hadamard_between<T, Lanes, N>(v);
        for (int i = 0; i < N; ++i) store<Lanes>(at + i * apart + c, v[i]);
      };
      std::ptrdiff_t const rest = row % L;
      for (std::ptrdiff_t c = 0; c < row - rest; c += L) combine.template operator()<L>(c);
      for (std::ptrdiff_t left = rest; left > 0; --left) combine.template operator()<1>(row - left);
    }
}

/// All levels between `count` rows from the distance `step` on.
template <class T, int L>
void hadamard_between_rows(T* x, std::ptrdiff_t count, std::ptrdiff_t step, std::ptrdiff_t row) {
  for (; 8 * step <= count; step *= 8) hadamard_rows<T, L, 8>(x, count, step, row);
  if (4 * step <= count) hadamard_rows<T, L, 4>(x, count, step, row);
  else if (2 * step <= count) hadamard_rows<T, L, 2>(x, count, step, row);
}

/// One vector of n values, from the distance First on (2: of complex numbers, as pairs).
template <class T, int First> void hadamard_vector(T* x, std::ptrdiff_t n) {
  constexpr int L = native_lanes<T>;
  constexpr std::ptrdiff_t block = 16384 / static_cast<std::ptrdiff_t>(sizeof(T));  // half of a first cache of 32 KiB
  if (n < 8 * L) return hadamard_between_rows<T, 1>(x, n, First, 1);
  if (n > block) {
    for (std::ptrdiff_t b = 0; b < n; b += block) hadamard_vector<T, First>(x + b, block);
    return hadamard_between_rows<T, L>(x, n / block, 1, block);
  }
  for (std::ptrdiff_t i = 0; i < n; i += 8 * L) {
    vec<T, L> v[8];
    for (int k = 0; k < 8; ++k) {
      v[k] = load<L>(x + i + k * L);
      hadamard_within<T, L, First>(v[k]);
    }
    hadamard_between<T, L, 8>(v);
    for (int k = 0; k < 8; ++k) store<L>(x + i + k * L, v[k]);
  }
  hadamard_between_rows<T, L>(x, n / L, 8, L);
}

}  // namespace detail

template <class T> class walsh_hadamard {
 public:
  using value_type = T;

  /// Throws papillon::error (usage) unless n is a power of two from 1 on.
  explicit walsh_hadamard(int n) : n_(n) {
    if (n < 1 || !std::has_single_bit(static_cast<unsigned>(n)))
      throw error(errc::usage,
          message("a Walsh-Hadamard transform of size ", n, " is none (powers of two are) pad with zeros"));
  }

  [[nodiscard]] int rows() const { return n_; }
  [[nodiscard]] int cols() const { return n_; }

  /// out = W in, which is W^H in; sizes are the caller's duty.
  void multiply(exec::seq, bool /*adjoint*/, matrix_view<T const> in, matrix_view<T> out) const {
    for (std::ptrdiff_t c = 0; c < in.cols; ++c) {
      for (std::ptrdiff_t r = 0; r < n_; ++r) out.at(r, c) = in.at(r, c);
      for (std::ptrdiff_t h = 1; h < n_; h *= 2)
        for (std::ptrdiff_t r = 0; r < n_; ++r)
          if ((r & h) == 0) {
            T const a = out.at(r, c), b = out.at(r + h, c);
            out.at(r, c) = a + b;
            out.at(r + h, c) = a - b;
          }
    }
  }

  void multiply(exec::omp e, bool /*adjoint*/, matrix_view<T const> in, matrix_view<T> out) const {
    if (in.cols == 1 || out.row_stride == 1) transform_columns(e, in, out);
    else transform_rows(e, in, out);
  }

 private:
  using real = product::real_of<T>;
  static constexpr int parts = sizeof(T) / sizeof(real);  ///< of a number

  /// Vector by vector, in the place of the result where it lies together.
  void transform_columns(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    exec::omp const team = in.cols > 1 && in.cols * n_ > 16384 ? e : exec::omp{1};
    bool const in_place = out.row_stride == 1;
    buffer<T> apart(in_place ? 0 : static_cast<std::size_t>(n_ * in.cols));
    exec::parallel_for(team, static_cast<int>(in.cols), [&](int c, int) {
      T* const x = in_place ? out.data + c * out.col_stride : apart.data() + static_cast<std::ptrdiff_t>(c) * n_;
      if (in.row_stride == 1) std::copy_n(in.data + c * in.col_stride, n_, x);
      else
        for (std::ptrdiff_t r = 0; r < n_; ++r) x[r] = in.at(r, c);
      detail::hadamard_vector<real, parts>(reinterpret_cast<real*>(x), std::ptrdiff_t{n_} * parts);
      if (!in_place)
        for (std::ptrdiff_t r = 0; r < n_; ++r) out.at(r, c) = x[r];
    });
  }

  /// Panels of vectors, whose rows lie together.
  void transform_rows(exec::omp e, matrix_view<T const> in, matrix_view<T> out) const {
    constexpr std::ptrdiff_t wide = native_lanes<real> / parts;  // a line of the cache, or half of one
    auto const panels = (in.cols + wide - 1) / wide;
    exec::omp const team = in.cols * n_ > 16384 ? e : exec::omp{1};
    buffer<T> all(static_cast<std::size_t>(wide * n_ * std::min<std::ptrdiff_t>(exec::thread_count(team), panels)));
    exec::parallel_for(team, static_cast<int>(panels), [&](int p, int thread) {
      T* const panel = all.data() + static_cast<std::ptrdiff_t>(thread) * wide * n_;
      std::ptrdiff_t const first = p * wide, width = std::min(wide, in.cols - first);
      for (std::ptrdiff_t r = 0; r < n_; ++r)
        for (std::ptrdiff_t c = 0; c < width; ++c) panel[r * width + c] = in.at(r, first + c);
      detail::hadamard_between_rows<real, native_lanes<real>>(reinterpret_cast<real*>(panel), n_, 1, width * parts);
      for (std::ptrdiff_t r = 0; r < n_; ++r)
        for (std::ptrdiff_t c = 0; c < width; ++c) out.at(r, first + c) = panel[r * width + c];
    });
  }

  int n_;
};

static_assert(linear_map<walsh_hadamard<float>, exec::omp> && linear_map<walsh_hadamard<std::complex<double>>>);

}  // namespace papillon

#pragma GCC diagnostic pop
