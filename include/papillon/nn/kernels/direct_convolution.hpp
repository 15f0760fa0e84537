// SPDX-License-Identifier: MIT
/// \file direct_convolution.hpp
/// Convolution of any structure under `omp`: per block of images, strip by strip of rows, without unfolding. W = K_1
/// ... K_L splits into the input-side factor K_L, which sees pixels under the kernel, and the others, which act on each
/// pixel alone. Forward: a window of the input's rows with its border of zeros, then all factors in turn on rows that
/// stay in L1. Backward: intermediates recomputed; the derivative before K_L in a second window, from which the input's
/// derivative is gathered (a stride s gives s^2 pixel classes, each a small stride-1 convolution), following the strips
/// kernel - 1 rows behind. Neighbouring operations take part through convolution_rows.hpp. Used by
/// convolution_plan.hpp.
#pragma once

#include <papillon/nn/kernels/convolution.hpp>
#include <papillon/nn/kernels/convolution_rows.hpp>
#include <papillon/nn/kernels/row_window.hpp>
#include <papillon/product/masked.hpp>
#include <papillon/product/product_plan.hpp>
#include <papillon/product/tile_kernel.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// What a convolution of one geometry and structure prepares once; independent of coefficients and lane count.
class direct_convolution {
 public:
  template <class Structure>
  direct_convolution(convolution_geometry const& geometry, Structure const& w) : g_(geometry) {
    auto const& factors = factors_of(w);
    auto const& last = factors[factors.size() - 1];
    mid_rows_ = last.rows();
    widest_ = mid_rows_;
    for (std::size_t l = 0; l + 1 < factors.size(); ++l) widest_ = std::max(widest_, factors[l].cols());
    plan_strips(factors.size() > 1);

    std::size_t first = 0;
    for (std::size_t l = 0; l + 1 < factors.size(); ++l) {
      auto const& f = factors[l];
      int const outer = l == 0 ? strip_size() : piece_size();
      pointwise_.push_back({product::make_factor_plan(f, false, piece_size(), outer, first, 4),
          product::make_factor_plan(f, true, outer, l + 2 == factors.size() ? mid_plane() : piece_size(), first, 4)});
      first += static_cast<std::size_t>(f.storage());
    }
    plan_input_factor(last, first);
  }

  /// Scalars that the packed weights take: those of the products forward, and after them (training) those of the
  /// adjoint.
  [[nodiscard]] std::size_t packed_size(bool training) const {
    return aligned(forward_weights_) + (training ? aligned(adjoint_weights_) : 0);
  }
  template <class T> void pack(std::span<T const> coefficients, bool training, T* packed) const {
    for (pointwise_factor const& f : pointwise_) product::pack(f.forward, coefficients.data(), packed + f.packed);
    product::pack(input_factor_, coefficients.data(), packed + input_packed_);
    if (!training) return;
    T* const adjoint = packed + aligned(forward_weights_);
    for (pointwise_factor const& f : pointwise_) product::pack(f.adjoint, coefficients.data(), adjoint + f.packed);
    for (pixel_class const& k : classes_) product::pack(k.plan, coefficients.data(), adjoint + k.packed);
  }

  /// Scalars of scratch that one block needs.
  [[nodiscard]] std::size_t block_scratch(int lanes, bool training) const {
    std::size_t const registers = window_storage() + strip_storage() + piece_storage() * (pointwise_.size() + 2) +
                                  (training ? mid_storage() + gathered_storage() : 0);
    return registers * static_cast<std::size_t>(lanes);
  }
  /// Scalars of the weight gradient of one block.
  [[nodiscard]] std::size_t gradient_size() const { return aligned(forward_weights_); }

  /// One block of images, y = W * x.
  template <class T, int L>
  void forward_block(
      T const* packed, input_rows<T, L> const& x, int block, output_rows<T, L> const& y, T* scratch) const {
    areas<T, L> s(*this, scratch);
    window().template clear_margins<L>(s.window);
    if (y.statistics != nullptr) std::fill_n(y.statistics + block * g_.outputs, g_.outputs, moments{});
    for (int row = 0; row < g_.output().height; row += strip_rows_) {
      int const rows = std::min(strip_rows_, g_.output().height - row);
      fill_window<T, L>(x, block, row, rows, s.window);
      if (pointwise_.empty()) {
        multiply<L>(input_factor_, packed + input_packed_, s.window, s.strip,
            {rows, g_.output().width, in_row(), g_.stride, g_.output().width, 1});
      } else {
        for (int r = 0; r < rows; r += piece_rows_) {
          int const n = std::min(piece_rows_, rows - r);
          T const* const v = intermediates<T, L>(packed, s.window + r * in_row() * L, n, s);
          multiply<L>(pointwise_[0].forward, packed, v, s.strip + r * g_.output().width * L, flat(n));
        }
      }
      for (int c = 0; c < g_.outputs; ++c)
        y.strip(block, c, row, rows, s.strip + static_cast<std::ptrdiff_t>(c) * strip_size() * L);
    }
  }

