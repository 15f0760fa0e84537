// SPDX-License-Identifier: MIT
/// \file attack_kernels.hpp
/// Attack features for one batch, formulas in privacy/features.hpp: noise on the images, probabilities and how they
/// change, rows of features; and for discriminators batches of rows and the derivative of the binary cross-entropy
/// (nn/kernels/loss.hpp). Noise is keyed by image and draw, and has the same bits as on the host.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <papillon/nn/kernels/elementwise.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/random/engine.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// y = x + epsilon N; a thread has the values of one image that come from one block of random words.
template <class T>
struct add_noise {
  static constexpr char const* name = "noise";
  static constexpr int step = random::normal_block<T>::size;
  T const* x;
  T* y;
  std::uint32_t const* indices;  ///< numbers of the images, which key their noise
  random::stream stream;
  std::uint32_t draw;
  T epsilon;
  shape extent;
  int images;

  [[nodiscard]] exec::cost work() const {
    double const n = nn::packed_size(extent.size(), images);
    return {40 * n, 2 * sizeof(T) * n};
  }
  [[nodiscard]] PAPILLON_HD int steps() const { return exec::blocks_for(extent.size(), step); }
  [[nodiscard]] PAPILLON_HD int size() const { return nn::packed_size(steps(), images); }
  PAPILLON_HD void operator()(int i) const {
    int const at = i / exec::warp % steps(), b = i / exec::warp / steps(), n = b * exec::warp + i % exec::warp;
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
      std::ptrdiff_t const to = (static_cast<std::ptrdiff_t>(b) * extent.size() + row) * exec::warp + i % exec::warp;
      y[to] = std::fma(epsilon, noise.v[k], x[to]);
    }
  }
};

/// Softmax of an image's logits: kept the first time, later its distance from what was kept is added to `change`.
template <class T>
struct probability_change {
  static constexpr char const* name = "probabilities";
  T const* logits;  ///< classes x 1 x 1, packed
  T* plain;         ///< [image][class]
  double* change;   ///< [image][class]
  int classes, images;
  bool first;

  [[nodiscard]] exec::cost work() const {
    return {25.0 * classes * images, (2.0 * sizeof(T) + 2 * sizeof(double)) * classes * images};
  }
  [[nodiscard]] PAPILLON_HD int size() const { return images; }
  PAPILLON_HD void operator()(int n) const {
    T const* const x = logits + static_cast<std::ptrdiff_t>(n / exec::warp) * classes * exec::warp + n % exec::warp;
    T largest = x[0], sum{};
    for (int c = 1; c < classes; ++c) largest = x[c * exec::warp] > largest ? x[c * exec::warp] : largest;
    for (int c = 0; c < classes; ++c) sum += std::exp(x[c * exec::warp] - largest);
    for (int c = 0; c < classes; ++c) {
      T const p = std::exp(x[c * exec::warp] - largest) / sum;
      int const at = n * classes + c;
      if (first) plain[at] = p;
      change[at] = first ? 0.0 : change[at] + std::abs(static_cast<double>(p) - static_cast<double>(plain[at]));
    }
  }
};

/// features[image][0 .. 3 classes): probabilities, mean changes, the label.
template <class T>
struct feature_value {
  static constexpr char const* name = "features";
  static constexpr int flops = 1, bytes = 2 * sizeof(T);
  T const* plain;
  double const* change;
  std::uint8_t const* labels;  ///< of image n: labels[indices[n]]
  std::uint32_t const* indices;
  T* features;
  double scale;  ///< draws * epsilon
  int classes, images;

  [[nodiscard]] PAPILLON_HD int size() const { return 3 * classes * images; }
  PAPILLON_HD void operator()(int i) const {
    int const n = i / (3 * classes), j = i % (3 * classes), c = j % classes;
    if (j < classes) features[i] = plain[n * classes + c];
    else if (j < 2 * classes) features[i] = static_cast<T>(change[n * classes + c] / scale);
    else features[i] = labels[indices[n]] == c ? T{1} : T{};
  }
};

/// Where a training over rows stands, in device memory, so that its recorded step can be replayed.
struct row_position {
  int first;  ///< of the order: where the batch begins
  int step;   ///< of the epoch
};

/// Moves on by one batch and fetches the step's constants of Adam.
template <class T>
struct next_rows {
  static constexpr char const* name = "next rows";
  static constexpr int flops = 0, bytes = 2 * sizeof(row_position) + 4 * sizeof(T);
  row_position* at;
  T const* constants;  ///< two a step
  T* step;             ///< the two of this step
  int batch;

  [[nodiscard]] PAPILLON_HD int size() const { return 1; }
  PAPILLON_HD void operator()(int) const {
    at->first += batch;
    at->step += 1;
    step[0] = constants[2 * at->step];
    step[1] = constants[2 * at->step + 1];
  }
};

/// x = (rows of a table - shift) * scale, side by side in the lanes.
template <class T>
struct row_value {
  static constexpr char const* name = "rows";
  static constexpr int flops = 2, bytes = 4 * sizeof(T);
  T const* table;              ///< [row][width]
  std::uint32_t const* order;  ///< image n is row order[at->first + n]
  row_position const* at;
  T const *shift, *scale;
  T* x;
  int width, images;

  [[nodiscard]] PAPILLON_HD int size() const { return nn::packed_size(width, images); }
  PAPILLON_HD void operator()(int i) const {
    int const j = i / exec::warp % width, n = i / exec::warp / width * exec::warp + i % exec::warp;
    x[i] = n < images ? (table[static_cast<std::size_t>(order[at->first + n]) * static_cast<std::size_t>(width) +
                               static_cast<std::size_t>(j)] -
                         shift[j]) *
                            scale[j]
                      : T{};
  }
};

/// Derivative of the mean binary cross-entropy of 1 x 1 x 1 logits.
template <class T>
struct binary_derivative {
  static constexpr char const* name = "binary loss, derivative";
  static constexpr int flops = 12, bytes = 2 * sizeof(T) + 5;
  T const* logits;
  std::uint8_t const* targets;  ///< of row r: targets[r]
  std::uint32_t const* order;
  row_position const* at;
  T* dlogits;
  int images;

  [[nodiscard]] PAPILLON_HD int size() const { return nn::packed_size(1, images); }
  PAPILLON_HD void operator()(int n) const {
    if (n >= images) {
      dlogits[n] = T{};
      return;
    }
    T const x = logits[n], small = std::exp(-std::abs(x));  // never overflows
    T const sigmoid = x >= T{} ? 1 / (1 + small) : small / (1 + small);
    dlogits[n] = (sigmoid - static_cast<T>(targets[order[at->first + n]])) / static_cast<T>(images);
  }
};

}  // namespace papillon::privacy
