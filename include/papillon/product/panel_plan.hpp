// SPDX-License-Identifier: MIT
/// \file panel_plan.hpp
/// A chain prepared for panels, as passes over memory. Neighbouring chainable factors fuse to a support (A, B, C, D)
/// whose blocks, one for each of A and D, have C inputs and B outputs and nothing in common: a pass takes the blocks
/// one after another through all of its factors while their intermediates stay in the first cache. A butterfly of 4,096
/// takes two passes instead of twelve. Weights lie in the order in which the blocks read them.
#pragma once

#include <papillon/product/product_plan.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/factor_link.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// Blocks of a pass are taken E at a time, neighbours in D: a piece. Piece (i, k), i < rows, k < count, reads from row
/// i * row_in + k * step on and writes from row i * row_out + k * step on.
struct panel_pass {
  struct stage {
    product_plan plan;    ///< of any one piece; offsets in rows, from the first one that the piece reads or writes
    std::size_t weights;  ///< of a piece
  };
  std::vector<stage> stages;  ///< in the order in which they are applied
  int rows = 1, count = 1, step = 0, row_in = 0, row_out = 0;
  int piece_rows = 0;       ///< the longest intermediate of a piece
  std::vector<int> copied;  ///< rows of a piece's inputs that are better read from a copy, since they are read often
                            ///< and lie far apart
  bool contiguous = false;  ///< whether a piece reads neighbouring rows, `inputs` of them
  int inputs = 0;
  std::vector<int> weight_index;  ///< [rows][count][stages][of the stage's plan]: positions in the parameters
};

namespace detail {

/// A Kronecker factor's plan: the groups of block (i, l), for l, then i. in(col) and out(row) say where values stand.
template <class In, class Out>
[[nodiscard]] product_plan make_pattern_plan(pattern p, In const& in, Out const& out, int max_outputs) {
  product_plan plan;
  for (int i = 0; i < p.a; ++i)
    for (int l = 0; l < p.d; ++l) {
      int const input_begin = static_cast<int>(plan.inputs.size());
      for (int k = 0; k < p.c; ++k) plan.inputs.push_back(in(p.col(i, k, l)));
      for (int j = 0; j < p.b;) {
        int tile = max_outputs;
        while (tile > p.b - j) tile /= 2;
        plan.groups.push_back({input_begin, p.c, static_cast<int>(plan.outputs.size()), tile,
            static_cast<int>(plan.weight_index.size())});
        for (int k = 0; k < p.c; ++k)
          for (int o = 0; o < tile; ++o) plan.weight_index.push_back(p.weight(i, j + o, k, l));
        for (int o = 0; o < tile; ++o) plan.outputs.push_back(out(p.row(i, j + o, l)));
        j += tile;
      }
    }
  return plan;
}

/// The pass of factors `p`, in the order in which they are applied; the coefficients of p[s] stand from first[s] on, as
/// those of its transpose where adjoint is true.
[[nodiscard]] inline panel_pass make_pass(
    std::span<pattern const> p, std::span<std::size_t const> first, bool adjoint, int max_rows) {
  panel_pass pass;
  pattern whole = p[0];
  int longest = whole.c;  // of a block's intermediates
  for (std::size_t s = 1; s < p.size(); ++s) whole = fused(p[s], whole);
  for (pattern const& q : p) longest = std::max({longest, q.rows() / whole.a / whole.d, q.cols() / whole.a / whole.d});
  int together = 1;  // E
  for (int e = 1; e <= whole.d; ++e)
    if (whole.d % e == 0 && e * longest <= max_rows) together = e;
  if (together == whole.d) {
    // Small blocks that follow one another make one piece.
    int blocks = 1;
    for (int m = 1; m <= whole.a; ++m)
      if (whole.a % m == 0 && m * longest * together <= max_rows) blocks = m;
    whole.a /= blocks, whole.b *= blocks, whole.c *= blocks, longest *= blocks;
  }
  pass.rows = whole.a, pass.count = whole.d / together, pass.step = together;
  pass.row_in = whole.c * whole.d, pass.row_out = whole.b * whole.d;
  pass.piece_rows = longest * together;
  pass.contiguous = pass.count == 1;
  pass.inputs = whole.c * together;
  auto const spread = [&](int at) { return at / together * whole.d + at % together; };
  if (!pass.contiguous && p[0].b > 16)
    for (int at = 0; at < pass.inputs; ++at) pass.copied.push_back(spread(at));

  std::vector<pattern> local;
  for (std::size_t s = 0; s < p.size(); ++s) {
    local.push_back({p[s].a / whole.a, p[s].b, p[s].c, p[s].d / whole.d * together});
    bool const from_memory = s == 0 && pass.copied.empty(), to_memory = s + 1 == p.size();
    pass.stages.push_back({make_pattern_plan(
                               local[s], [&](int at) { return from_memory ? spread(at) : at; },
                               [&](int at) { return to_memory ? spread(at) : at; }, 8),
        0});
    pass.stages[s].weights = pass.stages[s].plan.weights();
  }
  for (int row = 0; row < pass.rows; ++row)
    for (int k = 0; k < pass.count; ++k)
      for (std::size_t s = 0; s < p.size(); ++s)
        for (int const at : pass.stages[s].plan.weight_index) {
          pattern const q = local[s];
          int const l = at % q.d, c = at / q.d % q.c, b = at / q.d / q.c % q.b, a = at / q.d / q.c / q.b;
          int const ga = row * q.a + a, gl = l / together * whole.d + k * together + l % together;
          pass.weight_index.push_back(static_cast<int>(first[s]) +
                                      (adjoint ? transposed(p[s]).weight(ga, c, b, gl) : p[s].weight(ga, b, c, gl)));
        }
  for (panel_pass::stage& s : pass.stages) s.plan.weight_index = {};
  return pass;
}

}  // namespace detail

