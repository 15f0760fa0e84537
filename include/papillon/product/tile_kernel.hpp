// SPDX-License-Identifier: MIT
/// \file tile_kernel.hpp
/// The register tiles: `multiply` forms Y = W X and `accumulate_gradient` forms dW += dY X^T for one group of a
/// product_plan over a grid of positions (pixels, or blocks of images), every position holding one register of lanes.
/// Sums run over the inputs in their stored order, by `add_product`, so that tiles of any size give the same bits.
/// Tiles are unrolled for registers of the native width only; other lane counts take plain loops (and compile faster).
#pragma once

#include <span>

#include <papillon/product/product_plan.hpp>
#include <papillon/tensor/vec.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::product {

/// What the offsets of a plan count: registers, or rows that are any number of values long.
enum class offsets { registers, rows };

/// A rows x cols grid of positions, and how far apart they lie in the input and the output, in registers.
struct position_grid {
  int rows, cols;
  std::ptrdiff_t in_row, in_col, out_row, out_col;
  /// What the plan's offsets count, in values, where it is rows (`offsets::rows`).
  std::ptrdiff_t in_unit = 0, out_unit = 0;
};

namespace detail {

/// Sizes of tiles: the sums, a column of inputs and a weight fit the vector registers, 32 of them with AVX-512 and on
/// aarch64, else 16.
inline constexpr bool many_registers = native_vector_registers == 32;
[[nodiscard]] constexpr int tile_positions(int outputs) {
  if (many_registers) return outputs >= 8 ? 2 : outputs >= 4 ? 4 : 8;
  return outputs >= 8 ? 1 : outputs >= 4 ? 2 : outputs >= 2 ? 4 : 8;
}
/// Of 4 outputs at neighbouring positions, where there are enough. Without fused products a register more is needed for
/// the product, and the smaller tile is faster.
inline constexpr int widest_of_four = many_registers ? 6 : native_fused_products ? 3 : 2;
inline constexpr int gradient_inputs = many_registers ? 6 : 2;
inline constexpr int few_positions = 64;

/// Distance of neighbouring positions: known to the compiler where it is 1 (Step = 1), else at run time (Step = 0).
template <int Step> [[nodiscard]] constexpr std::ptrdiff_t step_or(std::ptrdiff_t distance) {
  return Step == 0 ? distance : Step;
}

template <class T, int L, int Outputs, int Positions, int InStep, int OutStep>
PAPILLON_ALWAYS_INLINE void multiply_tile(T const* PAPILLON_RESTRICT w, int const* PAPILLON_RESTRICT in, int inputs,
    int const* PAPILLON_RESTRICT out, T const* PAPILLON_RESTRICT x, std::ptrdiff_t in_unit, std::ptrdiff_t in_col,
    T* PAPILLON_RESTRICT y, std::ptrdiff_t out_unit, std::ptrdiff_t out_col, bool accumulate) {
  vec<T, L> sum[Outputs][Positions] = {};
#pragma GCC unroll 2
  for (int k = 0; k < inputs; ++k, w += Outputs) {
    T const* const xk = x + in[k] * in_unit;
    vec<T, L> v[Positions];
    for (int p = 0; p < Positions; ++p) v[p] = load<L>(xk + p * step_or<InStep>(in_col) * L);
    for (int o = 0; o < Outputs; ++o) {
      vec<T, L> const wo = broadcast<L>(w[o]);
      for (int p = 0; p < Positions; ++p) add_product<T, L>(sum[o][p], wo, v[p]);
    }
  }
  for (int o = 0; o < Outputs; ++o) {
    T* const to = y + out[o] * out_unit;
    for (int p = 0; p < Positions; ++p) {
      T* const at = to + p * step_or<OutStep>(out_col) * L;
      store<L>(at, accumulate ? load<L>(at) + sum[o][p] : sum[o][p]);
    }
  }
}

/// Tile by tile, all groups on a tile in turn.
template <class T, int L, int Outputs, int InStep, int OutStep, offsets Offsets>
void multiply_rows(product_plan const& plan, std::span<product_plan::group const> groups, T const* packed, T const* x,
    T* y, position_grid const& grid, bool accumulate) {
  constexpr int wide = tile_positions(Outputs);
  bool constexpr by_rows = Offsets == offsets::rows;
  std::ptrdiff_t const in_unit = by_rows ? grid.in_unit : L, out_unit = by_rows ? grid.out_unit : L;
  for (int r = 0; r < grid.rows; ++r) {
    T const* xr = x + r * grid.in_row * L;
    T* yr = y + r * grid.out_row * L;
    auto const tile = [&]<int Positions, int In, int Out>() {
      for (product_plan::group const& g : groups)
        multiply_tile<T, L, Outputs, Positions, In, Out>(packed + g.weight_begin, plan.inputs.data() + g.input_begin,
            g.inputs, plan.outputs.data() + g.output_begin, xr, in_unit, grid.in_col, yr, out_unit, grid.out_col,
            accumulate);
      xr += Positions * grid.in_col * L;
      yr += Positions * grid.out_col * L;
    };
    int c = 0;
    if constexpr (Outputs == 4 && InStep == 1 && widest_of_four > wide)
      for (constexpr int n = widest_of_four; grid.cols - c >= n && grid.cols - c != 2 * wide; c += n)
        tile.template operator()<n, InStep, OutStep>();
    for (; c + wide <= grid.cols; c += wide) tile.template operator()<wide, InStep, OutStep>();
    if constexpr (wide > 2)
      for (; c + 2 <= grid.cols; c += 2) tile.template operator()<2, InStep, OutStep>();
    for (; c < grid.cols; ++c) tile.template operator()<1, 1, 1>();
  }
}

template <class T, int L, int Outputs, offsets Offsets>
void multiply_groups(product_plan const& plan, std::span<product_plan::group const> groups, T const* packed, T const* x,
    T* y, position_grid const& grid, bool accumulate) {
  // The rows of a mask read parts of the same inputs, which stay in the first cache from row to row. Wider groups read
  // a tile's inputs often enough by themselves, or (a chain's) inputs of their own: they take all positions, one group
  // after another. So does whoever has no more positions than fit one tile.
  std::size_t const together = Outputs == 1 || (grid.rows == 1 && grid.cols <= 2) ? groups.size() : 1;
  for (; !groups.empty(); groups = groups.subspan(together))
    if (grid.in_col == 1 && grid.out_col == 1)
      multiply_rows<T, L, Outputs, 1, 1, Offsets>(plan, groups.first(together), packed, x, y, grid, accumulate);
    else multiply_rows<T, L, Outputs, 0, 0, Offsets>(plan, groups.first(together), packed, x, y, grid, accumulate);
}

/// to[i] += the sum of the lanes of v[i], many at a time where there are as many as lanes.
template <class T, int L, int N> PAPILLON_ALWAYS_INLINE void add_horizontal_sums(vec<T, L> const (&v)[N], T* to) {
  int i = 0;
#if !PAPILLON_CUDACC
  if constexpr (L > 1 && N >= L && L * static_cast<int>(sizeof(T)) <= native_vector_bytes)
    for (; i + L <= N; i += L) {
      vec<T, L> part[L];
      for (int l = 0; l < L; ++l) part[l] = v[i + l];
      store<L>(to + i, load<L>(to + i) + horizontal_sums<T, L>(part));
    }
#endif
  for (; i < N; ++i) to[i] += horizontal_sum<T, L>(v[i]);
}

/// Where sums over positions go that belong to packed weights `at`, `at` + 1, ...: added up over the lanes as well.
template <class T, int L> struct summed_lanes {
  T* packed;
  template <int N> PAPILLON_ALWAYS_INLINE void take(vec<T, L> const (&v)[N], int at) const {
    add_horizontal_sums<T, L>(v, packed + at);
  }
};
/// Lane by lane, to the row of each weight's coefficient; none where that is negative.
template <class T, int L> struct separate_lanes {
  T* rows;
  int const* index;  ///< packed weight -> row
  bool add;          ///< to what is there
  template <int N> PAPILLON_ALWAYS_INLINE void take(vec<T, L> const (&v)[N], int at) const {
    for (int i = 0; i < N; ++i) {
      if (index[at + i] < 0) continue;
      T* const row = rows + static_cast<std::ptrdiff_t>(index[at + i]) * L;
      store<L>(row, add ? load<L>(row) + v[i] : v[i]);
    }
  }
};

/// The sum over positions of dy[o] * x[k], for Inputs neighbouring inputs of the group, whose packed weights begin at
/// `at`.
template <class T, int L, int Outputs, int Inputs, class Sums>
void gradient_tile(
    int const* in, int const* out, T const* x, T const* dy, position_grid const& grid, Sums const& to, int at) {
  vec<T, L> sum[Inputs * Outputs] = {};
  T const *xs[Inputs], *ds[Outputs];
  for (int k = 0; k < Inputs; ++k) xs[k] = x + static_cast<std::ptrdiff_t>(in[k]) * L;
  for (int o = 0; o < Outputs; ++o) ds[o] = dy + static_cast<std::ptrdiff_t>(out[o]) * L;
  for (int r = 0; r < grid.rows; ++r) {
    std::ptrdiff_t xi = r * grid.in_row * L, di = r * grid.out_row * L;
    for (int c = 0; c < grid.cols; ++c, xi += grid.in_col * L, di += grid.out_col * L) {
      vec<T, L> d[Outputs];
      for (int o = 0; o < Outputs; ++o) d[o] = load<L>(ds[o] + di);
      for (int k = 0; k < Inputs; ++k) {
        vec<T, L> const v = load<L>(xs[k] + xi);
        for (int o = 0; o < Outputs; ++o) add_product<T, L>(sum[k * Outputs + o], d[o], v);
      }
    }
  }
  to.take(sum, at);
}

template <class T, int L, int Outputs, class Sums>
void gradient_group(product_plan const& plan, product_plan::group const& g, T const* x, T const* dy,
    position_grid const& grid, Sums const& to) {
  constexpr int wide = gradient_inputs;
  int at = g.weight_begin;
  int const* in = plan.inputs.data() + g.input_begin;
  int const* const out = plan.outputs.data() + g.output_begin;
  int k = 0;
  // At few positions the sums of lanes cost as much as the products: then tiles of as many sums as lanes.
  if constexpr (constexpr int folded = L / Outputs;
                std::same_as<Sums, summed_lanes<T, L>> && folded > 1 && folded <= wide && wide * Outputs % L != 0)
    if (grid.rows * grid.cols <= few_positions)
      for (; k + folded <= g.inputs; k += folded, in += folded, at += folded * Outputs)
        gradient_tile<T, L, Outputs, folded>(in, out, x, dy, grid, to, at);
  for (; k + wide <= g.inputs; k += wide, in += wide, at += wide * Outputs)
    gradient_tile<T, L, Outputs, wide>(in, out, x, dy, grid, to, at);
  if constexpr (many_registers)
    for (; k + 3 <= g.inputs; k += 3, in += 3, at += 3 * Outputs)
      gradient_tile<T, L, Outputs, 3>(in, out, x, dy, grid, to, at);
  for (; k < g.inputs; ++k, ++in, at += Outputs) gradient_tile<T, L, Outputs, 1>(in, out, x, dy, grid, to, at);
}

/// Any number of outputs, one at a time.
template <class T, int L, offsets Offsets = offsets::registers>
void multiply_plainly(product_plan const& plan, std::span<product_plan::group const> groups, T const* packed,
    T const* x, T* y, position_grid const& grid, bool accumulate) {
  bool constexpr by_rows = Offsets == offsets::rows;
  std::ptrdiff_t const in_unit = by_rows ? grid.in_unit : L, out_unit = by_rows ? grid.out_unit : L;
  for (product_plan::group const& g : groups)
    for (int o = 0; o < g.outputs; ++o)
      for (int r = 0; r < grid.rows; ++r)
        for (int c = 0; c < grid.cols; ++c) {
          T* const to = y + plan.outputs[static_cast<std::size_t>(g.output_begin + o)] * out_unit +
                        (r * grid.out_row + c * grid.out_col) * L;
          vec<T, L> sum{};
          for (int k = 0; k < g.inputs; ++k)
            add_product<T, L>(sum, broadcast<L>(packed[g.weight_begin + k * g.outputs + o]),
                load<L>(x + plan.inputs[static_cast<std::size_t>(g.input_begin + k)] * in_unit +
                        (r * grid.in_row + c * grid.in_col) * L));
          store<L>(to, accumulate ? load<L>(to) + sum : sum);
        }
}

template <class T, int L, class Sums>
void gradient_plainly(product_plan const& plan, product_plan::group const& g, T const* x, T const* dy,
    position_grid const& grid, Sums const& to) {
  for (int k = 0; k < g.inputs; ++k)
    for (int o = 0; o < g.outputs; ++o)
      gradient_tile<T, L, 1, 1>(plan.inputs.data() + g.input_begin + k, plan.outputs.data() + g.output_begin + o, x, dy,
          grid, to, g.weight_begin + k * g.outputs + o);
}

/// The kernels for groups of 8, 4, 2 and 1 outputs: a plan splits any structure into groups of these sizes. Groups of 8
/// suit products at few positions; gradients are formed in groups of at most 4.
template <class T, int L, offsets Offsets = offsets::registers> struct tile_table {
  using product_function = void(
      product_plan const&, std::span<product_plan::group const>, T const*, T const*, T*, position_grid const&, bool);
  template <class Sums>
  using gradient_function = void(
      product_plan const&, product_plan::group const&, T const*, T const*, position_grid const&, Sums const&);
  struct row {
    int outputs;
    product_function* multiply;
    gradient_function<summed_lanes<T, L>>* gradient;
    gradient_function<separate_lanes<T, L>>* lane_gradients;
  };
  template <int Outputs>
  static constexpr row tuned{
      Outputs, multiply_groups<T, L, Outputs, Offsets>, gradient_group<T, L, Outputs>, gradient_group<T, L, Outputs>};
  static constexpr row product_only{
      8, multiply_groups<T, L, 8, Offsets>, gradient_plainly<T, L>, gradient_plainly<T, L>};

  /// The row for a number of outputs.
  [[nodiscard]] static constexpr row find(int outputs) {
    if constexpr (L * static_cast<int>(sizeof(T)) == native_vector_bytes) {
      for (row const& r : {product_only, tuned<4>, tuned<2>, tuned<1>})
        if (r.outputs == outputs) return r;
    }
    return {outputs, multiply_plainly<T, L, Offsets>, gradient_plainly<T, L>, gradient_plainly<T, L>};
  }
};

}  // namespace detail

