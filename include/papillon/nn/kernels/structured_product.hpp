// SPDX-License-Identifier: MIT
/// \file structured_product.hpp
/// A convolution or a linear layer on a device, for any structure: which kernels run, on which tables, in which
/// scratch. Forward, a chain whose intermediates fit runs as one kernel; backward, intermediates are formed again and
/// kept in scratch, since the gradient of every factor reads two of them.
#pragma once

#include <papillon/nn/kernels/convolution.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/product/chain_product.hpp>
#include <papillon/product/gather_gradient.hpp>
#include <papillon/product/masked.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class structured_product {
 public:
  /// A convolution; with a bias, which follows the coefficients among the parameters, of one pixel.
  template <class Structure>
  structured_product(convolution_geometry const& geometry, Structure const& w, bool bias) : g_(geometry), bias_(bias) {
    check_convolution(g_, w.rows(), w.cols());
    auto const& all = factors_of(w);
    std::size_t first = 0;
    for (std::size_t l = 0; l < all.size(); ++l) {
      add_factor(all[l], static_cast<int>(first), l + 1 == all.size());
      first += static_cast<std::size_t>(all[l].storage());
      if (l > 0) widest_ = std::max(widest_, all[l].rows());
    }
    coefficients_ = first;
  }
  /// A linear layer: a convolution of one pixel.
  template <class Structure>
  structured_product(Structure const& w, bool bias)
      : structured_product(convolution_geometry{{w.cols(), 1, 1}, w.rows(), 1, 1, 0}, w, bias) {}

  /// What its kernels read: the tables of the arguments below, where the work runs.
  [[nodiscard]] std::vector<int> const& tables() const { return tables_; }

  /// Values of scratch for a number of images.
  [[nodiscard]] std::size_t scratch(int images, bool training) const {
    std::size_t n = packed_forward_ + (training ? 2 * factors_.size() : 2) * intermediate(images);
    if (training) n += packed_adjoint_ + partial(images);
    return n;
  }

  /// y = W x + bias.
  template <class T> void forward(exec::device const& on, forward_args<T, exec::device_lanes> const& a) const {
    T* const packed = a.scratch.data();
    if (fuses<T>()) {
      for (factor const& f : factors_) pack(on, a, f.forward, packed);
      fused_forward(on, a);
      return;
    }
    T const* in = a.x.data();
    for (std::size_t l = factors_.size(); l-- > 0;) {
      T* const out = l == 0 ? a.y.data() : packed + packed_forward_ + l % 2 * intermediate(a.x.images());
      multiply(on, a, factors_[l].forward, packed, in, out, false,
          l == 0 && bias_ ? a.parameters.data() + coefficients_ : nullptr);
      in = out;
    }
  }

  /// dx = W^T dy (added if accumulate_dx; not wanted if dx is empty), gradient += the parameters' derivative.
  template <class T> void backward(exec::device const& on, backward_args<T, exec::device_lanes> const& a) const {
    T* const packed = a.scratch.data();
    T* const packed_adjoint = packed + packed_forward_;
    std::size_t const size = intermediate(a.x.images());
    T* const kept = packed_adjoint + packed_adjoint_;  // v_l, the output of factor l, at l; then derivatives
    T* const strips = kept + 2 * factors_.size() * size;
    T const* v = a.x.data();
    for (std::size_t l = factors_.size(); l-- > 1; v = kept + l * size)
      multiply(on, a, factors_[l].forward, packed, v, kept + l * size);
    T const* d = a.dy.data();
    for (std::size_t l = 0; l < factors_.size(); ++l) {
      bool const last = l + 1 == factors_.size();
      form_gradient(on, a, factors_[l].forward, last ? a.x.data() : kept + (l + 1) * size, d, strips);
      if (last && a.dx.empty()) break;
      T* const out = last ? a.dx.data() : kept + (factors_.size() + l) * size;
      for (part const& k : factors_[l].adjoint) multiply(on, a, k, packed_adjoint, d, out, last && a.accumulate_dx);
      d = out;
    }
    if (!bias_) return;
    if (a.image_gradients.empty())
      return on.launch(product::sum_rows<T>{a.dy.data(), a.gradient.data() + coefficients_, g_.outputs, a.x.images()});
    tensor_view<T, exec::device_lanes> const biases =
        rows_of(a.image_gradients, static_cast<int>(coefficients_), {g_.outputs, 1, 1});
    exec::for_each_row<exec::device_lanes>(on, biases.blocks() * g_.outputs,
        product::copy_rows<T>{a.dy.data(), biases.data(), g_.outputs, block_rows(biases)});
  }

 private:
  struct part {
    product::gather_table table;
    product::gather_grid grid;
    std::size_t packed;
  };
  struct factor {
    part forward;
    std::vector<part> adjoint;  ///< one, or one a class of pixels that read the same taps
  };

  /// Values of the largest intermediate.
  [[nodiscard]] std::size_t intermediate(int images) const {
    return static_cast<std::size_t>(widest_) * static_cast<std::size_t>(g_.output().pixels()) *
           static_cast<std::size_t>(exec::blocks_for(images, exec::warp) * exec::warp);
  }

  // --- tables ---------------------------------------------------------------------------

  template <class Factor> void add_factor(Factor const& f, int first, bool input_side) {
    shape const in = g_.input, out = g_.output();
    int const pixels = out.pixels(), s = g_.stride;
    int const classes = input_side ? s * s : 1;
    auto const columns = column_sources(g_);
    std::vector<product::gather_entry> forward;
    std::vector<std::vector<product::gather_entry>> adjoint(static_cast<std::size_t>(classes));
    product::for_each_multiplied(f, product::dense_from_density_on_device, [&](int row, int col, int i, bool learned) {
      int const index = first + i;
      if (!input_side) {
        forward.push_back({row, col, 0, 0, index, learned});
        adjoint[0].push_back({col, row, 0, 0, index, learned});
        return;
      }
      auto const [channel, ky, kx] = columns[static_cast<std::size_t>(col)];
      int const dy = ky - g_.padding, dx = kx - g_.padding;
      forward.push_back({row, channel, dy, dx, index, learned});
      // Input pixel y is read by output pixel (y - dy) / stride, where that is whole: for y = cy modulo stride.
      int const cy = (dy % s + s) % s, cx = (dx % s + s) % s;
      adjoint[static_cast<std::size_t>(cy * s + cx)].push_back(
          {channel, row, (cy - dy) / s, (cx - dx) / s, index, learned});
    });
    factor& now = factors_.emplace_back();
    if (!input_side) {
      now.forward = add_part(forward, f.rows(),
          {1, pixels, 1, pixels, 1, pixels, pixels, f.cols() * pixels, f.rows() * pixels}, packed_forward_);
      now.adjoint = {add_part(adjoint[0], f.cols(),
          {1, pixels, 1, pixels, 1, pixels, pixels, f.rows() * pixels, f.cols() * pixels}, packed_adjoint_)};
      return;
    }
    now.forward = add_part(forward, f.rows(),
        {out.height, out.width, in.height, in.width, s, in.pixels(), pixels, in.size(), f.rows() * pixels, out.width},
        packed_forward_);
    for (int cy = 0; cy < std::min(s, in.height); ++cy)
      for (int cx = 0; cx < std::min(s, in.width); ++cx)
        now.adjoint.push_back(add_part(adjoint[static_cast<std::size_t>(cy * s + cx)], in.channels,
            {(in.height - cy + s - 1) / s, (in.width - cx + s - 1) / s, out.height, out.width, 1, pixels, in.pixels(),
                f.rows() * pixels, in.size(), s * in.width, s, cy * in.width + cx},
            packed_adjoint_));
  }
  part add_part(std::vector<product::gather_entry> const& entries, int outputs, product::gather_grid const& grid,
      std::size_t& packed) {
    part p{product::append_gather_table(entries, outputs, tables_), grid, packed};
    packed += static_cast<std::size_t>(p.table.weights);
    return p;
  }

  // --- launches; Args: forward_args or backward_args ------------------------------------

  template <class Args, class T> static void pack(exec::device const& on, Args const& a, part const& k, T* packed) {
    on.launch(product::pack_weights<T>{
        a.parameters.data(), a.tables.data() + k.table.at_index, packed + k.packed, k.table.weights});
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

  template <class Args, class T>
  static void multiply(exec::device const& on, Args const& a, part const& k, T* packed, T const* x, T* y,
      bool accumulate = false, std::type_identity_t<T const*> bias = nullptr) {
    pack(on, a, k, packed);
    auto const view = view_of<T>(k.table, a.tables.data(), packed + k.packed);
    int const images = a.x.images();
    with_width(k.table.width, [&](auto width) {
      if (k.grid.cols >= 4)
        on.launch(product::gather_product<T, width(), 4>{view, k.grid, x, y, bias, images, accumulate});
      else on.launch(product::gather_product<T, width(), 1>{view, k.grid, x, y, bias, images, accumulate});
    });
  }

  /// Rows of pixels in a strip of the gradient: about 256 pixels, so that there are warps enough.
  [[nodiscard]] static int strip_rows(product::gather_grid const& grid) {
    return std::clamp(256 / grid.cols, 1, grid.rows);
  }
  /// The gradient's grid of a per-pixel factor: rows of the image, so that strips can divide it.
  [[nodiscard]] product::gather_grid gradient_grid(part const& k) const {
    product::gather_grid grid = k.grid;
    if (grid.in_height == 1 && grid.rows == 1 && grid.cols == g_.output().pixels()) {
      grid.rows = grid.in_height = g_.output().height;
      grid.cols = grid.in_width = grid.out_row = g_.output().width;
    }
    return grid;
  }
  [[nodiscard]] std::size_t partial(int images) const {
    std::size_t most = 0;
    for (factor const& f : factors_) {
      product::gather_grid const grid = gradient_grid(f.forward);
      auto const strips = static_cast<std::size_t>(exec::blocks_for(images, exec::warp)) *
                          static_cast<std::size_t>(exec::blocks_for(grid.rows, strip_rows(grid)));
      most = std::max(most, strips * static_cast<std::size_t>(f.forward.table.weights));
    }
    return most;
  }
  template <class T>
  void form_gradient(exec::device const& on, backward_args<T, exec::device_lanes> const& a, part const& forward,
      T const* x, T const* dy, T* strips) const {
    product::gather_table const& t = forward.table;
    int const* const tables = a.tables.data();
    product::gather_grid const grid = gradient_grid(forward);
    bool const by_images = !a.image_gradients.empty();
    with_width(t.width, [&](auto width) {
      product::gradient_sums<T, width()> const sums{view_of<T>(t, tables, nullptr), tables + t.at_items, t.items,
          t.weights, grid, by_images ? grid.rows : strip_rows(grid), x, dy, a.x.images()};
      int const* const index = tables + t.at_gradient_index;
      if (by_images)
        return on.launch(product::gather_image_gradients<T, width()>{
            sums, index, a.image_gradients.data(), a.image_gradients.block_stride()});
      on.launch(product::gather_gradient<T, width()>{sums, strips});
      on.launch(product::add_strips<T>{strips, index, a.gradient.data(), sums.strips(), t.weights});
    });
  }
  template <class T> [[nodiscard]] static int block_rows(tensor_view<T, exec::device_lanes> x) {
    return static_cast<int>(x.block_stride() / exec::device_lanes);
  }

  // --- the chain as one kernel --------------------------------------------------------------

  /// Rows of intermediates for one pixel.
  [[nodiscard]] int rows_a_pixel() const { return widest_ * (factors_.size() > 2 ? 2 : 1); }
  template <class T> [[nodiscard]] bool fuses() const {
    return factors_.size() >= 2 && factors_.size() <= product::most_fused_factors &&
           rows_a_pixel() <= product::many_rows<T> && !bias_;
  }
  template <class T> void fused_forward(exec::device const& on, forward_args<T, exec::device_lanes> const& a) const {
    constexpr int few = product::few_rows<T>, many = product::many_rows<T>;
    int const rows = rows_a_pixel();
    if (4 * rows <= few) launch_fused<4, few>(on, a);
    else if (4 * rows <= many) launch_fused<4, many>(on, a);
    else if (2 * rows <= many) launch_fused<2, many>(on, a);
    else launch_fused<1, many>(on, a);
  }
  template <int P, int Rows, class T>
  void launch_fused(exec::device const& on, forward_args<T, exec::device_lanes> const& a) const {
    product::chain_product<T, P, Rows> k{};
    k.factors = static_cast<int>(factors_.size());
    for (std::size_t l = 0; l < factors_.size(); ++l) {
      part const& f = factors_[l].forward;
      k.factor[l] = view_of<T>(f.table, a.tables.data(), a.scratch.data() + f.packed);
      k.width[l] = f.table.width;
    }
    k.buffer = Rows / (k.factors > 2 ? 2 : 1);
    k.grid = factors_.back().forward.grid;
    k.grid.out_block = g_.output().size();
    k.x = a.x.data();
    k.y = a.y.data();
    k.images = a.x.images();
    on.launch(k);
  }

  convolution_geometry g_;
  bool bias_;
  std::size_t coefficients_ = 0, packed_forward_ = 0, packed_adjoint_ = 0;
  int widest_ = 0;               ///< outputs of the widest intermediate
  std::vector<factor> factors_;  ///< leftmost (output side) first
  std::vector<int> tables_;
};

}  // namespace papillon::nn
