// SPDX-License-Identifier: MIT
/// \file gather_product.hpp
/// The kernel behind every product: y = W x over a grid of pixels for a structure laid out as a gather_table. A warp
/// takes a group of outputs at P neighbouring pixels for the 32 images of a block: a lane is an image, so what it reads
/// and writes is contiguous over the warp, and weights and indices are the same for all lanes. The same kernel is a
/// convolution, its adjoint (a class of pixels at a time), a chain's factor and a linear layer.
#pragma once

#include <papillon/exec/block.hpp>
#include <papillon/product/gather_table.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// Which pixels a product covers, and what they read and write. A row is the lanes of one pixel of one channel.
struct gather_grid {
  int rows, cols;                ///< pixels of the product
  int in_height, in_width;       ///< of the planes it reads
  int step;                      ///< pixels read for one pixel of the product, down and across
  int in_scale, out_scale;       ///< rows for one unit of a table's inputs and outputs
  int in_block, out_block;       ///< rows of a block of images
  int out_row = 0, out_col = 1;  ///< rows between the product's pixels in the output, down and across
  int out_first = 0;             ///< row of its first pixel

  [[nodiscard]] PAPILLON_HD int out_at(int row, int col) const { return out_first + row * out_row + col * out_col; }
};

/// One pixel of a plane for one lane: x[row of lanes] at (y, x) + (dy, dx), zero outside.
template <class T>
[[nodiscard]] PAPILLON_HD T read_pixel(gather_grid const& g, T const* block, int input, int tap, int y, int x) {
  int const yy = y + (tap >> 16), xx = x + static_cast<short>(tap & 0xFFFF);
  bool const inside = yy >= 0 && yy < g.in_height && xx >= 0 && xx < g.in_width;
  return inside ? block[(input * g.in_scale + yy * g.in_width + xx) * exec::warp] : T{};
}

/// acc[p][o] = sum over the inputs k of group `group` of weight[k][o] * read(input k, p), in the table's order; then
/// write(output, p, acc[p][o]) for the outputs that exist.
template <int Width, int P, class T, class Read, class Write>
PAPILLON_HD void multiply_group(gather_view<T> const& v, int group, Read const& read, Write const& write) {
  int const first = v.groups[3 * group], inputs = v.groups[3 * group + 1];
  T const* w = v.weights + v.groups[3 * group + 2];
  int const* in = v.inputs + 2 * first;
  T acc[P][Width] = {};
  for (int k = 0; k < inputs; ++k, in += 2, w += Width) {
    T x[P];
    for (int p = 0; p < P; ++p) x[p] = read(in[0], in[1], p);
    for (int p = 0; p < P; ++p)
      for (int o = 0; o < Width; ++o) acc[p][o] += w[o] * x[p];
  }
  for (int o = 0; o < Width; ++o) {
    int const out = v.outputs[group * Width + o];
    if (out >= 0)
      for (int p = 0; p < P; ++p) write(out, p, acc[p][o]);
  }
}

template <class T, int Width, int P> struct gather_product {
  static constexpr int threads = 128;
  struct shared {};

  gather_view<T> product;
  gather_grid grid;
  T const* x;
  T* y;
  T const* bias;  ///< added to each output, one a unit of the table's outputs; or null
  int images;
  bool accumulate;

  [[nodiscard]] char const* name() const { return "product"; }
  [[nodiscard]] exec::cost work() const {
    double const lanes = exec::blocks_for(images, exec::warp) * exec::warp, pixels = grid.rows * grid.cols;
    double const outputs = static_cast<double>(product.count) * Width * pixels * lanes;
    return {2.0 * product.weight_count * pixels * lanes,
        sizeof(T) * (grid.in_block * lanes + outputs * (accumulate ? 2 : 1) + product.weight_count)};
  }
  [[nodiscard]] PAPILLON_HD int tiles() const { return grid.rows * ((grid.cols + P - 1) / P); }
  [[nodiscard]] PAPILLON_HD int items() const {
    return (images + exec::warp - 1) / exec::warp * tiles() * product.count;
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(items(), threads / exec::warp); }

  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const item = block.index() * (threads / exec::warp) + t / exec::warp;
      if (item >= items()) return;
      int const lane = t % exec::warp, group = item % product.count, tile = item / product.count % tiles();
      int const b = item / product.count / tiles();
      int const tiles_across = (grid.cols + P - 1) / P;
      int const row = tile / tiles_across, col = tile % tiles_across * P;
      T const* const from = x + static_cast<std::ptrdiff_t>(b) * grid.in_block * exec::warp + lane;
      T* const to = y + static_cast<std::ptrdiff_t>(b) * grid.out_block * exec::warp + lane;
      bool const image = b * exec::warp + lane < images;
      multiply_group<Width, P>(
          product, group,
          [&](int input, int tap, int p) {
            return read_pixel(grid, from, input, tap, row * grid.step, (col + p) * grid.step);
          },
          [&](int output, int p, T value) {
            if (col + p >= grid.cols) return;
            T* const at = to + (output * grid.out_scale + grid.out_at(row, col + p)) * exec::warp;
            if (bias != nullptr && image) value += bias[output];  // padding lanes stay zero
            *at = accumulate ? *at + value : value;
          });
    });
  }
};

}  // namespace papillon::product