  /// One block of images: dx (skipped if it is empty) from dy, and the gradient of the weight: its sum over the images
  /// to `sums` (gradient_size() scalars), or where `rows` is given each image's, a row of lanes a coefficient. Both are
  /// overwritten.
  template <class T, int L>
  void backward_block(T const* packed, input_rows<T, L> const& x, derivative_rows<T, L> const& dy, int block,
      input_derivative_rows<T, L> const& dx, T* sums, T* rows_of_images, T* scratch) const {
    areas<T, L> s(*this, scratch);
    shape const out = g_.output();
    gradient_place<T> const dw{sums, rows_of_images};
    if (rows_of_images == nullptr) std::fill_n(sums, gradient_size(), T{});
    window().template clear_margins<L>(s.window);
    mid_window().template clear_margins<L>(s.mid);
    if (dx.sums != nullptr) std::fill_n(dx.sums + block * g_.input.channels, g_.input.channels, norm_sums{});
    T const* const packed_adjoint = packed + aligned(forward_weights_);
    for (int row = 0; row < out.height; row += strip_rows_) {
      int const rows = std::min(strip_rows_, out.height - row);
      fill_window<T, L>(x, block, row, rows, s.window);
      T* const mid =
          s.mid + static_cast<std::ptrdiff_t>(mid_above_ * mid_width() + mid_left_) * L;  // output pixel (row, 0)
      carry_mid<T, L>(row, rows, s.mid);
      if (pointwise_.empty()) {
        for (int c = 0; c < g_.outputs; ++c)
          for (int r = 0; r < rows; ++r)
            dy.row(block, c, row + r, mid + (static_cast<std::ptrdiff_t>(c) * mid_plane() + r * mid_width()) * L);
      } else {
        for (int r = 0; r < rows; r += piece_rows_)
          backward_piece<T, L>(packed, packed_adjoint, dy, block, row, r, std::min(piece_rows_, rows - r), mid, dw, s);
      }
      form_gradient<L>(input_factor_gradient_, s.window, mid, {rows, out.width, in_row(), g_.stride, mid_width(), 1},
          input_packed_, row == 0, dw);
      if (!dx.dx.empty()) gather<T, L>(packed_adjoint, block, row, rows, dx, s);
    }
  }

  /// Calls f(place in a block's gradient, coefficient).
  template <class F> void for_each_gradient(F&& f) const {
    for (std::size_t i = 0; i < gradient_index_.size(); ++i)
      if (gradient_index_[i] != nowhere) f(i, gradient_index_[i]);
  }

 private:
  struct pointwise_factor {
    product::product_plan forward, adjoint;
    std::size_t packed = 0;  ///< where its weights start among the packed ones; the same for both directions
  };
  /// Input pixels (y, x) with the same ((y + padding) mod stride, (x + padding) mod stride): they read the same taps.
  struct pixel_class {
    product::product_plan plan;
    int y, x;
    std::size_t packed;
  };
  /// A thread's scratch, in the order of block_scratch.
  template <class T, int L> struct areas {
    areas(direct_convolution const& p, T* scratch)
        : window(scratch), strip(window + p.window_storage() * L), pieces(strip + p.strip_storage() * L),
          spare(pieces + p.piece_storage() * p.pointwise_.size() * L), mid(spare + 2 * p.piece_storage() * L),
          gathered(mid + p.mid_storage() * L) {}
    T* window;    ///< rows of the input, with margins
    T* strip;     ///< rows of the output, or of its derivative
    T* pieces;    ///< intermediates of a piece, v_{L-1} first
    T* spare;     ///< two derivatives of intermediates
    T* mid;       ///< derivative before the input-side factor, with margins
    T* gathered;  ///< rows of the input's derivative
  };

