// SPDX-License-Identifier: MIT
/// \file tensor.hpp
/// A batch of images that owns its storage, batch-blocked: [ceil(images/Lanes)][C][H][W][Lanes], zero at first.
/// The batch is the vector axis, so every weight is a scalar against a register of images, for any structure.
#pragma once

#include <algorithm>
#include <span>

#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/tensor_view.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T, int Lanes = native_lanes<T>> class tensor {
 public:
  tensor() = default;
  tensor(shape extent, int images)
      : extent_(extent), images_(images), values_(static_cast<std::size_t>((images + Lanes - 1) / Lanes) *
                                                      static_cast<std::size_t>(extent.size()) * Lanes,
                                              T{}) {}

  [[nodiscard]] shape extent() const { return extent_; }
  [[nodiscard]] int images() const { return images_; }
  [[nodiscard]] tensor_view<T, Lanes> view() { return {values_.data(), extent_, images_}; }
  [[nodiscard]] tensor_view<T const, Lanes> view() const { return cview(); }
  [[nodiscard]] tensor_view<T const, Lanes> cview() const { return {values_.data(), extent_, images_}; }
  /// A tensor is taken where a view is.
  operator tensor_view<T, Lanes>() { return view(); }               // NOLINT: meant to be implicit
  operator tensor_view<T const, Lanes>() const { return cview(); }  // NOLINT: meant to be implicit
  /// Everything, padding lanes included.
  [[nodiscard]] std::span<T> storage() { return values_; }
  [[nodiscard]] std::span<T const> storage() const { return values_; }
  [[nodiscard]] T& at(int image, int c, int y = 0, int x = 0) { return view().at(image, c, y, x); }
  [[nodiscard]] T const& at(int image, int c, int y = 0, int x = 0) const { return cview().at(image, c, y, x); }

 private:
  shape extent_{};
  int images_ = 0;
  buffer<T> values_;
};

/// Sets the lanes beyond the last image to zero, in every row of a padded view.
template <class T, int Lanes> void clear_padding(tensor_view<T, Lanes> x) {
  if (!x.padded() || x.images() % Lanes == 0) return;
  int const last = x.blocks() - 1;
  for (int r = 0; r < x.extent().size(); ++r) {
    T* const row = x.block(last) + r * x.row_stride();
    std::fill(row + x.images_in(last), row + Lanes, T{});
  }
}

/// From the usual order [image][channel][y][x] into a batch-blocked view; sizes must agree.
template <class T, int Lanes> void relayout(std::span<T const> nchw, tensor_view<T, Lanes> x) {
  std::size_t k = 0;
  for (int n = 0; n < x.images(); ++n)
    for (int r = 0; r < x.extent().size(); ++r) x.at(n, r) = nchw[k++];
  clear_padding(x);
}

/// From a batch-blocked view into the usual order [image][channel][y][x].
template <class T, int Lanes> void relayout(tensor_view<T const, Lanes> x, std::span<T> nchw) {
  std::size_t k = 0;
  for (int n = 0; n < x.images(); ++n)
    for (int r = 0; r < x.extent().size(); ++r) nchw[k++] = x.at(n, r);
}

}  // namespace papillon
