// SPDX-License-Identifier: MIT
/// \file vector_kernel.hpp
/// Products with X vectors at a time (1, 2 or 4) by a vector_plan: `multiply_vectors` forms a run of the plan's tiles.
/// Weights are read once, in order, for all X vectors; sums run over the terms in their stored order, whatever X.
#pragma once

#include <papillon/product/butterfly_kernel.hpp>
#include <papillon/product/segment_kernel.hpp>
#include <papillon/product/vector_plan.hpp>

namespace papillon::inline PAPILLON_ISA::product {

namespace detail {

/// Output registers of a tile taken at once: the sums of X vectors fit 32 registers (or 16) with their operands.
template <int X>
inline constexpr int vectors_at_once = native_vector_registers == 32 ? (X == 1 ? 8 : 4) : (X == 4 ? 2 : 4);

/// A plan's choices as lanes take them; a load where they are as wide as the values.
template <class T, int L> PAPILLON_ALWAYS_INLINE lane_indices<T, L> load_choice(int const* choices) {
  if constexpr (sizeof(T) == sizeof(int)) {
    return load<L>(choices);
  } else {
    lane_indices<T, L> choice{};
    for (int l = 0; l < L; ++l) choice[l] = choices[l];
    return choice;
  }
}

/// Tiles begin ... end-1 of a nest, registers first ... first+V-1 of each. Terms: their number where it is known, else
/// 0.
template <int L, int X, int V, vector_plan::source Reads, int Terms, class T>
void multiply_nest(vector_plan::nest const& n, int const* choices, int first, T const* packed, vector_set<T const> x,
    vector_set<T> y, int begin, int end, product_use use) {
  using source = vector_plan::source;
  // Copies, which the stores below cannot change.
  std::ptrdiff_t const terms = Terms == 0 ? n.terms : Terms, count = n.count, in_step = n.in_step,
                       out_step = n.out_step;
  std::ptrdiff_t const next_in = n.next_in, next_out = n.next_out, next_term = n.vectors * L, tile = terms * next_term;
  std::ptrdiff_t const x_step = x.step, y_step = y.step;
  bool const plain = n.fresh == 0 && use == product_use::replace;
  T const* w = packed + n.weights + begin * tile + first * L;
  lane_indices<T, L> choice{};
  if constexpr (Reads == source::permuted) choice = load_choice<T, L>(choices + n.choice);
  std::ptrdiff_t row = begin == 0 ? 0 : begin / n.count, i = begin - row * n.count;
  for (std::ptrdiff_t left = end - begin; left > 0; ++row, i = 0) {
    T const* from = x.data + n.in + row * n.row_in + i * next_in;
    T* to = y.data + n.out + row * n.row_out + i * next_out + first * out_step;
    std::ptrdiff_t const run = std::min(count - i, left);
    left -= run;
    for (std::ptrdiff_t t = 0; t < run; ++t, from += next_in, to += next_out, w += tile) {
      vec<T, L> sum[X][V] = {};
      T const* wk = w;
      T const* at = from;
      auto const term = [&] {
        vec<T, L> v[X];
        for (int m = 0; m < X; ++m) {
          T const* const xm = at + m * x_step;
          if constexpr (Reads == source::broadcast) v[m] = broadcast<L>(*xm);
          else if constexpr (Reads == source::neighbours) v[m] = load<L>(xm);
          else v[m] = permute<T, L>(load<L>(xm), choice);
        }
        for (int r = 0; r < V; ++r) {
          vec<T, L> const factor = load<L>(wk + r * L);
          for (int m = 0; m < X; ++m) sum[m][r] += factor * v[m];
        }
        wk += next_term;
        at += in_step;
      };
      if constexpr (Terms != 0) {
        for (int k = 0; k < Terms; ++k) term();
      } else {
#pragma GCC unroll 2
        for (std::ptrdiff_t k = 0; k < terms; ++k) term();
      }
      if (plain) {
        for (int m = 0; m < X; ++m)
          for (int r = 0; r < V; ++r) store<L>(to + m * y_step + r * out_step, sum[m][r]);
      } else {
        for (int m = 0; m < X; ++m)
          for (int r = 0; r < V; ++r) put_lanes<L>(to + m * y_step + r * out_step, sum[m][r], m, n.fresh, use);
      }
    }
  }
}

/// Tiles of `along`: the sums of L outputs, each over registers of terms, then over the lanes.
template <int L, int X, class T>
void multiply_along(vector_plan::nest const& n, int const* choices, T const* packed, vector_set<T const> x,
    vector_set<T> y, int begin, int end, product_use use) {
  int const whole = n.registers_along(L) - 1, last = n.last_along(L);
  lane_indices<T, L> mask{};  // of the last register, whose other lanes are in the one before it, or nobody's
  for (int l = 0; l < L; ++l) mask[l] = last + l >= whole * L && last + l < n.terms ? -1 : 0;
  T const* w = packed + n.weights + static_cast<std::size_t>(begin) * n.weights_per_tile(L);
  for (int t = begin; t < end; ++t, w += n.weights_per_tile(L))
    for (int m = 0; m < X; ++m) {
      T const* const from = x.data + m * x.step + n.in + static_cast<std::ptrdiff_t>(t) * n.next_in;
      vec<T, L> sum[L];
      T const* wk = w;
      for (int o = 0; o < L; ++o) {
        T const* const at = from + choices[n.choice + o];
        vec<T, L> s{};
        for (int k = 0; k < whole; ++k, wk += L) s += load<L>(wk) * load<L>(at + k * L);
        s += load<L>(wk) * only_lanes<T, L>(load<L>(at + last), mask);
        wk += L;
        sum[o] = s;
      }
      vec<T, L> const result = horizontal_sums<T, L>(sum);
      T* const to = y.data + m * y.step + n.out + static_cast<std::ptrdiff_t>(t) * n.next_out;
      if (n.fresh == 0 && use == product_use::replace) store<L>(to, result);
      else put_lanes<L>(to, result, m, n.fresh, use);
    }
}

/// Calls f(where a tile reads, where it writes) for tiles begin ... end-1, offsets of the first register.
template <class F> PAPILLON_ALWAYS_INLINE void for_each_place(vector_plan::nest const& n, int begin, int end, F&& f) {
  int row = begin == 0 ? 0 : begin / n.count, i = begin - row * n.count;
  for (int left = end - begin; left > 0; --left) {
    f(n.in + static_cast<std::ptrdiff_t>(row) * n.row_in + static_cast<std::ptrdiff_t>(i) * n.next_in,
        n.out + static_cast<std::ptrdiff_t>(row) * n.row_out + static_cast<std::ptrdiff_t>(i) * n.next_out);
    if (++i == n.count) i = 0, ++row;
  }
}

/// One vector, permuted so that the inputs of a term repeat every Period lanes: each is loaded as often as lanes need
/// it.
template <int L, int V, int Period, class T>
void multiply_repeated(vector_plan::nest const& n, int first, T const* packed, T const* x, T* y, int begin, int end) {
  // Even and odd terms apart where few sums would wait for each other.
  constexpr int apart = V < 4 ? 2 : 1;
  std::ptrdiff_t const next_term = n.vectors * L, tile = n.terms * next_term, out_step = n.out_step;
  int const terms = n.terms;
  T const* w = packed + n.weights + begin * tile + first * L;
  for_each_place(n, begin, end, [&](std::ptrdiff_t in, std::ptrdiff_t out) {
    T const* at = x + in;
    T* const to = y + out + first * out_step;
    T const* wk = w;
    w += tile;
    vec<T, L> sum[apart][V] = {};
    auto const term = [&](int of) {
      vec<T, L> const v = load_repeated<L, Period>(at);
      for (int r = 0; r < V; ++r) add_product<T, L>(sum[of][r], load<L>(wk + r * L), v);
      wk += next_term;
      at += Period;
    };
    int k = 0;
    for (; k + apart <= terms; k += apart)
#pragma GCC unroll 2
      for (int of = 0; of < apart; ++of) term(of);
    if (k < terms) term(0);
    for (int r = 0; r < V; ++r) {
      if constexpr (apart == 2) sum[0][r] += sum[1][r];
      store<L>(to + r * out_step, sum[0][r]);
    }
  });
}

/// One vector, all terms of a register of outputs from one register of inputs.
template <int L, class T>
void multiply_contained(
    vector_plan::nest const& n, int const* choices, T const* packed, T const* x, T* y, int begin, int end) {
  lane_indices<T, L> const choice = load_choice<T, L>(choices + n.choice);
  int const terms = n.terms;
  lane_index<T> const step = n.in_step;
  T const* w = packed + n.weights + static_cast<std::ptrdiff_t>(begin) * terms * L;
  for_each_place(n, begin, end, [&](std::ptrdiff_t in, std::ptrdiff_t out) {
    vec<T, L> const v = load<L>(x + in);
    vec<T, L> even{}, odd{};
    lane_indices<T, L> which = choice;
    int k = 0;
    for (; k + 2 <= terms; k += 2, w += 2 * L, which += 2 * step) {
      add_product<T, L>(even, load<L>(w), permute<T, L>(v, which));
      add_product<T, L>(odd, load<L>(w + L), permute<T, L>(v, which + step));
    }
    if (k < terms) {
      add_product<T, L>(even, load<L>(w), permute<T, L>(v, which));
      w += L;
    }
    store<L>(y + out, even + odd);
  });
}

/// The shorter ways to permute; false where there is none.
template <int L, int V, class T>
bool multiply_permuted(
    vector_plan::nest const& n, int const* choices, int first, T const* packed, T const* x, T* y, int begin, int end) {
  auto const repeated = [&]<int Period>() {
    if constexpr (Period < L) multiply_repeated<L, V, Period>(n, first, packed, x, y, begin, end);
    return Period < L;
  };
  if (n.repeats) {
    if (n.in_step == 2) return repeated.template operator()<2>();
    if (n.in_step == 4) return repeated.template operator()<4>();
    if (n.in_step == 8) return repeated.template operator()<8>();
  }
  if constexpr (V == 1) {
    if (n.contained) {
      multiply_contained<L>(n, choices, packed, x, y, begin, end);
      return true;
    }
  }
  return false;
}

template <int L, int X, int V, class T>
void multiply_nest(vector_plan const& plan, vector_plan::nest const& n, int first, T const* packed,
    vector_set<T const> x, vector_set<T> y, int begin, int end, product_use use) {
  using source = vector_plan::source;
  auto const run = [&]<source Reads, int Terms>() {
    multiply_nest<L, X, V, Reads, Terms>(n, plan.choices.data(), first, packed, x, y, begin, end, use);
  };
  // Two terms: the factors of a dyadic butterfly, where a loop over the terms costs as much as its body.
  switch (n.reads) {
    case source::broadcast: return run.template operator()<source::broadcast, 0>();
    case source::neighbours:
      if constexpr (V == 2) {
        if (n.terms == 2) return run.template operator()<source::neighbours, 2>();
      }
      return run.template operator()<source::neighbours, 0>();
    case source::permuted:
      if constexpr (X == 1) {
        if (n.fresh == 0 && use == product_use::replace &&
            multiply_permuted<L, V>(n, plan.choices.data(), first, packed, x.data, y.data, begin, end))
          return;
      }
      if constexpr (V == 1) {
        if (n.terms == 2) return run.template operator()<source::permuted, 2>();
      }
      return run.template operator()<source::permuted, 0>();
    case source::along:
    case source::segments: return;  // have their own
  }
}

template <int L, int X, class T>
void multiply_slice(vector_plan const& plan, vector_plan::slice const& s, T const* packed, vector_set<T const> x,
    vector_set<T> y, product_use use) {
  vec<T, L> sum[X] = {};
  T const* w = packed + s.weights;
  int const* at = plan.indices.data() + s.index;
#pragma GCC unroll 2
  for (int k = 0; k < s.terms; ++k, w += L, at += L) {
    vec<T, L> const factor = load<L>(w);
    vec<int, L> const indices = load<L>(at);
    for (int m = 0; m < X; ++m) sum[m] += factor * gather<T, L>(x.data + m * x.step, indices);
  }
  int const* const targets = plan.targets.data() + s.target;
  for (int l = 0; l < L; ++l) {
    if (targets[l] == no_target) continue;
    for (int m = 0; m < X; ++m) {
      T* const to = y.data + m * y.step + targets[l];
      *to = use == product_use::replace ? sum[m][l] : m == 0 ? *to - sum[m][l] : *to + sum[m][l];
    }
  }
}

/// Registers first ... of tiles begin ... end-1, as many at once as there are, V at most.
template <int L, int X, int V, class T>
void multiply_tiles(vector_plan const& plan, vector_plan::nest const& n, T const* packed, vector_set<T const> x,
    vector_set<T> y, int begin, int end, product_use use) {
  if constexpr (V == vectors_at_once<X>) {
    if (n.reads == vector_plan::source::along)
      return multiply_along<L, X>(n, plan.choices.data(), packed, x, y, begin, end, use);
    if (n.reads == vector_plan::source::segments) return multiply_segments<L>(n, packed, x, y, X, begin, end, use);
  }
  if constexpr (V > 1) {
    if (n.vectors < V) return multiply_tiles<L, X, V / 2>(plan, n, packed, x, y, begin, end, use);
  }
  for (int first = 0; first < n.vectors; first += V)
    multiply_nest<L, X, V>(plan, n, first, packed, x, y, begin, end, use);
}

}  // namespace detail

/// Part `part` of `parts` of Y = W X: the parts together are the whole product, and no two write to the same place. For
/// a plan whose blocks are a multiple of parts it is a run of whole blocks. X vectors of plan.inputs values, with
/// `plan.lanes` values behind the last one that may be read: the first of them zero, the others anything.
template <int L, int X, class T>
void multiply_vectors(vector_plan const& plan, T const* packed, vector_set<T const> x, vector_set<T> y, int part,
    int parts, product_use use = product_use::replace) {
  if (plan.butterfly.factors > 0) return multiply_butterfly<L, false>(plan.butterfly, packed, x, y, X, part, parts);
  constexpr int most = detail::vectors_at_once<X>;
  if (parts == 1) {
    for (vector_plan::nest const& n : plan.nests)
      detail::multiply_tiles<L, X, most>(plan, n, packed, x, y, 0, n.tiles(), use);
    for (vector_plan::slice const& s : plan.slices) detail::multiply_slice<L, X>(plan, s, packed, x, y, use);
    return;
  }
  bool const whole_blocks = plan.blocks % parts == 0;
  auto const share = [](long long total, int p, int of) { return total * p / of; };
  // Otherwise the tiles of all nests are dealt out in one row, by their weights.
  long long const weights = static_cast<long long>(plan.weights), first = share(weights, part, parts),
                  last = share(weights, part + 1, parts);
  for (vector_plan::nest const& n : plan.nests) {
    int begin = 0, end = 0;
    if (whole_blocks) {
      begin = static_cast<int>(share(n.tiles(), part, parts)),
      end = static_cast<int>(share(n.tiles(), part + 1, parts));
    } else {
      long long const tile = static_cast<long long>(n.weights_per_tile(L)), at = static_cast<long long>(n.weights);
      // A tile belongs to the part in which it begins.
      auto const tiles_before = [&](long long before) {
        return static_cast<int>(std::clamp<long long>((before - at + tile - 1) / tile, 0, n.tiles()));
      };
      begin = tiles_before(first), end = tiles_before(last);
    }
    if (begin < end) detail::multiply_tiles<L, X, most>(plan, n, packed, x, y, begin, end, use);
  }
  for (vector_plan::slice const& s : plan.slices) {
    auto const at = static_cast<long long>(s.weights);
    if ((at >= first && at < last) || (s.terms == 0 && part == 0))
      detail::multiply_slice<L, X>(plan, s, packed, x, y, use);
  }
}

}  // namespace papillon::product
