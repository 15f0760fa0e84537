// SPDX-License-Identifier: MIT
/// \file vector_plan.hpp
/// A factor prepared for products with one vector or a few, where no batch fills a vector register: its lanes are then
/// neighbouring *outputs*, each with a weight of its own, and the weights lie in the order in which they are read,
/// once. In a Kronecker factor (a, b, c, d) output (i, j, l) reads inputs (i, k, l), k < c, so that the inputs of
/// neighbouring outputs are one input for all (d = 1), neighbours themselves (l runs through a register), or a
/// permutation of one register's worth; a whole factor is a few nests of two loops over such tiles. Every other support
/// is cut into slices of as many rows as there are lanes, rows of like length together, padded with zeros
/// (SELL-C-sigma: Kreutzer, Hager, Wellein, Fehske, Bishop, 2014), its inputs gathered by index.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include <papillon/product/butterfly_plan.hpp>
#include <papillon/structure/concepts.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/pattern.hpp>

namespace papillon::inline PAPILLON_ISA::product {

struct vector_plan {
  /// How the lanes of a tile read their inputs: all the same one, neighbours, or chosen from a register of neighbours.
  /// Or lanes are terms: `along` their sums, which are added up afterwards, a register of outputs at a time; `segments`
  /// of them where a number of terms has a kernel of its own (segment_kernel.hpp).
  enum class source { broadcast, neighbours, permuted, along, segments };

  /// rows x count tiles. A tile is `vectors` registers of outputs, `out_step` apart; term k of its sums reads at in + k
  /// * in_step.
  struct nest {
    source reads;
    int vectors, terms;  ///< vectors: 8, 4, 2 or 1
    int in, in_step, out, out_step;
    int rows, row_in, row_out;     ///< the outer loop, and how far it takes input and output
    int count, next_in, next_out;  ///< the inner loop
    int choice;                    ///< permuted: lane l reads choices[choice + l] further on; along: so does output l
    int fresh;                     ///< the first lane that is stored: a last register overlaps the one before it
    std::size_t weights;           ///< packed weights [rows][count][terms][vectors][lanes], of `along`
                                   ///< [count][lanes][registers_along][lanes], start here
    bool repeats = false;    ///< permuted: the inputs of a term repeat every in_step lanes, and nothing else is read
    bool contained = false;  ///< permuted: all terms choose from the tile's first register

    [[nodiscard]] int tiles() const { return rows * count; }
    /// For registers of `width` lanes: weights of a tile; registers of terms.
    [[nodiscard]] std::size_t weights_per_tile(int width) const {
      if (reads == source::segments) return static_cast<std::size_t>(width * terms);
      return static_cast<std::size_t>(width) *
             static_cast<std::size_t>(reads == source::along ? width * registers_along(width) : terms * vectors);
    }
    [[nodiscard]] int registers_along(int width) const { return (terms + width - 1) / width; }
    /// Where the last register of terms begins: it ends with the last term, or begins with the first one.
    [[nodiscard]] int last_along(int width) const { return terms < width ? 0 : terms - width; }
  };
  /// One register of outputs: targets[target + lane] = sum over k of packed[weights + k lanes + lane] * x[indices[index
  /// + k lanes + lane]].
  struct slice {
    int terms, target;
    std::size_t weights, index;
  };

  std::vector<nest> nests;  ///< of a Kronecker factor, or one of the two below
  std::vector<slice> slices;
  butterfly_pass butterfly;  ///< of several factors
  std::vector<int> choices, indices, targets;
  std::vector<int> weight_index;  ///< packed position -> position in the parameters, -1 where a zero stands
  std::size_t weights = 0;        ///< packed weights in all, zeros included
  int inputs = 0, outputs = 0, lanes = 0;
  int blocks = 1;  ///< every nest's tiles fall into as many equal runs, each with inputs and outputs of its own

