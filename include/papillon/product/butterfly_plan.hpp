// SPDX-License-Identifier: MIT
/// \file butterfly_plan.hpp
/// Neighbouring factors of 2 x 2 blocks, (a, 2, 2, d), (a/2, 2, 2, 2d), ..., prepared for one vector or a few: levels
/// of a butterfly whose values stay in registers from level to level. In a pass, a tile is 2^m registers of neighbours,
/// one distance apart, taken through the m levels between them; those of the first pass lie side by side, and levels
/// whose distance is less than a register are exchanges within one. A butterfly of 4,096 takes two passes of AVX-512
/// registers for twelve factors. Distances rise, or (of a transpose) fall.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include <papillon/structure/pattern.hpp>

namespace papillon::inline PAPILLON_ISA::product {

/// One pass. Tile t = row * (distance / lanes) + i begins at row * 2^between * distance + i * lanes.
struct butterfly_pass {
  int between = 0;      ///< levels between registers
  bool within = false;  ///< whether the levels within a register belong to it: first where distances rise, else last
  bool falling = false;
  int distance = 0;  ///< of the registers of a tile, in values
  int rows = 0;      ///< runs of 2^between * distance values, which have nothing in common
  int tiles = 0;
  int factors = 0;  ///< what it replaces; 0: this is no pass

  [[nodiscard]] int registers() const { return 1 << between; }
};

/// Levels between registers that one pass takes: with their operands their values fit 32 registers, or 16.
[[nodiscard]] constexpr int most_levels_between(int register_bytes, bool complex) {
  return (register_bytes == 64 ? 4 : 3) - (complex ? 1 : 0);
}

namespace detail {

[[nodiscard]] inline bool is_level(pattern p) { return p.b == 2 && p.c == 2; }

/// Factors from the first one on whose distances all double, or all halve.
[[nodiscard]] inline std::size_t levels_in_turn(std::span<pattern const> p, bool falling) {
  std::size_t n = 0;
  while (n < p.size() && is_level(p[n]) && (n == 0 || (falling ? p[n - 1].d == 2 * p[n].d : 2 * p[n - 1].d == p[n].d)))
    ++n;
  return n;
}

}  // namespace detail

/// The passes of the factors `p`, in the order in which they are applied, that stand at their beginning; none where
/// there are not two levels that a pass could take. The distances of levels between registers are whole registers;
/// those within are 1, 2, ..., lanes / 2, all or none.
[[nodiscard]] inline std::vector<butterfly_pass> make_butterfly_passes(
    std::span<pattern const> p, int lanes, int most_between) {
  if (lanes < 2 || p.empty() || !detail::is_level(p[0])) return {};
  bool const falling = p.size() > 1 && p[1].d < p[0].d;
  int const levels = static_cast<int>(detail::levels_in_turn(p, falling));
  auto const d = [&](int level) { return p[static_cast<std::size_t>(level)].d; };
  // Which of them lie within a register: a run at the beginning, or the end, of the distances.
  int within = 0;
  for (int l = 0; l < levels; ++l) within += d(l) < lanes ? 1 : 0;
  int all_within = 0;
  while ((1 << all_within) < lanes) ++all_within;
  int between = levels - within;
  int const first_between = falling ? 0 : within;
  if (within > 0) {
    int const lowest = falling ? d(levels - 1) : d(0);
    bool const whole = within == all_within && lowest == 1;
    if (!whole && !falling) return {};
    if (!whole) within = 0;  // the levels before them are passes all the same
  }
  if (between > 0 && d(falling ? between - 1 : first_between) % lanes != 0) return {};
  if (within + between < 2) return {};

  int const size = p[0].rows();
  std::vector<butterfly_pass> passes;
  auto const add = [&](int m, bool with_within, int distance) {
    butterfly_pass pass{m, with_within, falling, distance, 0, 0, m + (with_within ? within : 0)};
    pass.rows = size / (pass.registers() * distance);
    pass.tiles = pass.rows * (distance / lanes);
    passes.push_back(pass);
  };
  // As few passes as there can be, of like length; one of them at least takes the levels within.
  int const count = std::max((between + most_between - 1) / most_between, within > 0 ? 1 : 0);
  int level = first_between;
  for (int left = count; left > 0; --left) {
    int const m = (between + left - 1) / left;
    // Where distances rise the first pass has the levels within, else the last one.
    bool const with_within = within > 0 && (falling ? left == 1 : left == count);
    add(m, with_within, m == 0 || with_within ? lanes : d(falling ? level + m - 1 : level));
    level += m, between -= m;
  }
  return passes;
}

/// The order in which a pass reads its weights, [tiles][level][...][lanes]: for every register at a level within its
/// own weights and those of what it is exchanged with; for every pair at a level between the four of its block.
/// at(level, i, j, k, l): of factor `level` of the pass.
template <class Index>
[[nodiscard]] std::vector<int> butterfly_weight_index(butterfly_pass const& pass, int lanes, Index const& at) {
  std::vector<int> index;
  int const registers = pass.registers(), count = pass.distance / lanes;
  // Output o's coefficient of input o (other = 0) or of the one that it is paired with, at distance d.
  auto const add = [&](int level, int d, int first, bool other) {
    for (int o = first; o < first + lanes; ++o) {
      int const j = o / d % 2;
      index.push_back(at(level, o / (2 * d), j, other ? 1 - j : j, o % d));
    }
  };
  auto const levels_within = [&](int base, int level) {
    for (int r = 0; r < registers; ++r)
      for (int k = 0, d = pass.falling ? lanes / 2 : 1; d > 0 && d < lanes; ++k, d = pass.falling ? d / 2 : 2 * d)
        for (bool const other : {false, true}) add(level + k, d, base + r * pass.distance, other);
  };
  auto const levels_between = [&](int base, int level) {
    for (int k = 0; k < pass.between; ++k) {
      int const h = 1 << (pass.falling ? pass.between - 1 - k : k);
      for (int r = 0; r < registers; ++r)
        if ((r & h) == 0)
          for (int const of : {r, r + h})
            for (bool const other : {of != r, of == r})  // of the lower one of the pair first
              add(level + k, h * pass.distance, base + of * pass.distance, other);
    }
  };
  for (int t = 0; t < pass.tiles; ++t) {
    int const base = t / count * registers * pass.distance + t % count * lanes;
    int const within = pass.factors - pass.between;
    if (pass.falling) {
      levels_between(base, 0);
      if (pass.within) levels_within(base, pass.between);
    } else {
      if (pass.within) levels_within(base, 0);
      levels_between(base, within);
    }
  }
  return index;
}

}  // namespace papillon::product
