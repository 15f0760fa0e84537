// SPDX-License-Identifier: MIT
/// \file chain_product.hpp
/// All factors of a chain in one kernel: y = K_1 ... K_L x at P neighbouring pixels for the 32 images of a block. The
/// intermediates stay in shared memory, [row][pixel][lane], in one buffer for two factors and in two in turn for more;
/// only x is read and only y written. Needs widest intermediate * P * buffers <= Rows.
#pragma once

#include <papillon/exec/block.hpp>
#include <papillon/exec/shared_array.hpp>
#include <papillon/product/gather_product.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// Factors a fused chain may have; longer ones run factor by factor.
inline constexpr int most_fused_factors = 4;

/// Rows that take 8 and 32 KiB of shared memory: 64 and 256 of float.
template <class T> inline constexpr int few_rows = 256 / static_cast<int>(sizeof(T));
template <class T> inline constexpr int many_rows = 4 * few_rows<T>;

template <class T, int P, int Rows> struct chain_product {
  static constexpr int threads = 256;
  struct shared {
    exec::shared_array<T, Rows * exec::warp> v;
  };

  gather_view<T> factor[most_fused_factors];  ///< leftmost (output side) first
  int width[most_fused_factors];              ///< of each factor's groups
  int factors;                                ///< at least 2
  int buffer;                                 ///< rows of one buffer of intermediates
  gather_grid grid;                           ///< of the input-side factor, writing to y as if it were alone
  T const* x;
  T* y;
  int images;

  [[nodiscard]] char const* name() const { return "product of a chain"; }
  [[nodiscard]] exec::cost work() const {
    double const lanes = exec::blocks_for(images, exec::warp) * exec::warp, pixels = grid.rows * grid.cols;
    double weights = 0;
    for (int l = 0; l < factors; ++l) weights += factor[l].weight_count;
    return {2 * weights * pixels * lanes, sizeof(T) * ((grid.in_block + grid.out_block) * lanes + weights)};
  }
  [[nodiscard]] PAPILLON_HD int tiles_across() const { return (grid.cols + P - 1) / P; }
  [[nodiscard]] PAPILLON_HD int blocks() const {
    return (images + exec::warp - 1) / exec::warp * grid.rows * tiles_across();
  }

  template <class Block> PAPILLON_HD void operator()(Block& block, shared& s) const {
    int const tiles = grid.rows * tiles_across(), b = block.index() / tiles;
    int const row = block.index() % tiles / tiles_across(), col = block.index() % tiles_across() * P;
    T const* const from = x + static_cast<std::ptrdiff_t>(b) * grid.in_block * exec::warp;
    T* const to = y + static_cast<std::ptrdiff_t>(b) * grid.out_block * exec::warp;
    for (int l = factors - 1; l >= 0; --l) {
      int const in = (factors - l) % 2 * buffer, out = (factors - 1 - l) % 2 * buffer;
      block.phase([&](int t) {
        int const lane = t % exec::warp;
        auto const read = [&](int input, int tap, int p) {
          if (l + 1 == factors)
            return read_pixel(grid, from + lane, input, tap, row * grid.step, (col + p) * grid.step);
          return s.v[(in + input * P + p) * exec::warp + lane];
        };
        auto const write = [&](int output, int p, T value) {
          if (l > 0) s.v[(out + output * P + p) * exec::warp + lane] = value;
          else if (col + p < grid.cols)
            to[(output * grid.out_scale + grid.out_at(row, col + p)) * exec::warp + lane] = value;
        };
        for (int g = t / exec::warp; g < factor[l].count; g += threads / exec::warp)
          if (width[l] == 8) multiply_group<8, P>(factor[l], g, read, write);
          else if (width[l] == 4) multiply_group<4, P>(factor[l], g, read, write);
          else if (width[l] == 2) multiply_group<2, P>(factor[l], g, read, write);
          else multiply_group<1, P>(factor[l], g, read, write);
      });
    }
  }
};

}  // namespace papillon::product