/// The passes of W, or of its transpose, in the order in which they are applied; the intermediates of a piece should
/// not be longer than max_rows.
template <structure Structure>
[[nodiscard]] std::vector<panel_pass> make_panel_passes(Structure const& structure, bool adjoint, int max_rows) {
  std::vector<panel_pass> passes;
  std::size_t at = 0;
  std::vector<std::size_t> first;
  auto const& factors = factors_of(structure);
  for (auto const& f : factors) first.push_back(at), at += static_cast<std::size_t>(f.storage());
  using factor = factor_of<Structure>;
  if constexpr (std::same_as<factor, pattern> || std::same_as<factor, dense>) {
    std::vector<pattern> p;
    for (auto const& f : factors) {
      pattern q;
      if constexpr (std::same_as<factor, pattern>) q = f;
      else q = dense_pattern(f.rows(), f.cols());
      p.push_back(adjoint ? transposed(q) : q);
    }
    if (!adjoint) std::reverse(p.begin(), p.end()), std::reverse(first.begin(), first.end());
    for (std::size_t begin = 0, end; begin < p.size(); begin = end) {
      pattern whole = p[begin];
      for (end = begin + 1; end < p.size() && chainable(p[end], whole); ++end) {
        pattern const more = fused(p[end], whole);
        if (std::max(more.b, more.c) > max_rows) break;
        whole = more;
      }
      passes.push_back(detail::make_pass(
          std::span(p).subspan(begin, end - begin), std::span(first).subspan(begin, end - begin), adjoint, max_rows));
    }
  } else {
    for (std::size_t k = 0; k < factors.size(); ++k) {
      std::size_t const s = adjoint ? k : factors.size() - 1 - k;
      panel_pass pass;
      pass.stages.push_back({make_factor_plan(factors[s], adjoint, 1, 1, first[s], 8), 0});
      pass.stages[0].weights = pass.stages[0].plan.weights();
      pass.weight_index = std::move(pass.stages[0].plan.weight_index);
      passes.push_back(std::move(pass));
    }
  }
  return passes;
}

}  // namespace papillon::product
