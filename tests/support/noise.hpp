// SPDX-License-Identifier: MIT
/// \file noise.hpp
/// Data for the tests of operators: reproducible noise, tensors poisoned with NaN, largest differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <papillon/tensor/tensor.hpp>

namespace papillon::test {

/// Numbers in (-1, 1) that look random and depend on nothing but seed and position.
template <class T> std::vector<T> noise(std::size_t n, unsigned seed) {
  std::vector<T> v(n);
  std::uint64_t s = seed * 0x9E3779B97F4A7C15ull + 1;
  for (T& x : v) {
    s = s * 6364136223846793005ull + 1442695040888963407ull;
    x = static_cast<T>(static_cast<double>(s >> 11) / static_cast<double>(1ull << 52) - 1.0);
  }
  return v;
}

/// Noise in the images, zero in the padding lanes.
template <class T, int L> tensor<T, L> noise_tensor(shape extent, int images, unsigned seed) {
  tensor<T, L> x(extent, images);
  relayout<T, L>(noise<T>(static_cast<std::size_t>(extent.size()) * static_cast<std::size_t>(images), seed), x.view());
  return x;
}

/// NaN everywhere, padding lanes included: what an operation leaves unwritten shows.
template <class T, int L> tensor<T, L> poisoned(shape extent, int images) {
  tensor<T, L> x(extent, images);
  std::ranges::fill(x.storage(), std::numeric_limits<T>::quiet_NaN());
  return x;
}

/// Largest |a - b|; NaN if any entry of either is NaN, infinity if the sizes differ.
template <class T> T largest_difference(std::span<T const> a, std::span<T const> b) {
  if (a.size() != b.size()) return std::numeric_limits<T>::infinity();
  T largest{};
  for (std::size_t i = 0; i < a.size(); ++i) {
    T const d = std::abs(a[i] - b[i]);
    if (std::isnan(d)) return d;
    largest = std::max(largest, d);
  }
  return largest;
}

}  // namespace papillon::test