  bool reads_behind = false;  ///< whether values behind the last input may be read (and not used)
};

namespace detail {

/// Whoever reads past the last row of a slice that is not full writes to nowhere.
inline constexpr int no_target = -1;

template <class Factor> void plan_slices(Factor const& factor, bool adjoint, int first_index, vector_plan& plan) {
  struct entry {
    int input, index;
  };
  std::vector<std::vector<entry>> rows(static_cast<std::size_t>(plan.outputs));
  factor.for_each_nonzero([&](int r, int c, int index) {
    rows[static_cast<std::size_t>(adjoint ? c : r)].push_back({adjoint ? r : c, first_index + index});
  });
  std::vector<int> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int l, int r) {
    return rows[static_cast<std::size_t>(l)].size() > rows[static_cast<std::size_t>(r)].size();
  });
  auto const lanes = static_cast<std::size_t>(plan.lanes);
  for (std::size_t first = 0; first < order.size(); first += lanes) {
    std::size_t const terms = rows[static_cast<std::size_t>(order[first])].size();
    plan.slices.push_back({static_cast<int>(terms), static_cast<int>(plan.targets.size()), plan.weight_index.size(),
        plan.indices.size()});
    for (std::size_t l = 0; l < lanes; ++l)
      plan.targets.push_back(first + l < order.size() ? order[first + l] : no_target);
    for (std::size_t k = 0; k < terms; ++k)
      for (std::size_t l = 0; l < lanes; ++l) {
        bool const there = first + l < order.size() && k < rows[static_cast<std::size_t>(order[first + l])].size();
        // What is not there reads the zero behind the inputs: zero times an infinite input would not be zero.
        plan.indices.push_back(there ? rows[static_cast<std::size_t>(order[first + l])][k].input : plan.inputs);
        plan.weight_index.push_back(there ? rows[static_cast<std::size_t>(order[first + l])][k].index : -1);
      }
  }
}

/// Cuts `vectors` registers of outputs into tiles: calls f(first, how many), 8, 4, 2 or 1 at a time.
template <class F> void for_each_tile(int vectors, F&& f) {
  for (int done = 0; done < vectors;) {
    int tile = 8;
    while (tile > vectors - done) tile /= 2;
    f(done, tile);
    done += tile;
  }
}

/// Outputs in twos or fours to 9 or 18 inputs: what a chain reads of images for a 3x3 convolution, of one or two
/// channels. Their sums run over segments of so many lanes, one or two to a register; 0 where there is no kernel for
/// the lanes.
[[nodiscard]] constexpr int segment_length(int terms, int lanes) {
  if ((terms != 9 && terms != 18) || lanes < 2 || lanes > 16) return 0;
  return std::min(lanes, terms == 9 ? 8 : 16);
}

/// The tiles of plan_along that have as many outputs as lanes, where terms have a kernel of their own.
inline void choose_segments(pattern p, vector_plan& plan) {
  if ((p.b != 2 && p.b != 4) || segment_length(p.c, plan.lanes) == 0) return;
  for (vector_plan::nest& n : plan.nests)
    if (n.fresh == 0) n.reads = vector_plan::source::segments;
}

/// Tiles of `lanes` outputs whose sums run over whole blocks: for few outputs to many inputs. False where there are
/// others.
[[nodiscard]] inline bool plan_along(pattern p, vector_plan& plan) {
  int const lanes = plan.lanes, tiles = p.rows() / lanes, inputs = lanes / p.b * p.c;
  if (p.d != 1 || tiles == 0 || lanes % p.b != 0 || 2 * p.c < lanes) return false;
  int const choice = static_cast<int>(plan.choices.size());
  for (int l = 0; l < lanes; ++l) plan.choices.push_back(l / p.b * p.c);
  auto const add = [&](int out, int count, int fresh) {
    plan.nests.push_back({vector_plan::source::along, 1, p.c, out / p.b * p.c, 1, out, lanes, 1, 0, 0, count, inputs,
        lanes, choice, fresh, 0});
  };
  add(0, tiles, 0);
  if (p.rows() % lanes != 0) add(p.rows() - lanes, 1, lanes - p.rows() % lanes);
  choose_segments(p, plan);
  plan.blocks = p.rows() % lanes == 0 ? tiles : 1;
  return true;
}