  /// Where the gradient of a block goes: see backward_block.
  template <class T> struct gradient_place { T *sums, *rows; };
  /// What some positions add to the gradient of a plan's weights, which start at `at` among the packed ones.
  template <int L, class T>
  void form_gradient(product::product_plan const& plan, T const* x, T const* dy, product::position_grid const& grid,
      std::size_t at, bool first, gradient_place<T> const& to) const {
    if (to.rows == nullptr) accumulate_gradient<L>(plan, x, dy, grid, to.sums + at);
    else form_lane_gradients<L>(plan, x, dy, grid, to.rows, gradient_index_.data() + at, !first);
  }

  // Sizes, in registers of lanes.
  [[nodiscard]] int strip_size() const { return strip_rows_ * g_.output().width; }
  [[nodiscard]] int piece_size() const { return piece_rows_ * g_.output().width; }
  [[nodiscard]] row_window window() const {
    return {g_.input.channels, window_rows_, g_.padding, g_.input.width, g_.padding};
  }
  [[nodiscard]] row_window mid_window() const {
    return {mid_rows_, mid_window_rows_, mid_left_, g_.output().width, mid_right_};
  }
  [[nodiscard]] int window_width() const { return window().width(); }
  [[nodiscard]] int window_plane() const { return window().plane(); }
  [[nodiscard]] std::ptrdiff_t in_row() const { return static_cast<std::ptrdiff_t>(g_.stride) * window_width(); }
  [[nodiscard]] int mid_width() const { return mid_window().width(); }
  [[nodiscard]] int mid_plane() const { return mid_window().plane(); }
  [[nodiscard]] product::position_grid flat(int rows) const { return {1, rows * g_.output().width, 0, 1, 0, 1}; }
  [[nodiscard]] static std::size_t aligned(std::size_t n) { return (n + 63) / 64 * 64; }
  [[nodiscard]] static std::size_t product(int a, int b) {
    return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
  }
  [[nodiscard]] std::size_t window_storage() const { return window().size(); }
  [[nodiscard]] std::size_t strip_storage() const { return product(g_.outputs, strip_size()); }
  [[nodiscard]] std::size_t piece_storage() const { return pointwise_.empty() ? 0 : product(widest_, piece_size()); }
  [[nodiscard]] std::size_t mid_storage() const { return mid_window().size(); }
  [[nodiscard]] std::size_t gathered_storage() const {
    return product(g_.input.channels, gathered_rows_ * g_.input.width);
  }

  /// Rows of the input whose derivative is complete once output rows 0 .. end - 1 are known.
  [[nodiscard]] int gathered_until(int end) const {
    return end >= g_.output().height ? g_.input.height : std::clamp(end * g_.stride - g_.padding, 0, g_.input.height);
  }

  void plan_strips(bool chain) {
    shape const in = g_.input, out = g_.output();
    int const k = g_.kernel, s = g_.stride, p = g_.padding;
    // Rows whose windows, output and derivatives stay in a share of L2 with 64-byte registers.
    std::size_t const row_registers =
        2 * product(in.channels, s * in.width) + 2 * product(std::max(g_.outputs, mid_rows_), out.width);
    strip_rows_ = std::clamp(static_cast<int>(strip_registers / row_registers), 1, out.height);
    // A piece: as many rows as keep two intermediates in a share of L1.
    piece_rows_ = chain ? std::clamp(static_cast<int>(piece_registers / product(widest_, out.width)), 1, strip_rows_)
                        : strip_rows_;
    // The last rows of the input may lie beyond what the last output row reads.
    int const beyond = std::max(0, in.height + p - ((out.height - 1) * s + std::max(k, s)));
    window_rows_ = (strip_rows_ - 1) * s + std::max(k, s) + beyond;
    mid_above_ = (k - 1) / s;
    mid_below_ = std::max(0, (in.height - 1 + p) / s - (out.height - 1));
    mid_window_rows_ = mid_above_ + strip_rows_ + mid_below_;
    mid_left_ = std::max(0, (k - 1 - p) / s);
    mid_right_ = std::max(0, (in.width - 1 + p) / s - (out.width - 1));
    for (int row = 0; row < out.height; row += strip_rows_)
      gathered_rows_ = std::max(gathered_rows_, gathered_until(row + strip_rows_) - gathered_until(row));
  }

