// SPDX-License-Identifier: MIT
/// \file jacobi_svd.hpp
/// Thin singular value decomposition A = U S V^H of a small matrix by one-sided Jacobi rotations: neighbouring pairs of
/// columns are turned until all are orthogonal; their norms are then the singular values. Small singular values keep
/// their relative accuracy. Source: Hestenes 1958; Golub, Van Loan, Matrix Computations, section 8.6.3.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/product/scalar.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace detail {

/// sum of conj(x_i) y_i; four sums side by side, so that the compiler need not keep one order.
template <class T> [[nodiscard]] T dot(std::size_t n, T const* x, T const* y) {
  T sum[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (std::size_t k = 0; k < 4; ++k) sum[k] += product::conjugate(x[i + k]) * y[i + k];
  for (; i < n; ++i) sum[0] += product::conjugate(x[i]) * y[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

}  // namespace detail

/// Decomposes one matrix after another; its buffers are kept. T: double or std::complex<double>.
template <class T> class jacobi_svd {
 public:
  /// `a`: rows x cols, column-major, finite; both sizes at least 1. Without `vectors` only values() may be asked for.
  void compute(std::size_t rows, std::size_t cols, std::span<T const> a, bool vectors = true) {
    wide_ = cols > rows;
    height_ = wide_ ? cols : rows;
    width_ = wide_ ? rows : cols;
    a_.resize(height_ * width_);
    double largest = 0;
    for (T const& x : a) largest = std::max(largest, static_cast<double>(std::abs(x)));
    // A power of two: scaling is exact, and squares neither overflow nor vanish.
    int exponent = 0;
    std::frexp(largest, &exponent);
    double const down = std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
    for (std::size_t j = 0; j < width_; ++j)
      for (std::size_t i = 0; i < height_; ++i)
        a_[j * height_ + i] = (wide_ ? product::conjugate(a[i * rows + j]) : a[j * rows + i]) * down;
    v_.assign(vectors ? width_ * width_ : 0, T{});
    for (std::size_t j = 0; vectors && j < width_; ++j) v_[j * width_ + j] = T{1};
    rotate(vectors);
    order_.resize(width_);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    norms_.resize(width_);
    for (std::size_t j = 0; j < width_; ++j)
      norms_[j] = std::sqrt(std::abs(detail::dot(height_, a_.data() + j * height_, a_.data() + j * height_))) / down;
    std::stable_sort(order_.begin(), order_.end(), [&](std::size_t l, std::size_t r) { return norms_[l] > norms_[r]; });
    values_.resize(width_);
    for (std::size_t k = 0; k < width_; ++k) values_[k] = norms_[order_[k]];
    up_ = 1 / down;
  }

  /// The min(rows, cols) singular values, falling.
  [[nodiscard]] std::span<double const> values() const { return values_; }
  /// Entry i of the left singular vector k. Vectors of the value 0 may be zero on one side.
  [[nodiscard]] T left(std::size_t k, std::size_t i) const { return wide_ ? turned(k, i) : scaled(k, i); }
  /// Entry i of the right singular vector k (not conjugated: A v_k = s_k u_k).
  [[nodiscard]] T right(std::size_t k, std::size_t i) const { return wide_ ? scaled(k, i) : turned(k, i); }

 private:
  [[nodiscard]] T scaled(std::size_t k, std::size_t i) const {
    return values_[k] > 0 ? a_[order_[k] * height_ + i] * (up_ / values_[k]) : T{};
  }
  [[nodiscard]] T turned(std::size_t k, std::size_t i) const { return v_[order_[k] * width_ + i]; }

  void rotate(bool vectors) {
    // Rounding leaves sums of `height` products this far from orthogonal.
    double const tolerance = std::numeric_limits<double>::epsilon() * std::sqrt(static_cast<double>(height_));
    // A column that is a multiple of another shrinks with every turn; where numbers lose digits a phase has no
    // length 1.
    double const smallest = std::numeric_limits<double>::min() / std::numeric_limits<double>::epsilon();
    bool orthogonal = false;
    for (int sweep = 0; sweep < 60 && !orthogonal; ++sweep) {
      orthogonal = true;
      for (std::size_t p = 0; p + 1 < width_; ++p)
        for (std::size_t q = p + 1; q < width_; ++q) {
          T const* const x = a_.data() + p * height_;
          T const* const y = a_.data() + q * height_;
          // Norms are formed anew: updated ones lose all digits where a column cancels.
          double const xx = std::abs(detail::dot(height_, x, x)), yy = std::abs(detail::dot(height_, y, y));
          T const inner = detail::dot(height_, x, y);
          double const size = std::abs(inner);
          if (size <= smallest || size <= tolerance * std::sqrt(xx) * std::sqrt(yy)) continue;
          orthogonal = false;
          double const zeta = (yy - xx) / (2 * size);
          double const t = (zeta < 0 ? -1 : 1) / (std::abs(zeta) + std::hypot(1.0, zeta));
          double const c = 1 / std::hypot(1.0, t), s = c * t;
          T const phase = product::conjugate(inner / size);
          turn(height_, a_.data(), p, q, c, s, phase);
          if (vectors) turn(width_, v_.data(), p, q, c, s, phase);
        }
    }
  }

  static void turn(std::size_t n, T* columns, std::size_t p, std::size_t q, double c, double s, T phase) {
    T* const x = columns + p * n;
    T* const y = columns + q * n;
    for (std::size_t i = 0; i < n; ++i) {
      T const xi = x[i], yi = y[i] * phase;
      x[i] = c * xi - s * yi;
      y[i] = s * xi + c * yi;
    }
  }

  bool wide_ = false;
  std::size_t height_ = 0, width_ = 0;
  double up_ = 1;
  std::vector<T> a_, v_;
  std::vector<double> norms_, values_;
  std::vector<std::size_t> order_;
};

}  // namespace papillon