/// Y = W X (or Y += W X) for some groups of a plan; x and y point at position (0, 0) of offset 0.
template <int L, offsets Offsets = offsets::registers, class T>
void multiply(product_plan const& plan, std::span<product_plan::group const> groups, T const* packed, T const* x, T* y,
    position_grid const& grid, bool accumulate = false) {
  while (!groups.empty()) {
    // A kernel takes neighbouring groups of the same size at once.
    std::size_t alike = 1;
    while (alike < groups.size() && groups[alike].outputs == groups[0].outputs) ++alike;
    detail::tile_table<T, L, Offsets>::find(groups[0].outputs)
        .multiply(plan, groups.first(alike), packed, x, y, grid, accumulate);
    groups = groups.subspan(alike);
  }
}

/// packed gradient += dY X^T on the support of one group; `in` strides of the grid belong to x, `out` strides to dy.
template <int L, class T>
void accumulate_gradient(product_plan const& plan, product_plan::group const& g, T const* x, T const* dy,
    position_grid const& grid, T* packed) {
  detail::tile_table<T, L>::find(g.outputs).gradient(plan, g, x, dy, grid, detail::summed_lanes<T, L>{packed});
}

/// The same sum lane by lane, to (or, with `add`, added to) row index[i] of `rows` for packed weight i, where that is
/// not negative.
template <int L, class T>
void form_lane_gradients(product_plan const& plan, product_plan::group const& g, T const* x, T const* dy,
    position_grid const& grid, T* rows, int const* index, bool add) {
  detail::tile_table<T, L>::find(g.outputs).lane_gradients(
      plan, g, x, dy, grid, detail::separate_lanes<T, L>{rows, index, add});
}

/// All groups of a plan.
template <int L, offsets Offsets = offsets::registers, class T>
void multiply(
    product_plan const& plan, T const* packed, T const* x, T* y, position_grid const& grid, bool accumulate = false) {
  multiply<L, Offsets>(plan, std::span(plan.groups), packed, x, y, grid, accumulate);
}
template <int L, class T>
void accumulate_gradient(product_plan const& plan, T const* x, T const* dy, position_grid const& grid, T* packed) {
  for (product_plan::group const& g : plan.groups) accumulate_gradient<L>(plan, g, x, dy, grid, packed);
}
template <int L, class T>
void form_lane_gradients(
    product_plan const& plan, T const* x, T const* dy, position_grid const& grid, T* rows, int const* index, bool add) {
  for (product_plan::group const& g : plan.groups) form_lane_gradients<L>(plan, g, x, dy, grid, rows, index, add);
}

}  // namespace papillon::product

#pragma GCC diagnostic pop