  template <class Factor> void plan_input_factor(Factor const& f, std::size_t first_index) {
    int const output_stride = pointwise_.empty() ? strip_size() : piece_size();
    auto const columns = column_sources(g_);
    std::vector<product::product_entry> forward, gradient;
    std::vector<std::vector<product::product_entry>> gathers(product(g_.stride, g_.stride));
    std::vector<char> has_gradient(first_index + static_cast<std::size_t>(f.storage()), 1);
    product::for_each_multiplied(f, product::dense_from_density, [&](int row, int col, int i, bool learned) {
      int const index = static_cast<int>(first_index) + i;
      has_gradient[static_cast<std::size_t>(index)] = learned;
      auto const [channel, ky, kx] = columns[static_cast<std::size_t>(col)];
      int const in = channel * window_plane() + ky * window_width() + kx;
      forward.push_back({row * output_stride, in, index});
      gradient.push_back({row * mid_plane(), in, index});
      // Input row y = s m + ky mod s - padding reads output row m - ky div s under tap ky.
      gathers[product(ky % g_.stride, g_.stride) + static_cast<std::size_t>(kx % g_.stride)].push_back(
          {channel * gathered_rows_ * g_.input.width,
              row * mid_plane() + (mid_above_ - ky / g_.stride) * mid_width() + mid_left_ - kx / g_.stride, index});
    });
    input_factor_ = product::make_product_plan(std::move(forward), f.rows(), output_stride, 4);
    input_factor_gradient_ = product::make_product_plan(std::move(gradient), f.rows(), mid_plane(), 4);

    std::size_t at = 0;
    for (pointwise_factor& p : pointwise_) {
      p.packed = at;
      gradient_index_.insert(gradient_index_.end(), p.forward.weight_index.begin(), p.forward.weight_index.end());
      at += p.forward.weights();
    }
    input_packed_ = at;
    gradient_index_.insert(
        gradient_index_.end(), input_factor_gradient_.weight_index.begin(), input_factor_gradient_.weight_index.end());
    for (int& index : gradient_index_)
      if (has_gradient[static_cast<std::size_t>(index)] == 0) index = nowhere;
    forward_weights_ = at + input_factor_.weights();
    for (int y = 0; y < g_.stride; ++y)
      for (int x = 0; x < g_.stride; ++x) {
        classes_.push_back(
            {product::make_product_plan(std::move(gathers[product(y, g_.stride) + static_cast<std::size_t>(x)]),
                 g_.input.channels, gathered_rows_ * g_.input.width, 4),
                y, x, at});
        at += classes_.back().plan.weights();
      }
    adjoint_weights_ = at;
  }

  /// The input's rows that output rows row .. row + rows - 1 read (and, at the end, all that remain); those of the
  /// strip before are moved up.
  template <class T, int L> void fill_window(input_rows<T, L> const& x, int block, int row, int rows, T* to) const {
    int const carried = row == 0 ? 0 : std::max(0, g_.kernel - g_.stride);
    int const last = row + rows == g_.output().height ? window_rows_ - (strip_rows_ - rows) * g_.stride
                                                      : (rows - 1) * g_.stride + std::max(g_.kernel, g_.stride);
    window().template fill<L>(to, g_.input.height, row * g_.stride - g_.padding, carried, strip_rows_ * g_.stride, last,
        [&](int c, int y, T* place) { x.row(block, c, y, place); });
  }

  /// Moves the last rows of the strip before up, and zeroes those above the first and below the last.
  template <class T, int L> void carry_mid(int row, int rows, T* mid) const {
    std::ptrdiff_t const width = static_cast<std::ptrdiff_t>(mid_width()) * L;
    for (int c = 0; c < mid_rows_; ++c, mid += width * mid_window_rows_) {
      if (row == 0) std::fill_n(mid, mid_above_ * width, T{});
      else std::copy_n(mid + strip_rows_ * width, mid_above_ * width, mid);
      if (row + rows == g_.output().height) std::fill_n(mid + (mid_above_ + rows) * width, mid_below_ * width, T{});
    }
  }

  /// The intermediates of a piece of rows, v_{L-1} first, one after another; returns the last, input of factor 0.
  template <class T, int L>
  [[nodiscard]] T* intermediates(T const* packed, T const* in, int rows, areas<T, L> const& s) const {
    T* v = s.pieces;
    multiply<L>(input_factor_, packed + input_packed_, in, v,
        {rows, g_.output().width, in_row(), g_.stride, g_.output().width, 1});
    for (std::size_t l = pointwise_.size(); l-- > 1;) {
      T* const next = v + piece_storage() * L;
      multiply<L>(pointwise_[l].forward, packed + pointwise_[l].packed, v, next, flat(rows));
      v = next;
    }
    return v;
  }