/// False where lanes would have to read inputs that are further apart than a register is wide.
[[nodiscard]] inline bool plan_nests(pattern p, vector_plan& plan) {
  using source = vector_plan::source;
  int const lanes = plan.lanes, block_out = p.b * p.d, block_in = p.c * p.d;
  auto const add = [&](source reads, int vectors, int in, int out, int out_step, int count, int choice, int fresh) {
    plan.nests.push_back(
        {reads, vectors, p.c, in, p.d, out, out_step, p.a, block_in, block_out, count, lanes, lanes, choice, fresh, 0});
  };
  if (p.d >= lanes) {  // neighbours in l
    for_each_tile(p.b, [&](int j, int vectors) {
      add(source::neighbours, vectors, 0, j * p.d, p.d, p.d / lanes, 0, 0);
      // What is left is computed as the end of a whole register.
      if (p.d % lanes != 0)
        add(source::neighbours, vectors, p.d - lanes, j * p.d + p.d - lanes, p.d, 1, 0, lanes - p.d % lanes);
    });
    plan.blocks = p.a;
    return true;
  }
  if (block_out >= lanes) {  // registers within a block i
    auto const choose = [&](int out) {
      if (p.d == 1) return 0;
      int const choice = static_cast<int>(plan.choices.size());
      for (int l = 0; l < lanes; ++l) plan.choices.push_back((out + l) % p.d);
      return choice;
    };
    source const reads = p.d == 1 ? source::broadcast : source::permuted;
    int const whole = block_out / lanes;
    if (lanes % p.d == 0) {
      int const choice = choose(0);
      for_each_tile(whole, [&](int first, int vectors) { add(reads, vectors, 0, first * lanes, lanes, 1, choice, 0); });
    } else {
      for (int v = 0; v < whole; ++v) add(reads, 1, 0, v * lanes, lanes, 1, choose(v * lanes), 0);
    }
    if (block_out % lanes != 0)
      add(reads, 1, 0, block_out - lanes, lanes, 1, choose(block_out - lanes), lanes - block_out % lanes);
    plan.blocks = p.a;
    return true;
  }
  // Several blocks to a register; after `period` outputs the lanes are dealt in the same way again.
  if (p.rows() < lanes) return false;
  int const period = std::lcm(lanes, block_out), registers = p.rows() / lanes;
  auto const add_registers = [&](int out, int count, int fresh) {
    int const choice = static_cast<int>(plan.choices.size());
    for (int l = 0; l < lanes; ++l) {
      plan.choices.push_back(((out + l) / block_out - out / block_out) * block_in + (out + l) % p.d);
      if (plan.choices.back() >= lanes) return false;
    }
    plan.nests.push_back({source::permuted, 1, p.c, out / block_out * block_in, p.d, out, lanes, 1, 0, 0, count,
        period / block_out * block_in, period, choice, fresh, 0});
    return true;
  };
  for (int out = 0; out < std::min(period, registers * lanes); out += lanes)
    if (!add_registers(out, (registers - out / lanes + period / lanes - 1) / (period / lanes), 0))
      return plan.nests.clear(), false;
  if (p.rows() % lanes != 0 && !add_registers(p.rows() - lanes, 1, lanes - p.rows() % lanes))
    return plan.nests.clear(), false;
  plan.blocks = p.rows() % period == 0 ? p.rows() / period : 1;
  return true;
}

/// What allows a shorter way to permute.
inline void look_at_choices(vector_plan const& plan, vector_plan::nest& n) {
  int const* const choices = plan.choices.data() + n.choice;
  n.repeats = plan.lanes % n.in_step == 0;
  n.contained = true;
  for (int l = 0; l < plan.lanes; ++l) {
    n.repeats = n.repeats && choices[l] == l % n.in_step;
    n.contained = n.contained && choices[l] + (n.terms - 1) * n.in_step < plan.lanes;
  }
}

template <class Index>
void index_segments(pattern p, Index const& index, vector_plan& plan, vector_plan::nest const& n) {
  int const lanes = plan.lanes, segment = segment_length(n.terms, lanes), whole = n.terms / segment;
  for (int first = n.out; first < n.out + n.count * lanes; first += lanes) {
    auto const add = [&](int output, int term) {
      plan.weight_index.push_back(index((first + output) / p.b, (first + output) % p.b, term, 0));
    };
    for (int i = 0; i < segment; ++i)
      for (int g = 0; g < whole; ++g)
        for (int l = 0; l < lanes; ++l) add(i + l / segment * segment, g * segment + l % segment);
    // Terms behind whole segments: one is a lane's own, two stand in neighbouring lanes, those of either output of a
    // pair in a register.
    int const rest = n.terms % segment;
    for (int j = 0; j < rest; ++j)
      for (int l = 0; l < lanes; ++l) rest == 1 ? add(l, whole * segment) : add(l / 2 * 2 + j, whole * segment + l % 2);
  }
}

