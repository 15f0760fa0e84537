// SPDX-License-Identifier: MIT
/// \file gather_gradient.hpp
/// The gradient of a product's coefficients on its support: dW[o][k] = sum over images and pixels of dy[o] x[k]. A warp
/// takes a few inputs of one group over a strip of pixels of one block of images, a lane an image; lanes are then added
/// by halves. Strips are added up by `add_strips` in their order: no atomic operation, the same bits every time. Or
/// each image's sum is kept (`gather_image_gradients`): then there is one strip, and nothing to add.
#pragma once

#include <papillon/exec/block.hpp>
#include <papillon/exec/for_each.hpp>
#include <papillon/product/gather_product.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// What the kernels for groups of `Width` outputs share: which sums there are, and one lane of them.
template <class T, int Width> struct gradient_sums {
  static constexpr int threads = 128;
  static constexpr int inputs_at_once = gradient_inputs(Width);
  using sums = exec::values<T, Width * inputs_at_once>;

  gather_view<T> product;  ///< its weights are not read
  int const* items;        ///< pairs (group, first input)
  int item_count, weight_count;
  gather_grid grid;
  int strip_rows;  ///< rows of pixels of a strip
  T const *x, *dy;
  int images;

  [[nodiscard]] PAPILLON_HD int strips_in_block() const { return (grid.rows + strip_rows - 1) / strip_rows; }
  [[nodiscard]] PAPILLON_HD int strips() const { return (images + exec::warp - 1) / exec::warp * strips_in_block(); }
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(strips() * item_count, threads / exec::warp); }
  [[nodiscard]] exec::cost work(double results) const {
    double const lanes = exec::blocks_for(images, exec::warp) * exec::warp;
    return {2.0 * weight_count * grid.rows * grid.cols * lanes,
        sizeof(T) * ((grid.in_block + grid.out_block) * lanes + results)};
  }

  /// Of an item in a strip.
  PAPILLON_HD void accumulate(int item, int strip, int lane, sums& acc) const {
    int const group = items[2 * item], first = items[2 * item + 1], left = product.groups[3 * group + 1] - first;
    int const b = strip / strips_in_block(), begin = strip % strips_in_block() * strip_rows;
    int const end = begin + strip_rows < grid.rows ? begin + strip_rows : grid.rows;
    T const* const from = x + static_cast<std::ptrdiff_t>(b) * grid.in_block * exec::warp + lane;
    T const* const d = dy + static_cast<std::ptrdiff_t>(b) * grid.out_block * exec::warp + lane;
    int const* const in = product.inputs + 2 * (product.groups[3 * group] + first);
    int const* const out = product.outputs + group * Width;
    sums sum{};
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
  /// f(place among the sums, packed weight) for those of an item.
  template <class F> PAPILLON_HD void for_each_sum(int item, F const& f) const {
    int const group = items[2 * item], first = items[2 * item + 1];
    int const inputs = product.groups[3 * group + 1], weights = product.groups[3 * group + 2];
    PAPILLON_UNROLL
    for (int k = 0; k < inputs_at_once; ++k) {
      PAPILLON_UNROLL
      for (int o = 0; o < Width; ++o)
        if (first + k < inputs) f(k * Width + o, weights + (first + k) * Width + o);
    }
  }
};

template <class T, int Width> struct gather_gradient {
  static constexpr int threads = gradient_sums<T, Width>::threads;
  struct shared {};

  gradient_sums<T, Width> of;
  T* partial;  ///< [strips][weight_count]

  [[nodiscard]] char const* name() const { return "gradient of weights"; }
  [[nodiscard]] exec::cost work() const { return of.work(static_cast<double>(of.strips()) * of.weight_count); }
  [[nodiscard]] PAPILLON_HD int blocks() const { return of.blocks(); }

  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    typename Block::template per_thread<typename gradient_sums<T, Width>::sums> acc;
    auto const item_of = [&](int t) { return block.index() * (threads / exec::warp) + t / exec::warp; };
    int const items = of.strips() * of.item_count;
    block.phase_nosync([&](int t) {
      int const item = item_of(t);
      if (item < items) of.accumulate(item % of.item_count, item / of.item_count, t % exec::warp, acc[t]);
    });
    block.sum_lanes(acc);
    block.phase_nosync([&](int t) {
      int const item = item_of(t), lane = t % exec::warp;
      if (item >= items || lane >= Width) return;
      T* const to = partial + static_cast<std::ptrdiff_t>(item / of.item_count) * of.weight_count;
      of.for_each_sum(item % of.item_count, [&](int at, int weight) {
        if (at % Width == lane) to[weight] = acc[t][at];
      });
    });
  }
};

/// The gradient of each image, to row index[i] of lanes for packed weight i, where that is not negative.
template <class T, int Width> struct gather_image_gradients {
  static constexpr int threads = gradient_sums<T, Width>::threads;
  struct shared {};

  gradient_sums<T, Width> of;  ///< in one strip
  int const* index;
  T* rows;
  std::ptrdiff_t block_stride;  ///< of rows, in values

  [[nodiscard]] char const* name() const { return "gradients of images"; }
  [[nodiscard]] exec::cost work() const {
    return of.work(static_cast<double>(of.strips()) * of.weight_count * exec::warp);
  }
  [[nodiscard]] PAPILLON_HD int blocks() const { return of.blocks(); }

  template <class Block> PAPILLON_HD void operator()(Block& block, shared&) const {
    block.phase_nosync([&](int t) {
      int const item = block.index() * (threads / exec::warp) + t / exec::warp, lane = t % exec::warp;
      if (item >= of.strips() * of.item_count) return;
      typename gradient_sums<T, Width>::sums acc;
      of.accumulate(item % of.item_count, item / of.item_count, lane, acc);
      T* const to = rows + item / of.item_count * block_stride + lane;
      of.for_each_sum(
          item % of.item_count,
          [&](int at, int weight) {
            if (index[weight] >= 0) to[static_cast<std::ptrdiff_t>(index[weight]) * exec::warp] = acc[at];
          });
    });
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

/// Some rows of lanes of each block, copied: each image's derivative of a bias is that of the output.
template <class T> struct copy_rows {
  static constexpr char const* name = "gradients of biases";
  static constexpr int flops = 0, bytes = 2 * sizeof(T);
  T const* from;
  T* to;
  int rows, to_block_rows;  ///< of a block: those copied, and from block to block of `to`

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    lanes.store(to, row / rows * to_block_rows + row % rows, lanes.load(from, row));
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