  /// Rows first .. first + rows - 1 of the strip at `row`: the gradient of the per-pixel factors, and the derivative
  /// before the input-side factor into the window `mid`. The convolution's output, which a norm's derivative needs, is
  /// formed again: cheaper than reading it.
  template <class T, int L>
  void backward_piece(T const* packed, T const* packed_adjoint, derivative_rows<T, L> const& dy, int block, int row,
      int first, int rows, T* mid, gradient_place<T> const& dw, areas<T, L> const& s) const {
    int const width = g_.output().width;
    T const* v = intermediates<T, L>(packed, s.window + first * in_row() * L, rows, s);
    T* const piece = s.strip + static_cast<std::ptrdiff_t>(first) * width * L;
    if (dy.norm != nullptr) multiply<L>(pointwise_[0].forward, packed, v, piece, flat(rows));
    for (int c = 0; c < g_.outputs; ++c)
      for (int r = 0; r < rows; ++r) {
        T* const at = piece + (static_cast<std::ptrdiff_t>(c) * strip_size() + r * width) * L;
        dy.row(block, c, row + first + r, at, at);
      }
    T const* d = piece;
    for (std::size_t l = 0; l < pointwise_.size(); ++l, v -= piece_storage() * L) {
      pointwise_factor const& f = pointwise_[l];
      form_gradient<L>(f.forward, v, d, flat(rows), f.packed, row + first == 0, dw);
      bool const last = l + 1 == pointwise_.size();
      T* const next =
          last ? mid + static_cast<std::ptrdiff_t>(first) * mid_width() * L : s.spare + (l % 2) * piece_storage() * L;
      product::position_grid const to_window{rows, width, width, 1, mid_width(), 1};
      multiply<L>(f.adjoint, packed_adjoint + f.packed, d, next, last ? to_window : flat(rows));
      d = next;
    }
  }

  /// The input's derivative as far as the output rows up to row + rows - 1 determine it.
  template <class T, int L>
  void gather(T const* packed_adjoint, int block, int row, int rows, input_derivative_rows<T, L> const& dx,
      areas<T, L> const& s) const {
    shape const in = g_.input;
    int const st = g_.stride, p = g_.padding;
    int const first = gathered_until(row), end = gathered_until(row + rows);
    if (first == end) return;
    // Numbers m with lo <= st m + r - p < hi.
    auto const from = [&](int lo, int r) { return (lo + p - r + st - 1) / st; };
    for (pixel_class const& k : classes_) {
      int const m = from(first, k.y), n = from(0, k.x);
      product::position_grid const grid{
          from(end, k.y) - m, from(in.width, k.x) - n, mid_width(), 1, static_cast<std::ptrdiff_t>(st) * in.width, st};
      if (grid.rows > 0 && grid.cols > 0)
        multiply<L>(k.plan, packed_adjoint + k.packed,
            s.mid + (static_cast<std::ptrdiff_t>(m - row) * mid_width() + n) * L,
            s.gathered + (static_cast<std::ptrdiff_t>(st * m + k.y - p - first) * in.width + st * n + k.x - p) * L,
            grid);
    }
    // Row `first` of the input stands at this place of the window.
    T const* const x = s.window + (static_cast<std::ptrdiff_t>(first + p - row * st) * window_width() + p) * L;
    for (int c = 0; c < in.channels; ++c)
      dx.strip(block, c, first, end - first,
          s.gathered + static_cast<std::ptrdiff_t>(c) * gathered_rows_ * in.width * L,
          x + static_cast<std::ptrdiff_t>(c) * window_plane() * L, static_cast<std::ptrdiff_t>(window_width()) * L);
  }

  static constexpr std::size_t strip_registers = 12288, piece_registers = 2048;

  convolution_geometry g_;
  int mid_rows_ = 0, widest_ = 0;  ///< outputs of K_L; of the widest intermediate
  int strip_rows_ = 1, piece_rows_ = 1,
      window_rows_ = 0;  ///< rows of the output, of a part of it, of the input's window
  int mid_above_ = 0, mid_below_ = 0, mid_left_ = 0, mid_right_ = 0, mid_window_rows_ = 0;
  int gathered_rows_ = 0;
  std::vector<pointwise_factor> pointwise_;      ///< K_1 ... K_{L-1}
  product::product_plan input_factor_;           ///< K_L, forward
  product::product_plan input_factor_gradient_;  ///< K_L, its outputs in the derivative's window
  std::vector<pixel_class> classes_;             ///< K_L's adjoint
  static constexpr int nowhere = -1;
  std::vector<int> gradient_index_;  ///< packed gradient -> position in the parameters, or nowhere
  std::size_t input_packed_ = 0, forward_weights_ = 0, adjoint_weights_ = 0;
};

}  // namespace papillon::nn

#pragma GCC diagnostic pop