template <class Index> void index_nests(pattern p, Index const& index, vector_plan& plan) {
  for (vector_plan::nest& n : plan.nests) {
    n.weights = plan.weight_index.size();
    if (n.reads == vector_plan::source::permuted) look_at_choices(plan, n);
    if (n.reads == vector_plan::source::segments) {
      index_segments(p, index, plan, n);
      continue;
    }
    if (n.reads == vector_plan::source::along) {
      int const registers = n.registers_along(plan.lanes);
      for (int output = n.out; output < n.out + n.count * plan.lanes; ++output)
        for (int k = 0; k < registers * plan.lanes; ++k) {
          bool const last = k / plan.lanes == registers - 1;
          int const term = last ? n.last_along(plan.lanes) + k % plan.lanes : k;
          bool const there = term < n.terms && (!last || term >= (registers - 1) * plan.lanes);
          plan.weight_index.push_back(there ? index(output / p.b, output % p.b, term, 0) : -1);
        }
      continue;
    }
    for (int row = 0; row < n.rows; ++row)
      for (int i = 0; i < n.count; ++i)
        for (int k = 0; k < n.terms; ++k)
          for (int v = 0; v < n.vectors; ++v)
            for (int l = 0; l < plan.lanes; ++l) {
              int const output = n.out + row * n.row_out + i * n.next_out + v * n.out_step + l;
              plan.weight_index.push_back(index(output / (p.b * p.d), output / p.d % p.b, k, output % p.d));
            }
  }
}

}  // namespace detail

/// The plan of one factor, or with adjoint = true of its transpose, for registers of `lanes`. Coefficient indices are
/// shifted by `first_index`.
template <structure_factor Factor>
[[nodiscard]] vector_plan make_vector_plan(Factor const& factor, bool adjoint, std::size_t first_index, int lanes) {
  vector_plan plan;
  plan.inputs = adjoint ? factor.rows() : factor.cols();
  plan.outputs = adjoint ? factor.cols() : factor.rows();
  plan.lanes = lanes;
  int const first = static_cast<int>(first_index);
  if constexpr (std::same_as<Factor, pattern> || std::same_as<Factor, dense>) {
    pattern p;
    if constexpr (std::same_as<Factor, pattern>) p = factor;
    else p = dense_pattern(factor.rows(), factor.cols());
    auto const index = [&](int i, int j, int k, int l) {
      return first + (adjoint ? p.weight(i, k, j, l) : p.weight(i, j, k, l));
    };
    pattern const seen = adjoint ? transposed(p) : p;
    if (detail::plan_nests(seen, plan) || detail::plan_along(seen, plan)) detail::index_nests(seen, index, plan);
  }
  if (plan.nests.empty()) detail::plan_slices(factor, adjoint, first, plan);
  plan.weights = plan.weight_index.size();
  plan.reads_behind =
      !plan.slices.empty() || std::any_of(plan.nests.begin(), plan.nests.end(), [](vector_plan::nest const& n) {
        return n.reads == vector_plan::source::permuted || n.reads == vector_plan::source::along;
      });
  return plan;
}

/// The plan of a pass of a butterfly; its factors, transposed where adjoint is true, and where their coefficients
/// begin, in the order in which they are applied.
[[nodiscard]] inline vector_plan make_vector_plan(butterfly_pass const& pass, std::span<pattern const> factors,
    std::span<std::size_t const> first_index, bool adjoint, int lanes) {
  vector_plan plan;
  plan.butterfly = pass;
  plan.inputs = plan.outputs = factors[0].rows();
  plan.lanes = lanes;
  plan.blocks = pass.rows;
  plan.weight_index = butterfly_weight_index(pass, lanes, [&](int level, int i, int j, int k, int l) {
    auto const at = static_cast<std::size_t>(level);
    pattern const p = factors[at];
    return static_cast<int>(first_index[at]) + (adjoint ? transposed(p).weight(i, k, j, l) : p.weight(i, j, k, l));
  });
  plan.weights = plan.weight_index.size();
  return plan;
}

}  // namespace papillon::product
