// SPDX-License-Identifier: MIT
/// \file convolution.hpp
/// 2-D convolution y = W * x with any structure W of C_out x (C_in k k): the reference (`seq`), written as it reads.
/// For every output pixel, the patch of x under the kernel is a column of C_in k k numbers (zero outside the image),
/// and y is W times it, factor by factor; the adjoint scatters W^T dy back, the gradient is dy patch^T on the support.
/// `unfolding` says how the columns of W are ordered. The threaded version stands in convolution_plan.hpp.
#pragma once

#include <numeric>

#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/product/apply_factors.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// Order of the columns of W: (channel, tap) with the tap fastest, as PyTorch stores OIHW weights; (tap, channel); or a
/// random permutation, the same for every W of a size, by which no structure of W knows of channels or taps.
enum class unfolding { channel_major, tap_major, shuffled };

/// For each column of an outputs x (channels taps) weight the one it is in PyTorch's order, channel taps + tap.
[[nodiscard]] inline std::vector<std::uint32_t> column_order(unfolding order, int outputs, int channels, int taps) {
  auto const c = static_cast<std::uint32_t>(channels), t = static_cast<std::uint32_t>(taps);
  std::vector<std::uint32_t> columns(std::size_t{c} * t);
  std::iota(columns.begin(), columns.end(), 0U);
  if (order == unfolding::tap_major)
    for (std::uint32_t& column : columns) column = column % c * t + column / c;
  if (order == unfolding::shuffled) {
    // Role 15 is no network's, so that no mask is drawn from these numbers.
    random::engine draw(
        {.role = 15, .what = random::purpose::random_mask}, static_cast<std::uint32_t>(outputs), columns.size());
    random::shuffle(draw, columns);
  }
  return columns;
}

/// How products with dense 3 x 3 weights of stride 1 are formed under `omp`: sum by sum, or by Winograd's filtering
/// with tiles of 4 x 4 in training and 2 x 2 in evaluation (kernels/winograd_tile.hpp), where they divide the image.
enum class convolution_algorithm { direct, winograd };

struct convolution_geometry {
  shape input;      ///< of x
  int outputs = 0;  ///< C_out
  int kernel = 3;   ///< side k of the square kernel
  int stride = 1;
  int padding = 1;  ///< zeros around x
  unfolding order = unfolding::channel_major;
  convolution_algorithm algorithm = convolution_algorithm::winograd;

  [[nodiscard]] constexpr int taps() const { return kernel * kernel; }
  /// Columns of W.
  [[nodiscard]] constexpr int columns() const { return input.channels * taps(); }
  [[nodiscard]] constexpr shape output() const {
    return {
        outputs, (input.height + 2 * padding - kernel) / stride + 1, (input.width + 2 * padding - kernel) / stride + 1};
  }
  friend constexpr bool operator==(convolution_geometry const&, convolution_geometry const&) = default;
};

/// What a column of W multiplies: a channel of the input, y rows and x pixels into the kernel.
struct column_source {
  int channel, y, x;
};

/// Of every column.
[[nodiscard]] inline std::vector<column_source> column_sources(convolution_geometry const& g) {
  std::vector<column_source> sources;
  for (std::uint32_t const column : column_order(g.order, g.outputs, g.input.channels, g.taps())) {
    int const at = static_cast<int>(column), tap = at % g.taps();
    sources.push_back({at / g.taps(), tap / g.kernel, tap % g.kernel});
  }
  return sources;
}

/// Throws papillon::error (bad_input) unless a rows x cols weight fits the geometry.
inline void check_convolution(convolution_geometry const& g, int rows, int cols) {
  if (g.input.channels < 1 || g.kernel < 1 || g.stride < 1 || g.padding < 0 ||
      g.input.height + 2 * g.padding < g.kernel || g.input.width + 2 * g.padding < g.kernel)
    throw error(errc::bad_input, message("convolution: kernel ", g.kernel, ", stride ", g.stride, ", padding ",
                                     g.padding, " do not fit an image of ", g.input.height, " x ", g.input.width,
                                     " (the kernel must lie inside the padded image)"));
  if (rows != g.outputs || cols != g.columns())
    throw error(errc::bad_input, message("convolution: weight of ", rows, " x ", cols, " (", g.outputs, " x ",
                                     g.columns(), " wanted: outputs x channels * kernel^2)"));
}

namespace detail {

/// Calls f(column, row of x) for every column of W whose tap lies inside the image at output pixel (oy, ox).
template <class F>
void for_each_patch_entry(
    convolution_geometry const& g, std::span<column_source const> columns, int oy, int ox, F&& f) {
  for (std::size_t col = 0; col < columns.size(); ++col) {
    auto const [channel, y, x] = columns[col];
    int const iy = oy * g.stride - g.padding + y, ix = ox * g.stride - g.padding + x;
    if (iy >= 0 && iy < g.input.height && ix >= 0 && ix < g.input.width) f(col, g.input.row(channel, iy, ix));
  }
}

}  // namespace detail

/// y = W * x. x: geometry.input, y: geometry.output(), as many images each.
template <class T, int L, class Structure>
void convolution_forward(exec::seq, convolution_geometry const& g, Structure const& w, std::span<T const> coefficients,
    tensor_view<T const, L> x, tensor_view<T, L> y) {
  shape const out = g.output();
  auto const columns = column_sources(g);
  for (int n = 0; n < x.images(); ++n)
    for (int oy = 0; oy < out.height; ++oy)
      for (int ox = 0; ox < out.width; ++ox) {
        std::vector<T> patch(columns.size(), T{});
        detail::for_each_patch_entry(g, columns, oy, ox, [&](std::size_t col, int row) { patch[col] = x.at(n, row); });
        std::vector<T> const result = product::apply_factors(w, coefficients, std::move(patch)).front();
        for (int c = 0; c < g.outputs; ++c) y.at(n, c, oy, ox) = result[static_cast<std::size_t>(c)];
      }
  clear_padding(y);
}

/// dx = W^T * dy (added to dx if `accumulate`; not wanted if dx is empty), gradient += dL/dW on the support.
template <class T, int L, class Structure>
void convolution_backward(exec::seq, convolution_geometry const& g, Structure const& w, std::span<T const> coefficients,
    tensor_view<T const, L> x, tensor_view<T const, L> dy, tensor_view<T, L> dx, bool accumulate,
    std::span<T> gradient) {
  shape const out = g.output();
  auto const columns = column_sources(g);
  if (!dx.empty() && !accumulate)
    for (int n = 0; n < dx.images(); ++n)
      for (int r = 0; r < g.input.size(); ++r) dx.at(n, r) = T{};
  for (int n = 0; n < x.images(); ++n)
    for (int oy = 0; oy < out.height; ++oy)
      for (int ox = 0; ox < out.width; ++ox) {
        std::vector<T> patch(columns.size(), T{}), d(static_cast<std::size_t>(g.outputs));
        detail::for_each_patch_entry(g, columns, oy, ox, [&](std::size_t col, int row) { patch[col] = x.at(n, row); });
        for (int c = 0; c < g.outputs; ++c) d[static_cast<std::size_t>(c)] = dy.at(n, c, oy, ox);
        auto const v = product::apply_factors(w, coefficients, std::move(patch));
        std::vector<T> const dpatch = product::apply_factors_adjoint(w, coefficients, v, std::move(d), gradient);
        if (!dx.empty())
          detail::for_each_patch_entry(
              g, columns, oy, ox, [&](std::size_t col, int row) { dx.at(n, row) += dpatch[col]; });
      }
  if (!dx.empty()) clear_padding(dx);
}

}  // namespace papillon::nn
