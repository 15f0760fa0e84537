// SPDX-License-Identifier: MIT
/// \file tensor_view.hpp
/// A view of a batch of images stored block by block: Lanes images side by side for every (channel, y, x).
/// Element (image n, row r) with r = (c*H + y)*W + x lies at  data[(n/Lanes)*block_stride + r*row_stride + n%Lanes].
/// A row-major (feature x image) matrix is such a view as it stands (row_stride = its leading dimension,
/// block_stride = Lanes, not padded); a `tensor` is the packed case, padded: there the last block has all its
/// lanes, and those beyond the last image are exactly zero after every operation.
#pragma once

#include <cstddef>
#include <type_traits>

#include <papillon/tensor/shape.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T, int Lanes> class tensor_view {
 public:
  using value_type = std::remove_const_t<T>;
  static constexpr int lanes = Lanes;

  constexpr tensor_view() = default;
  /// The packed, padded layout of `tensor`.
  constexpr tensor_view(T* data, shape extent, int images)
      : tensor_view(data, extent, images, Lanes, static_cast<std::ptrdiff_t>(extent.size()) * Lanes, true) {}
  constexpr tensor_view(
      T* data, shape extent, int images, std::ptrdiff_t row_stride, std::ptrdiff_t block_stride, bool padded)
      : data_(data), extent_(extent), images_(images), row_stride_(row_stride), block_stride_(block_stride),
        padded_(padded) {}
  /// A view of constants from a view of variables.
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor)
  requires(std::is_same_v<U const, T>) constexpr tensor_view(tensor_view<U, Lanes> const& o)
      : tensor_view(o.data(), o.extent(), o.images(), o.row_stride(), o.block_stride(), o.padded()) {}

  [[nodiscard]] constexpr T* data() const { return data_; }
  [[nodiscard]] constexpr shape extent() const { return extent_; }
  [[nodiscard]] constexpr int images() const { return images_; }
  [[nodiscard]] constexpr int blocks() const { return (images_ + Lanes - 1) / Lanes; }
  [[nodiscard]] constexpr std::ptrdiff_t row_stride() const { return row_stride_; }
  [[nodiscard]] constexpr std::ptrdiff_t block_stride() const { return block_stride_; }
  /// Whether the last block has storage for all its lanes.
  [[nodiscard]] constexpr bool padded() const { return padded_; }
  [[nodiscard]] constexpr bool empty() const { return data_ == nullptr; }

  /// First element of block b.
  [[nodiscard]] constexpr T* block(int b) const { return data_ + b * block_stride_; }
  /// Images in block b: Lanes, fewer in the last.
  [[nodiscard]] constexpr int images_in(int b) const {
    int const left = images_ - b * Lanes;
    return left < Lanes ? left : Lanes;
  }
  [[nodiscard]] constexpr T& at(int image, int row) const {
    return block(image / Lanes)[row * row_stride_ + image % Lanes];
  }
  [[nodiscard]] constexpr T& at(int image, int c, int y, int x) const { return at(image, extent_.row(c, y, x)); }

 private:
  T* data_ = nullptr;
  shape extent_{};
  int images_ = 0;
  std::ptrdiff_t row_stride_ = 0, block_stride_ = 0;
  bool padded_ = true;
};

/// Rows `first`, `first` + 1, ... of x as a tensor of a shape of their number.
template <class T, int L>
[[nodiscard]] constexpr tensor_view<T, L> rows_of(tensor_view<T, L> x, int first, shape extent) {
  return {x.data() + first * x.row_stride(), extent, x.images(), x.row_stride(), x.block_stride(), x.padded()};
}
/// One image of x: a lane of its block.
template <class T, int L> [[nodiscard]] constexpr tensor_view<T, L> image_of(tensor_view<T, L> x, int image) {
  return {x.block(image / L) + image % L, x.extent(), 1, x.row_stride(), x.block_stride(), false};
}

}  // namespace papillon
