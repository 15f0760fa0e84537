// SPDX-License-Identifier: MIT
/// \file structured_product.hpp
/// A convolution or a linear layer on a device, for any structure: which kernels run, on which tables, in which
/// scratch. Pointers are device memory, tensors packed with device_lanes lanes. Forward, a chain whose intermediates
/// fit runs as one kernel; backward, intermediates are formed again and kept in scratch, since the gradient of every
/// factor reads two of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <papillon/exec/device.hpp>
#include <papillon/nn/kernels/convolution.hpp>
#include <papillon/product/chain_product.hpp>
#include <papillon/product/gather_gradient.hpp>
#include <papillon/product/gather_product.hpp>
#include <papillon/product/masked.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class structured_product {
 public:
  /// A convolution.
  template <class Structure>
  structured_product(convolution_geometry const& geometry, Structure const& w, bool bias) : g_(geometry), bias_(bias) {
    check_convolution(g_, w.rows(), w.cols());
    auto const& all = factors_of(w);
    std::size_t first = 0;
    for (std::size_t l = 0; l < all.size(); ++l) {
      add_factor(all[l], static_cast<int>(first), l + 1 == all.size(), tables_);
      first += static_cast<std::size_t>(all[l].storage());
    }
    coefficients_ = static_cast<int>(first);
  }
  /// A linear layer: a convolution of one pixel.
  template <class Structure>
  structured_product(Structure const& w, bool bias)
      : structured_product(convolution_geometry{{w.cols(), 1, 1}, w.rows(), 1, 1, 0}, w, bias) {}

  /// What its kernels read; pointers to ints below are to where they stand on the device.
  [[nodiscard]] std::vector<int> const& tables() const { return tables_; }

  /// Values of scratch for a number of images.
  [[nodiscard]] std::size_t scratch(int images, bool training) const {
    std::size_t n = packed_forward_;
    n += (training ? 2 * static_cast<std::size_t>(factors_.size()) : std::size_t{2}) * intermediate(images);
    if (training) n += packed_adjoint_ + partial(images);
    return n;
  }

  /// y = W x + bias.
  template <class T>
  void forward(
      exec::device const& on, int const* tables, T const* parameters, T const* x, T* y, int images, T* scratch) const {
    for (factor const& f : factors_) pack(on, tables, f.forward, parameters, scratch + f.packed);
    if (fuses<T>()) {
      fused_forward(on, tables, scratch, x, y, images);
      return;
    }
    T const* in = x;
    for (std::size_t l = factors_.size(); l-- > 0;) {
      T* const out = l == 0 ? y : scratch + packed_forward_ + l % 2 * intermediate(images);
      multiply(on, tables, factors_[l].forward, scratch + factors_[l].packed, factors_[l].grid, in, out, images, false,
          l == 0 ? bias_of(parameters) : nullptr);
      in = out;
    }
  }

  /// dx = W^T dy (added if `accumulate`; not wanted if dx is null), gradient += the parameters' derivative.
  template <class T>
  void backward(exec::device const& on, int const* tables, T const* parameters, T const* x, T const* dy, T* dx,
      bool accumulate, T* gradient, int images, T* scratch) const {
    T* const packed_adjoint = scratch + packed_forward_;
    T* const kept = packed_adjoint + packed_adjoint_;  // v_l, the output of factor l, at l; then derivatives
    T* const strips = kept + 2 * factors_.size() * intermediate(images);
    T const* v = x;
    for (std::size_t l = factors_.size(); l-- > 1;) {
      factor const& f = factors_[l];
      pack(on, tables, f.forward, parameters, scratch + f.packed);
      T* const out = kept + l * intermediate(images);
      multiply(
          on, tables, f.forward, scratch + f.packed, f.grid, v, out, images, false, static_cast<T const*>(nullptr));
      v = out;
    }
    T const* d = dy;
    for (std::size_t l = 0; l < factors_.size(); ++l) {
      factor const& f = factors_[l];
      bool const last = l + 1 == factors_.size();
      form_gradient(on, tables, f, last ? x : kept + (l + 1) * intermediate(images), d, strips, gradient, images);
      if (last && dx == nullptr) break;
      T* const out = last ? dx : kept + (factors_.size() + l) * intermediate(images);
      for (adjoint_part const& a : f.adjoint) {
        pack(on, tables, a.table, parameters, packed_adjoint + a.packed);
        multiply(on, tables, a.table, packed_adjoint + a.packed, a.grid, d, out, images, last && accumulate,
            static_cast<T const*>(nullptr));
      }
      d = out;
    }
    if (bias_) on.launch(product::sum_rows<T>{dy, gradient + coefficients_, g_.outputs, images});
  }

 private:
  struct adjoint_part {
    product::gather_table table;
    product::gather_grid grid;
    std::size_t packed;
  };
  struct factor {
    product::gather_table forward;
    product::gather_grid grid;
    std::size_t packed;
    int rows;
    std::vector<adjoint_part> adjoint;  ///< one, or one a class of pixels that read the same taps
  };

  [[nodiscard]] int out_pixels() const { return g_.output().pixels(); }
  /// Values of the largest intermediate.
  [[nodiscard]] std::size_t intermediate(int images) const {
    int widest = 0;
    for (std::size_t l = 1; l < factors_.size(); ++l) widest = std::max(widest, factors_[l].rows);
    return static_cast<std::size_t>(widest) * static_cast<std::size_t>(out_pixels()) *
           static_cast<std::size_t>((images + exec::warp - 1) / exec::warp * exec::warp);
  }
  template <class T> [[nodiscard]] T const* bias_of(T const* parameters) const {
    return bias_ ? parameters + coefficients_ : nullptr;
  }

  // --- tables ---------------------------------------------------------------------------

  template <class Factor> void add_factor(Factor const& f, int first, bool input_side, std::vector<int>& tables) {
    shape const in = g_.input, out = g_.output();
    int const pixels = out_pixels(), s = g_.stride;
    int const classes = input_side ? s * s : 1;
    std::vector<product::gather_entry> forward;
    std::vector<std::vector<product::gather_entry>> adjoint(static_cast<std::size_t>(classes));
    product::for_each_multiplied(f, product::dense_from_density_on_device, [&](int row, int col, int i, bool learned) {
      int const index = first + i;
      if (!input_side) {
        forward.push_back({row, col, 0, 0, index, learned});
        adjoint[0].push_back({col, row, 0, 0, index, learned});
        return;
      }
      int const channel = g_.channel_of(col), dy = g_.tap_of(col) / g_.kernel - g_.padding,
                dx = g_.tap_of(col) % g_.kernel - g_.padding;
      forward.push_back({row, channel, dy, dx, index, learned});
      // Input pixel y is read by output pixel (y - dy) / stride, where that is whole: for y = cy modulo stride.
      int const cy = (dy % s + s) % s, cx = (dx % s + s) % s;
      adjoint[static_cast<std::size_t>(cy * s + cx)].push_back(
          {channel, row, (cy - dy) / s, (cx - dx) / s, index, learned});
    });
    factor now{product::append_gather_table(forward, f.rows(), tables), {}, packed_forward_, f.rows(), {}};
    packed_forward_ += static_cast<std::size_t>(now.forward.weights);
    if (input_side) {
      now.grid = {out.height, out.width, in.height, in.width, s, in.pixels(), pixels, in.size(), f.rows() * pixels,
          out.width, 1, 0};
      for (int c = 0; c < classes; ++c) {
        int const cy = c / s, cx = c % s;
        if (cy >= in.height || cx >= in.width) continue;
        product::gather_grid const grid{(in.height - cy + s - 1) / s, (in.width - cx + s - 1) / s, out.height,
            out.width, 1, pixels, in.pixels(), f.rows() * pixels, in.size(), s * in.width, s, cy * in.width + cx};
        add_adjoint(adjoint[static_cast<std::size_t>(c)], in.channels, grid, now, tables);
      }
    } else {
      now.grid = {1, pixels, 1, pixels, 1, pixels, pixels, f.cols() * pixels, f.rows() * pixels};
      add_adjoint(adjoint[0], f.cols(), {1, pixels, 1, pixels, 1, pixels, pixels, f.rows() * pixels, f.cols() * pixels},
          now, tables);
    }
    factors_.push_back(std::move(now));
  }
  void add_adjoint(std::vector<product::gather_entry> const& entries, int outputs, product::gather_grid const& grid,
      factor& f, std::vector<int>& tables) {
    f.adjoint.push_back({product::append_gather_table(entries, outputs, tables), grid, packed_adjoint_});
    packed_adjoint_ += static_cast<std::size_t>(f.adjoint.back().table.weights);
  }

  // --- launches ---------------------------------------------------------------------------

  template <class T>
  static void pack(
      exec::device const& on, int const* tables, product::gather_table const& t, T const* coefficients, T* packed) {
    on.launch(product::pack_weights<T>{coefficients, tables + t.at_index, packed, t.weights});
  }

  /// Calls f with the width of a table's groups as a constant.
  template <class F> static void with_width(int width, F const& f) {
    switch (width) {
      case 8: return f(std::integral_constant<int, 8>{});
      case 4: return f(std::integral_constant<int, 4>{});
      case 2: return f(std::integral_constant<int, 2>{});
      default: return f(std::integral_constant<int, 1>{});
    }
  }

  template <class T>
  static void multiply(exec::device const& on, int const* tables, product::gather_table const& t, T const* packed,
      product::gather_grid const& grid, T const* x, T* y, int images, bool accumulate, T const* bias) {
    auto const view = view_of(t, tables, packed);
    with_width(t.width, [&](auto width) {
      if (grid.cols >= 4) on.launch(product::gather_product<T, width(), 4>{view, grid, x, y, bias, images, accumulate});
      else on.launch(product::gather_product<T, width(), 1>{view, grid, x, y, bias, images, accumulate});
    });
  }

  /// Rows of pixels in a strip of the gradient: about 256 pixels, so that there are warps enough.
  [[nodiscard]] static int strip_rows(product::gather_grid const& grid) {
    return std::clamp(256 / grid.cols, 1, grid.rows);
  }
  /// The gradient's grid of a per-pixel factor: rows of the image, so that strips can divide it.
  [[nodiscard]] product::gather_grid gradient_grid(factor const& f) const {
    product::gather_grid grid = f.grid;
    if (grid.in_height == 1 && grid.rows == 1 && grid.cols == out_pixels()) {
      grid.rows = grid.in_height = g_.output().height;
      grid.cols = grid.in_width = grid.out_row = g_.output().width;
    }
    return grid;
  }
  [[nodiscard]] std::size_t partial(int images) const {
    std::size_t most = 0;
    for (factor const& f : factors_) {
      product::gather_grid const grid = gradient_grid(f);
      auto const strips = static_cast<std::size_t>(exec::blocks_for(images, exec::warp)) *
                          static_cast<std::size_t>(exec::blocks_for(grid.rows, strip_rows(grid)));
      most = std::max(most, strips * static_cast<std::size_t>(f.forward.weights));
    }
    return most;
  }
  template <class T>
  void form_gradient(exec::device const& on, int const* tables, factor const& f, T const* x, T const* dy, T* strips,
      T* gradient, int images) const {
    product::gather_table const& t = f.forward;
    product::gather_grid const grid = gradient_grid(f);
    with_width(t.width, [&](auto width) {
      product::gather_gradient<T, width()> const k{view_of<T>(t, tables, nullptr), tables + t.at_items, t.items,
          t.weights, grid, strip_rows(grid), x, dy, strips, images};
      on.launch(k);
      on.launch(product::add_strips<T>{strips, tables + t.at_gradient_index, gradient, k.strips(), t.weights});
    });
  }

  // --- the chain as one kernel --------------------------------------------------------------

  /// Rows of intermediates for one pixel.
  [[nodiscard]] int rows_a_pixel() const {
    int widest = 0;
    for (std::size_t l = 1; l < factors_.size(); ++l) widest = std::max(widest, factors_[l].rows);
    return widest * (factors_.size() > 2 ? 2 : 1);
  }
  template <class T> [[nodiscard]] bool fuses() const {
    return factors_.size() >= 2 && factors_.size() <= product::most_fused_factors &&
           rows_a_pixel() <= product::many_rows<T> && !bias_;
  }
  template <class T>
  void fused_forward(exec::device const& on, int const* tables, T const* packed, T const* x, T* y, int images) const {
    int const rows = rows_a_pixel();
    if (4 * rows <= product::few_rows<T>) launch_fused<T, 4, product::few_rows<T>>(on, tables, packed, x, y, images);
    else if (4 * rows <= product::many_rows<T>)
      launch_fused<T, 4, product::many_rows<T>>(on, tables, packed, x, y, images);
    else if (2 * rows <= product::many_rows<T>)
      launch_fused<T, 2, product::many_rows<T>>(on, tables, packed, x, y, images);
    else launch_fused<T, 1, product::many_rows<T>>(on, tables, packed, x, y, images);
  }
  template <class T, int P, int Rows>
  void launch_fused(exec::device const& on, int const* tables, T const* packed, T const* x, T* y, int images) const {
    product::chain_product<T, P, Rows> k{};
    k.factors = static_cast<int>(factors_.size());
    for (std::size_t l = 0; l < factors_.size(); ++l) {
      k.factor[l] = view_of(factors_[l].forward, tables, packed + factors_[l].packed);
      k.width[l] = factors_[l].forward.width;
    }
    k.buffer = Rows / (k.factors > 2 ? 2 : 1);
    k.grid = factors_.back().grid;
    k.grid.out_block = g_.output().size();
    k.x = x;
    k.y = y;
    k.images = images;
    on.launch(k);
  }

  convolution_geometry g_;
  bool bias_;
  int coefficients_ = 0;
  std::vector<factor> factors_;  ///< leftmost (output side) first
  std::size_t packed_forward_ = 0, packed_adjoint_ = 0;
  std::vector<int> tables_;
};

}  // namespace papillon::nn
