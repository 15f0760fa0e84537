// SPDX-License-Identifier: MIT
/// \file vector_set.hpp
/// Where the kernels for a few vectors (vector_kernel.hpp) find them, and what becomes of a register of sums.
#pragma once

#include <cstddef>

#include <papillon/tensor/vec.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// What becomes of the products: `replace` stores them as Y; `add_rotated`, of two vectors (X = Im, Re), adds i W X to
/// Y = (Re, Im).
enum class product_use { replace, add_rotated };

/// Vectors side by side: where the first one begins, and how far apart they are.
template <class T> struct vector_set {
  T* data;
  std::ptrdiff_t step;
};

namespace detail {

/// The lanes of a sum from `fresh` on, of vector m.
template <int L, class T>
[[gnu::noinline]] void put_lanes(T* to, vec<T, L> const& sum, int m, int fresh, product_use use) {
  for (int l = fresh; l < L; ++l)
    to[l] = use == product_use::replace ? sum[l] : m == 0 ? to[l] - sum[l] : to[l] + sum[l];
}

}  // namespace detail

}  // namespace papillon::product
