// SPDX-License-Identifier: MIT
/// \file winograd_convolution.hpp
/// Dense 3 x 3 convolution of stride 1 under `omp` by Winograd's filtering (winograd_tile.hpp), images in the lanes:
/// per block of images and strip of rows, a few tiles at a time are transformed, multiplied by the register tiles of
/// tile_kernel.hpp (one outputs x channels product a point), and transformed back, all in the second cache.
/// Backward: the derivative of the input is the same product with transposed and turned weights; the weight's gradient
/// is an outer product a point of transformed input and derivative, the latter with outputs in the lanes
/// (outer_product.hpp), summed over a block of images, then transformed back to 3 x 3. Neighbouring operations take
/// part through convolution_rows.hpp. Used by convolution_plan.hpp.
#pragma once

#include <papillon/nn/kernels/convolution.hpp>
#include <papillon/nn/kernels/convolution_rows.hpp>
#include <papillon/nn/kernels/row_window.hpp>
#include <papillon/nn/kernels/winograd_tile.hpp>
#include <papillon/product/outer_product.hpp>
#include <papillon/product/tile_kernel.hpp>
#include <papillon/tensor/lazy.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// What Winograd's algorithm with M x M tiles prepares once for a geometry; independent of coefficients and lanes.
template <int M> class winograd_convolution {
  using tile = winograd_tile<M>;

 public:
  [[nodiscard]] static bool suits(convolution_geometry const& g) {
    return g.kernel == 3 && g.stride == 1 && g.padding == 1 && g.input.height % M == 0 && g.input.width % M == 0;
  }

  /// For (output, channel, tap), the tap fastest: where the coefficient stands, and whether it has a gradient.
  winograd_convolution(convolution_geometry const& g, std::vector<int> index, std::vector<char> learned)
      : g_(g), index_(std::move(index)), learned_(std::move(learned)) {
    int const row_tiles = g_.input.width / M, both = g_.outputs + g_.input.channels;
    int const most = std::min(most_tiles, row_tiles * (g_.input.height / M));
    group_ = std::clamp(group_registers / (tile::points * both), 1, most);
    if (group_ > row_tiles) group_ -= group_ % row_tiles;
    else group_ = parts(row_tiles, parts(row_tiles, group_));  // alike
    strip_rows_ = std::clamp(rows_registers / (2 * both * g_.input.width) / M * M, M, g_.input.height);
    strip_rows_ = std::max(strip_rows_, parts(group_, row_tiles) * M);
    forward_ = dense_plan(false);
    adjoint_ = dense_plan(true);
    in_window_ = {g_.input.channels, strip_rows_ + 2, 1, g_.input.width, 1};
    out_window_ = in_window_;
    out_window_.channels = g_.outputs;
  }

  /// Scalars of the transformed weights: forward, and after them (training) turned and transposed.
  [[nodiscard]] std::size_t packed_size(bool training) const {
    return tile::points * point_weights() * (training ? 2U : 1U);
  }
  template <class T> void pack(std::span<T const> coefficients, bool training, T* packed) const {
    transform_weights(forward_, false, coefficients.data(), packed);
    if (training) transform_weights(adjoint_, true, coefficients.data(), packed + packed_size(false));
  }

  [[nodiscard]] std::size_t block_scratch(int lanes, bool training) const {
    std::size_t const points =
        tile::points * (point_registers(g_.input.channels) + point_registers(padded(g_.outputs, lanes)));
    std::size_t const registers = in_window_.size() + strip_registers(training ? most_channels() : g_.outputs) +
                                  (training ? out_window_.size() + strip_registers(padded(g_.outputs, lanes)) : 0) +
                                  points;
    return registers * number(lanes) + (training ? tile::points * point_weights() : 0);
  }
  /// Scalars of the weight gradient of one block: [tap][channel][output].
  [[nodiscard]] std::size_t gradient_size() const { return number(g_.taps()) * point_weights(); }
  /// Calls f(place in a block's gradient, coefficient).
  template <class F> void for_each_gradient(F&& f) const {
    auto const taps = number(g_.taps());
    for (std::size_t o = 0; o < number(g_.outputs); ++o)
      for (std::size_t c = 0; c < number(g_.input.channels); ++c)
        for (std::size_t tap = 0; tap < taps; ++tap)
          if (auto const at = (o * number(g_.input.channels) + c) * taps + tap; learned_[at] != 0)
            f(tap * point_weights() + c * number(g_.outputs) + o, index_[at]);
  }

  /// One block of images, y = W * x.
  template <class T, int L>
  void forward_block(
      T const* packed, input_rows<T, L> const& x, int block, output_rows<T, L> const& y, T* scratch) const {
    areas<T, L> const s(*this, scratch, false);
    in_window_.template clear_margins<L>(s.in);
    if (y.statistics != nullptr) std::fill_n(y.statistics + block * g_.outputs, g_.outputs, moments{});
    for (int row = 0; row < g_.input.height; row += strip_rows_) {
      int const rows = std::min(strip_rows_, g_.input.height - row);
      fill<L>(
          in_window_, s.in, row, rows, [&](int c, int r, T* to) { x.row(block, c, r, to); });
      for_each_group(rows, [&](int first, int tiles) {
        correlate<T, L>(
            forward_, packed, in_window_, s.in, s.transformed, s.products, s.strip, g_.outputs, first, tiles);
      });
      for (int c = 0; c < g_.outputs; ++c) y.strip(block, c, row, rows, s.strip + strip_plane<L>(c));
    }
  }

  /// One block of images: dx (skipped if it is empty) from dy, and the gradient of the weight: its sum over the images
  /// to `sums` (gradient_size() scalars), or where `rows_of_images` is given each image's, a row of lanes a
  /// coefficient, sum by sum. Both are overwritten.
  template <class T, int L>
  void backward_block(T const* packed, input_rows<T, L> const& x, derivative_rows<T, L> const& dy, int block,
      input_derivative_rows<T, L> const& dx, T* sums, T* rows_of_images, T* scratch) const {
    areas<T, L> const s(*this, scratch, true);
    in_window_.template clear_margins<L>(s.in);
    out_window_.template clear_margins<L>(s.out);
    bool const summed = rows_of_images == nullptr;
    if (summed) std::fill_n(s.gradient, tile::points * point_weights(), T{});
    if (dx.sums != nullptr) std::fill_n(dx.sums + block * g_.input.channels, g_.input.channels, norm_sums{});
    for (int row = 0; row < g_.input.height; row += strip_rows_) {
      int const rows = std::min(strip_rows_, g_.input.height - row);
      fill<L>(
          in_window_, s.in, row, rows, [&](int c, int r, T* to) { x.row(block, c, r, to); });
      fill<L>(out_window_, s.out, row, rows, [&](int c, int r, T* to) { dy.row(block, c, r, to); });
      if (summed) turn<T, L>(rows, s);
      else form_lane_gradients<T, L>(s, row, rows, rows_of_images);
      for_each_group(rows, [&](int first, int tiles) {
        if (summed) accumulate<T, L>(s, rows, first, tiles);
        if (!dx.dx.empty())
          correlate<T, L>(adjoint_, packed + packed_size(false), out_window_, s.out, s.products, s.transformed, s.strip,
              g_.input.channels, first, tiles);
      });
      if (dx.dx.empty()) continue;
      T const* const inside = s.in + static_cast<std::ptrdiff_t>(in_window_.width() + 1) * L;
      for (int c = 0; c < g_.input.channels; ++c)
        dx.strip(block, c, row, rows, s.strip + strip_plane<L>(c),
            inside + static_cast<std::ptrdiff_t>(c) * in_window_.plane() * L,
            static_cast<std::ptrdiff_t>(in_window_.width()) * L);
    }
    if (summed) transform_gradient(s.gradient, sums);
  }

 private:
  /// A thread's scratch; sizes as in block_scratch.
  template <class T, int L> struct areas {
    areas(winograd_convolution const& c, T* scratch, bool training) {
      auto const take = [&](std::size_t registers) { return std::exchange(scratch, scratch + registers * L); };
      in = take(c.in_window_.size());
      strip = take(c.strip_registers(training ? c.most_channels() : c.g_.outputs));
      transformed = take(tile::points * c.point_registers(c.g_.input.channels));
      products = take(tile::points * c.point_registers(padded(c.g_.outputs, L)));
      if (!training) return;
      out = take(c.out_window_.size());
      turned = take(c.strip_registers(padded(c.g_.outputs, L)));
      gradient = scratch;
    }
    T* in;                  ///< rows of the input, with margins
    T* strip;               ///< rows of the output, or of the input's derivative
    T* transformed;         ///< of the input's channels, [point][channel][tile]
    T* products;            ///< of the outputs, [point][output][tile]
    T* out = nullptr;       ///< rows of the output's derivative, with margins
    T* turned = nullptr;    ///< the same without margins, outputs in the lanes: [outputs / lanes][pixel][image]
    T* gradient = nullptr;  ///< of the transformed weights, [point][channel][output]
  };

  [[nodiscard]] static int parts(int n, int size) { return (n + size - 1) / size; }
  [[nodiscard]] static std::size_t number(int n) { return static_cast<std::size_t>(n); }
  [[nodiscard]] static int padded(int outputs, int lanes) { return parts(outputs, lanes) * lanes; }
  [[nodiscard]] int most_channels() const { return std::max(g_.outputs, g_.input.channels); }
  /// Weights of a point, to whole lines of the cache, and a register more.
  [[nodiscard]] std::size_t point_weights() const { return (forward_.weights() + 63) / 64 * 64 + 64; }
  [[nodiscard]] std::size_t strip_registers(int channels) const {
    return number(strip_rows_) * number(g_.input.width) * number(channels);
  }
  /// Registers from one point to the next: an odd number, since a tile's points would else share few places of a cache.
  [[nodiscard]] std::size_t point_registers(int channels) const { return number(channels * group_) | 1U; }
  template <int L> [[nodiscard]] std::ptrdiff_t strip_plane(int c) const {
    return static_cast<std::ptrdiff_t>(c) * strip_rows_ * g_.input.width * L;
  }

  /// The product of one point; transposed: of its adjoint. Its weights are numbered [output][channel] either way.
  [[nodiscard]] product::product_plan dense_plan(bool transposed) const {
    std::vector<product::product_entry> entries;
    for (int o = 0; o < g_.outputs; ++o)
      for (int c = 0; c < g_.input.channels; ++c)
        entries.push_back({(transposed ? c : o) * group_, (transposed ? o : c) * group_, o * g_.input.channels + c});
    return product::make_product_plan(std::move(entries), transposed ? g_.input.channels : g_.outputs, group_, 4);
  }

  /// Rows row - 1 to row + rows of an image.
  template <int L, class T, class Row>
  void fill(row_window const& w, T* window, int row, int rows, Row const& form) const {
    w.template fill<L>(window, g_.input.height, row - 1, row == 0 ? 0 : 2, strip_rows_, rows + 2, form);
  }

  template <class F> void for_each_group(int rows, F const& f) const {
    int const tiles = rows / M * (g_.input.width / M);
    for (int first = 0; first < tiles; first += group_) f(first, std::min(group_, tiles - first));
  }
  /// Row and column of a tile of the strip.
  struct place {
    int y, x;
  };
  [[nodiscard]] place place_of(int t) const {
    int const across = g_.input.width / M;
    return {t / across * M, t % across * M};
  }

  /// The strip's tiles from `first` on, from a window of the rows that they read.
  template <class T, int L>
  void correlate(product::product_plan const& plan, T const* packed, row_window const& w, T const* window,
      T* transformed, T* products, T* strip, int outputs, int first, int tiles) const {
    auto const in = point_registers(w.channels) * L, out = point_registers(outputs) * L;
    transform_patches<T, L>(w, window, transformed, first, tiles);
    for (std::size_t p = 0; p < tile::points; ++p)
      product::multiply<L>(
          plan, packed + p * point_weights(), transformed + p * in, products + p * out, {1, tiles, 0, 1, 0, 1});
    int const width = g_.input.width;
    for (int c = 0; c < outputs; ++c)
      for (int t = 0; t < tiles; ++t) {
        auto const [y, x] = place_of(first + t);
        T const* const from = products + (c * group_ + t) * L;
        T* const to = strip + strip_plane<L>(c) + (y * width + x) * L;
        transform_twice<T, L, tile::side, M>([](auto const& d, auto& v) { tile::template output<T, L>(d, v); },
            [&](int r, int k, vec<T, L>& v) { v = load<L>(from + number(r * tile::side + k) * out); },
            [&](int r, int k, vec<T, L> const& v) { store<L>(to + (r * width + k) * L, v); });
      }
  }

  template <class T, int L>
  void transform_patches(row_window const& w, T const* window, T* transformed, int first, int tiles) const {
    auto const point = point_registers(w.channels) * L;
    int const width = w.width();
    for (int c = 0; c < w.channels; ++c)
      for (int t = 0; t < tiles; ++t) {
        auto const [y, x] = place_of(first + t);
        T const* const from = window + (static_cast<std::ptrdiff_t>(c) * w.plane() + y * width + x) * L;
        T* const to = transformed + (c * group_ + t) * L;
        transform_twice<T, L, tile::side, tile::side>([](auto const& d, auto& v) { tile::template input<T, L>(d, v); },
            [&](int r, int k, vec<T, L>& v) { v = load<L>(from + (r * width + k) * L); },
            [&](int r, int k, vec<T, L> const& v) { store<L>(to + number(r * tile::side + k) * point, v); });
      }
  }

  /// The rows of the output's derivative with outputs in the lanes, image after image.
  template <class T, int L> void turn(int rows, areas<T, L> const& s) const {
    int const width = g_.input.width;
    T* to = s.turned;
    for (int first = 0; first < g_.outputs; first += L)
      for (int r = 0; r < rows; ++r)
        for (int x = 0; x < width; ++x, to += L * L) {
          vec<T, L> v[L] = {};
          for (int l = 0; l < std::min(L, g_.outputs - first); ++l)
            v[l] = load<L>(s.out + (static_cast<std::ptrdiff_t>(first + l) * out_window_.plane() +
                                       (r + 1) * out_window_.width() + x + 1) *
                                       L);
          transpose<T, L>(v);
          for (int n = 0; n < L; ++n) store<L>(to + n * L, v[n]);
        }
  }

  /// The gradient of the transformed weights by the strip's tiles from `first` on.
  template <class T, int L> void accumulate(areas<T, L> const& s, int rows, int first, int tiles) const {
    int const width = g_.input.width, across = parts(g_.outputs, L);
    auto const in = point_registers(g_.input.channels) * L, out = point_registers(padded(g_.outputs, L)) * L;
    transform_patches<T, L>(in_window_, s.in, s.transformed, first, tiles);
    for (int o = 0; o < across; ++o)
      for (int t = 0; t < tiles; ++t) {
        auto const [y, x] = place_of(first + t);
        for (int n = 0; n < L; ++n) {
          T const* const from = s.turned + (static_cast<std::ptrdiff_t>(o * rows * width + y * width + x) * L + n) * L;
          T* const to = s.products + (static_cast<std::ptrdiff_t>(t * L + n) * across + o) * L;
          transform_twice<T, L, M, tile::side>(
              [](auto const& d, auto& v) { tile::template output_adjoint<T, L>(d, v); },
              [&](int r, int k, vec<T, L>& v) { v = load<L>(from + (r * width + k) * L * L); },
              [&](int r, int k, vec<T, L> const& v) { store<L>(to + number(r * tile::side + k) * out, v); });
        }
      }
    product::outer_product_shape const shape{g_.input.channels, g_.outputs, tiles * L,
        static_cast<std::ptrdiff_t>(group_) * L, static_cast<std::ptrdiff_t>(across) * L, g_.outputs};
    for (std::size_t p = 0; p < tile::points; ++p)
      product::accumulate_outer_product<L>(
          shape, s.transformed + p * in, s.products + p * out, s.gradient + p * point_weights());
  }

  /// The weight, of the windows as they lie in scratch.
  struct window_product {
    product::product_plan plan;
    std::vector<int> index;  ///< packed weight -> coefficient, or -1
  };
  [[nodiscard]] window_product make_window_product() const {
    std::vector<product::product_entry> entries;
    for (int o = 0; o < g_.outputs; ++o)
      for (int c = 0; c < g_.input.channels; ++c)
        for (int tap = 0; tap < g_.taps(); ++tap)
          entries.push_back({o * out_window_.plane(), c * in_window_.plane() + tap / 3 * in_window_.width() + tap % 3,
              (o * g_.input.channels + c) * g_.taps() + tap});
    window_product p{product::make_product_plan(std::move(entries), g_.outputs, out_window_.plane(), 4), {}};
    for (int const i : p.plan.weight_index) p.index.push_back(learned_[number(i)] != 0 ? index_[number(i)] : -1);
    return p;
  }
  /// The gradients of single images by the strip at `row`.
  template <class T, int L> void form_lane_gradients(areas<T, L> const& s, int row, int rows, T* to) const {
    window_product const& w = window_product_.get([&] { return make_window_product(); });
    product::form_lane_gradients<L>(w.plan, s.in, s.out + static_cast<std::ptrdiff_t>(out_window_.width() + 1) * L,
        {rows, g_.input.width, in_window_.width(), 1, out_window_.width(), 1}, to, w.index.data(), row > 0);
  }

  /// turned: the kernel read from its last tap to its first.
  template <class T>
  void transform_weights(product::product_plan const& plan, bool turned, T const* coefficients, T* packed) const {
    constexpr int L = native_lanes<T>;
    int const taps = g_.taps();
    for (std::size_t at = 0; at < point_weights(); at += L) {
      T g[9][L] = {};
      for (std::size_t l = 0; l < std::min(at + L, plan.weights()) - std::min(at, plan.weights()); ++l)
        for (int k = 0; k < taps; ++k)
          g[turned ? taps - 1 - k : k][l] = coefficients[index_[number(plan.weight_index[at + l] * taps + k)]];
      transform_twice<T, L, 3, tile::side>([](auto const& d, auto& v) { tile::template weight<T, L>(d, v); },
          [&](int r, int c, vec<T, L>& v) { v = load<L>(g[3 * r + c]); },
          [&](int r, int c, vec<T, L> const& v) {
            store<L>(packed + number(r * tile::side + c) * point_weights() + at, v);
          });
    }
  }
  template <class T> void transform_gradient(T const* gradient, T* dw) const {
    constexpr int L = native_lanes<T>;
    for (std::size_t at = 0; at < point_weights(); at += L)
      transform_twice<T, L, tile::side, 3>([](auto const& d, auto& v) { tile::template weight_adjoint<T, L>(d, v); },
          [&](int r, int c, vec<T, L>& v) {
            v = load<L>(gradient + number(r * tile::side + c) * point_weights() + at);
          },
          [&](int r, int c, vec<T, L> const& v) { store<L>(dw + number(3 * r + c) * point_weights() + at, v); });
  }

  /// Registers of transforms and products, and of windows and strips, that stay in the second cache together.
  static constexpr int most_tiles = 16, group_registers = 9216, rows_registers = 8192;

  convolution_geometry g_;
  std::vector<int> index_;
  std::vector<char> learned_;
  int group_ = 1;                            ///< tiles transformed at a time
  int strip_rows_ = M;                       ///< a multiple of M
  product::product_plan forward_, adjoint_;  ///< of one point: outputs x channels, channels x outputs
  row_window in_window_, out_window_;
  lazy<window_product> window_product_;  ///< wanted where images have gradients of their own
};

}  // namespace papillon::nn

#pragma GCC diagnostic pop
