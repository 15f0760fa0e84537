// SPDX-License-Identifier: MIT
/// \file feature_kernels.hpp
/// Attack features of one batch, formulas in privacy/features.hpp, as functors that run wherever work runs: noise on
/// the images, probabilities and how they change, rows of features. Noise is keyed by image and draw, and has the same
/// bits everywhere. Images lie `lanes` side by side, packed.
#pragma once

#include <cmath>

#include <papillon/exec/for_each.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/random/engine.hpp>
#include <papillon/tensor/shape.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// y = x + epsilon N: the values of one image that come from one block of random words.
template <class T> struct add_noise {
  static constexpr char const* name = "noise";
  static constexpr int step = random::normal_block<T>::size;
  static constexpr int flops = 40 * step, bytes = 2 * step * static_cast<int>(sizeof(T)), grain = 1024;
  T const* x;
  T* y;
  std::uint32_t const* indices;  ///< numbers of the images, which key their noise
  random::stream stream;
  std::uint32_t draw;
  T epsilon;
  shape extent;
  int images, lanes;

  [[nodiscard]] PAPILLON_HD int steps() const { return exec::blocks_for(extent.size(), step); }
  [[nodiscard]] int count() const { return exec::blocks_for(images, lanes) * lanes * steps(); }
  PAPILLON_HD void operator()(int i) const {
    int const at = i / lanes % steps(), b = i / lanes / steps(), n = b * lanes + i % lanes;
    random::normal_block<T> noise{};
    if (n < images) {
      random::engine e(stream, draw, indices[n]);
      e.skip_blocks(static_cast<std::uint32_t>(at));
      noise = random::next_normals<T>(e);
    }
    PAPILLON_UNROLL
    for (int k = 0; k < step; ++k) {
      int const row = at * step + k;
      if (row >= extent.size()) continue;
      std::ptrdiff_t const to = (static_cast<std::ptrdiff_t>(b) * extent.size() + row) * lanes + i % lanes;
      y[to] = std::fma(epsilon, noise.v[k], x[to]);
    }
  }
};

/// Softmax of an image's logits: kept the first time, later its distance from what was kept is added to `change`.
template <class T> struct probability_change {
  static constexpr char const* name = "probabilities";
  static constexpr int flops = 250, bytes = 40 * sizeof(T), grain = 64;
  T const* logits;  ///< classes x 1 x 1
  T* plain;         ///< [image][class]
  double* change;   ///< [image][class]
  int classes, lanes;
  bool first;

  PAPILLON_HD void operator()(int n) const {
    T const* const x = logits + static_cast<std::ptrdiff_t>(n / lanes) * classes * lanes + n % lanes;
    T largest = x[0], sum{};
    for (int c = 1; c < classes; ++c) largest = x[c * lanes] > largest ? x[c * lanes] : largest;
    for (int c = 0; c < classes; ++c) sum += std::exp(x[c * lanes] - largest);
    for (int c = 0; c < classes; ++c) {
      T const p = std::exp(x[c * lanes] - largest) / sum;
      int const at = n * classes + c;
      if (first) plain[at] = p;
      change[at] = first ? 0.0 : change[at] + std::abs(static_cast<double>(p) - static_cast<double>(plain[at]));
    }
  }
};

/// features[image][0 .. 3 classes): probabilities, mean changes, the label.
template <class T> struct feature_value {
  static constexpr char const* name = "features";
  static constexpr int flops = 1, bytes = 2 * sizeof(T);
  T const* plain;
  double const* change;
  std::uint8_t const* labels;  ///< of image n: labels[indices[n]]
  std::uint32_t const* indices;
  T* features;
  double scale;  ///< draws * epsilon
  int classes;

  PAPILLON_HD void operator()(int i) const {
    int const n = i / (3 * classes), j = i % (3 * classes), c = j % classes;
    if (j < classes) features[i] = plain[n * classes + c];
    else if (j < 2 * classes) features[i] = static_cast<T>(change[n * classes + c] / scale);
    else features[i] = labels[indices[n]] == c ? T{1} : T{};
  }
};

}  // namespace papillon::privacy
