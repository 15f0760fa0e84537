// SPDX-License-Identifier: MIT
/// \file row_window.hpp
/// Some rows of every channel of an image with margins of zeros around, in a thread's scratch: what a convolution reads
/// strip by strip. Rows that the next strip reads too are moved up, so that each is formed once.
#pragma once

#include <algorithm>
#include <cstddef>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// Sizes in registers of lanes; [channel][row][left margin, image, right margin].
struct row_window {
  int channels = 0, rows = 0, left = 0, image = 0, right = 0;

  [[nodiscard]] int width() const { return left + image + right; }
  [[nodiscard]] int plane() const { return rows * width(); }
  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(channels) * static_cast<std::size_t>(plane());
  }

  /// Zeroes what lies left and right of the image, which `fill` leaves alone.
  template <int L, class T> void clear_margins(T* window) const {
    for (int r = 0; r < channels * rows; ++r, window += static_cast<std::ptrdiff_t>(width()) * L) {
      std::fill_n(window, left * L, T{});
      std::fill_n(window + static_cast<std::ptrdiff_t>(width() - right) * L, right * L, T{});
    }
  }

  /// Rows of an image of a height into the window, whose row r is the image's row top + r: row(channel, y, to) forms
  /// those from `carried` up to `last`, outside of the image they are zero; the first `carried` are moved from
  /// `moved` rows further down.
  template <int L, class T, class Row>
  void fill(T* window, int height, int top, int carried, int moved, int last, Row const& row) const {
    std::ptrdiff_t const w = static_cast<std::ptrdiff_t>(width()) * L;
    for (int c = 0; c < channels; ++c, window += w * rows) {
      if (carried > 0) std::copy_n(window + moved * w, carried * w, window);
      for (int r = carried; r < last; ++r) {
        T* const to = window + r * w + left * L;
        if (top + r >= 0 && top + r < height) row(c, top + r, to);
        else std::fill_n(to, image * L, T{});
      }
    }
  }
};

}  // namespace papillon::nn
