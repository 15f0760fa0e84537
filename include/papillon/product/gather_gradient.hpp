// SPDX-License-Identifier: MIT
/// \file gather_gradient.hpp
/// The gradient of a product's coefficients on its support: dW[o][k] = sum over images and pixels of dy[o] x[k]. A warp
/// takes a few inputs of one group over a strip of pixels of one block of images, a lane an image; lanes are then added
/// by halves. Strips are added up by `add_strips` in their order: no atomic operation, the same bits every time.
#pragma once

#include <papillon/exec/block.hpp>
#include <papillon/product/gather_product.hpp>

namespace papillon::inline PAPILLON_ISA::product {

template <class T, int Width> struct gather_gradient {
  static constexpr int threads = 128;
  static constexpr int inputs_at_once = gradient_inputs(Width);
  struct shared {};

  gather_view<T> product;  ///< its weights are not read
  int const* items;        ///< pairs (group, first input)
  int item_count, weight_count;
  gather_grid grid;
  int strip_rows;  ///< rows of pixels of a strip
  T const *x, *dy;
  T* partial;  ///< [strips][weight_count]
  int images;

  [[nodiscard]] char const* name() const { return "gradient of weights"; }
  [[nodiscard]] exec::cost work() const {
    double const lanes = exec::blocks_for(images, exec::warp) * exec::warp;
    return {2.0 * weight_count * grid.rows * grid.cols * lanes,
        sizeof(T) * ((grid.in_block + grid.out_block) * lanes + static_cast<double>(strips()) * weight_count)};
  }
  [[nodiscard]] PAPILLON_HD int strips_in_block() const { return (grid.rows + strip_rows - 1) / strip_rows; }
  [[nodiscard]] PAPILLON_HD int strips() const { return (images + exec::warp - 1) / exec::warp * strips_in_block(); }
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(strips() * item_count, threads / exec::warp); }

  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    typename Block::template per_thread<exec::values<T, Width * inputs_at_once>> acc;
    auto const item_of = [&](int t) { return block.index() * (threads / exec::warp) + t / exec::warp; };
    block.phase_nosync([&](int t) {
      int const item = item_of(t);
      if (item < strips() * item_count) accumulate(item % item_count, item / item_count, t % exec::warp, acc[t]);
    });
    block.sum_lanes(acc);
    block.phase_nosync([&](int t) {
      int const item = item_of(t), lane = t % exec::warp;
      if (item >= strips() * item_count || lane >= Width) return;
      int const group = items[2 * (item % item_count)], first = items[2 * (item % item_count) + 1];
      int const inputs = product.groups[3 * group + 1];
      T* const to =
          partial + static_cast<std::ptrdiff_t>(item / item_count) * weight_count + product.groups[3 * group + 2];
      PAPILLON_UNROLL
      for (int k = 0; k < inputs_at_once; ++k) {
        PAPILLON_UNROLL
        for (int o = 0; o < Width; ++o)
          if (o == lane && first + k < inputs) to[(first + k) * Width + o] = acc[t][k * Width + o];
      }
    });
  }

 private:
  PAPILLON_HD void accumulate(int item, int strip, int lane, exec::values<T, Width * inputs_at_once>& acc) const {
    int const group = items[2 * item], first = items[2 * item + 1], left = product.groups[3 * group + 1] - first;
    int const b = strip / strips_in_block(), begin = strip % strips_in_block() * strip_rows;
    int const end = begin + strip_rows < grid.rows ? begin + strip_rows : grid.rows;
    T const* const from = x + static_cast<std::ptrdiff_t>(b) * grid.in_block * exec::warp + lane;
    T const* const d = dy + static_cast<std::ptrdiff_t>(b) * grid.out_block * exec::warp + lane;
    int const* const in = product.inputs + 2 * (product.groups[3 * group] + first);
    int const* const out = product.outputs + group * Width;
    exec::values<T, Width * inputs_at_once> sum{};
    for (int row = begin; row < end; ++row)
      for (int col = 0; col < grid.cols; ++col) {
        T dv[Width];
        for (int o = 0; o < Width; ++o)
          dv[o] = out[o] >= 0 ? d[(out[o] * grid.out_scale + grid.out_at(row, col)) * exec::warp] : T{};
        PAPILLON_UNROLL
        for (int k = 0; k < inputs_at_once; ++k) {
          T const xv =
              k < left ? read_pixel(grid, from, in[2 * k], in[2 * k + 1], row * grid.step, col * grid.step) : T{};
          for (int o = 0; o < Width; ++o) sum[k * Width + o] += dv[o] * xv;
        }
      }
    acc = sum;
  }
};

/// gradient[index[i]] += partial[0][i] + partial[1][i] + ..., where index[i] >= 0.
template <class T> struct add_strips {
  static constexpr int threads = 256;
  struct shared {};

  T const* partial;
  int const* index;
  T* gradient;
  int strips, count;

  [[nodiscard]] char const* name() const { return "sum of strips"; }
  [[nodiscard]] exec::cost work() const {
    return {static_cast<double>(strips) * count, (static_cast<double>(sizeof(T)) * (strips + 2) + sizeof(int)) * count};
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(count, threads); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const i = block.index() * threads + t;
      if (i >= count || index[i] < 0) return;
      T sum = partial[i];
      for (int s = 1; s < strips; ++s) sum += partial[static_cast<std::ptrdiff_t>(s) * count + i];
      gradient[index[i]] += sum;
    });
  }
};

/// packed[i] = coefficients[index[i]], zero where index[i] < 0.
template <class T> struct pack_weights {
  static constexpr int threads = 256;
  struct shared {};

  T const* coefficients;
  int const* index;
  T* packed;
  int count;

  [[nodiscard]] char const* name() const { return "packing of weights"; }
  [[nodiscard]] exec::cost work() const { return {0, (2.0 * sizeof(T) + sizeof(int)) * count}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(count, threads); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const i = block.index() * threads + t;
      if (i < count) packed[i] = index[i] >= 0 ? coefficients[index[i]] : T{};
    });
  }
};

/// Sum over the images of each row of dy, added to gradient: the bias's derivative. A warp a row.
template <class T> struct sum_rows {
  static constexpr int threads = 128;
  struct shared {};

  T const* dy;
  T* gradient;
  int rows, images;

  [[nodiscard]] char const* name() const { return "gradient of biases"; }
  [[nodiscard]] exec::cost work() const {
    return {1.0 * rows * images, sizeof(T) * (1.0 * rows * images + 2.0 * rows)};
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(rows, threads / exec::warp); }
  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    typename Block::template per_thread<T> sum;
    auto const row_of = [&](int t) { return block.index() * (threads / exec::warp) + t / exec::warp; };
    block.phase_nosync([&](int t) {
      if (row_of(t) >= rows) return;
      T s{};
      for (int b = 0; b * exec::warp < images; ++b)
        s += dy[(static_cast<std::ptrdiff_t>(b) * rows + row_of(t)) * exec::warp + t % exec::warp];
      sum[t] = s;
    });
    block.sum_lanes(sum);
    block.phase_nosync([&](int t) {
      if (row_of(t) < rows && t % exec::warp == 0) gradient[row_of(t)] += sum[t];
    });
  }
};

}  // namespace papillon::product
