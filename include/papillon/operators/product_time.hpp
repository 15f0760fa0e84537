// SPDX-License-Identifier: MIT
/// \file product_time.hpp
/// Seconds of a product Y = W X under exec::omp, forward, from a few figures of the machine: for choosing a structure,
/// a chain (as a cost of structure/smallest_monotone.hpp) or a form (operators/fastest_form.hpp), not for promises.
/// Follows the two ways to multiply, a few vectors (product/vector_plan.hpp) and panels (product/panel_product.hpp),
/// whose multiples of a register are taken first. A piece of work takes its instructions, with everything in the first
/// cache, + its bytes (1 / rate of where they lie - 1 / first), or the larger of instructions and reading where the
/// instructions are many for every byte, so that reading runs ahead.
#pragma once

#include <algorithm>
#include <functional>

#include <papillon/exec/machine.hpp>
#include <papillon/product/vector_product.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/factor_link.hpp>

namespace papillon::inline PAPILLON_ISA {

namespace product {

/// A support of which only numbers are known: rows that read by index. `alike` neighbouring rows read the same inputs.
struct indexed_support {
  int rows = 0, cols = 0;
  double nonzeros = 0;
  double slots = 0;  ///< nonzeros once every run of `lanes` rows is as long as its longest
  int alike = 1;
};

/// Of a mask: rows of like length stand together, so that little is filled up.
[[nodiscard]] inline indexed_support indexed_support_of(csr_mask const& mask, int lanes) {
  std::vector<int> lengths(static_cast<std::size_t>(mask.rows()));
  for (int r = 0; r < mask.rows(); ++r) lengths[static_cast<std::size_t>(r)] = mask.row_end(r) - mask.row_begin(r);
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  indexed_support s{mask.rows(), mask.cols(), static_cast<double>(mask.nnz()), 0, 1};
  for (std::size_t first = 0; first < lengths.size(); first += static_cast<std::size_t>(lanes))
    s.slots += 1.0 * lengths[first] * lanes;
  if (s.nonzeros == 1.0 * s.rows * s.cols) s.alike = s.rows;
  return s;
}

}  // namespace product

/// Predicts products with `vectors` vectors of T, in columns, by all threads of a machine.
template <class T = float> class product_time {
 public:
  using real = product::real_of<T>;
  static constexpr int lanes = native_lanes<real>;

  explicit product_time(machine const& m, int vectors = 1)
      : m_(m), cycle_(2.0 * native_lanes<float> / m.multiply_adds), vectors_(vectors) {}

  /// Seconds of a whole product.
  [[nodiscard]] double operator()(dense const& w) const {
    return chain_seconds(std::vector{dense_pattern(w.rows(), w.cols())});
  }
  [[nodiscard]] double operator()(csr_mask const& w) const { return (*this)(product::indexed_support_of(w, lanes)); }
  [[nodiscard]] double operator()(product::indexed_support const& w) const {
    double const bytes = w.slots * (scalar_bytes + sizeof(int));
    auto const few = [&](int x) {
      return shared(w.slots, bytes, x, {1}, [&](double set) { return indexed_vectors(w, x, bytes, set); });
    };
    auto const panel = [&](int registers) {
      double const bytes_read = w.nonzeros * (scalar_bytes + sizeof(int) / std::min(8.0, 1.0 * w.alike));
      double const row = registers * register_bytes,
                   lists = w.nonzeros / std::min(8, w.alike);  // each reads a row of vectors, from anywhere
      return panel_ends(w.rows, w.cols, registers) +
             std::max(groups(1.0 * w.rows / w.alike, w.alike, w.nonzeros / w.rows, registers),
                 read_seconds(bytes_read, bytes_read)) +
             behind_first(lists * row, w.cols * row) / 2;
    };
    double const seconds = all_vectors(few, panel);
    // Without zeros it is a dense product that also reads indices.
    return w.nonzeros < 1.0 * w.rows * w.cols ? seconds : std::max(seconds, (*this)(dense(w.rows, w.cols)));
  }
  template <chain_structure S> [[nodiscard]] double operator()(S const& w) const {
    auto const factors = w.factors();
    return chain_seconds({factors.begin(), factors.end()});
  }
  /// Seconds that one factor takes: what make_smallest_monotone sums up.
  [[nodiscard]] double operator()(pattern p) const { return chain_seconds({p}) - chain_seconds({}); }

 private:
  /// Complex numbers are two vectors, multiplied twice.
  static constexpr int planes = product::is_complex<T> ? 2 : 1;
  static constexpr double scalar_bytes = sizeof(T);
  static constexpr double register_bytes = lanes * sizeof(real);

  /// Cycles, by experience.
  static constexpr double factor_overhead = 40, tile_overhead = 4, group_overhead = 8, slice_overhead = 2,
                          transposed_row = 7, last_sums = 48;
  static constexpr double latency = 4;        ///< of a multiply-add
  static constexpr double window = 512;       ///< instructions in flight
  static constexpr double panel_yield = 0.9;  ///< of the peak that the register tiles of panels reach

  /// Reading `bytes` of a set of `set` bytes that is read again and again.
  [[nodiscard]] double read_seconds(double bytes, double set) const {
    return bytes / m_.read_first + behind_first(bytes, set);
  }
  /// What reading `bytes` costs more than from the first cache, where they are part of a set of `set` bytes that is
  /// read again and again.
  [[nodiscard]] double behind_first(double bytes, double set) const {
    if (set <= m_.first_cache) return 0;
    return bytes * std::max(0.0, 1 / (set <= m_.second_cache ? m_.read_second : m_.read_beyond) - 1 / m_.read_first);
  }

  /// Full registers of vectors as a panel, the others four, two or one at a time. few(x) and panel(registers): seconds
  /// of so many.
  template <class Few, class Panel> [[nodiscard]] double all_vectors(Few const& few, Panel const& panel) const {
    double seconds = 0;
    int const columns = vectors_ / lanes * lanes;
    if (columns > 0) {
      int const registers = columns >= m_.threads * 2 * lanes ? 2 : 1;
      int const tiles = (columns / lanes + registers - 1) / registers, workers = std::min(m_.threads, tiles);
      seconds += m_.call + planes * planes * panel(registers) * ((tiles + workers - 1) / workers) +
                 (workers > 1 ? m_.start_threads : 0);
    }
    int left = vectors_ - columns;
    for (int const x : {4, 2, 1})
      for (; left >= x; left -= x) seconds += product::is_complex<T> ? (m_.call + 2 * few(2)) * x : m_.call + few(x);
    return seconds;
  }

  /// A product of so many weights by as many threads as it is worth; `blocks`: of each factor, in the order of
  /// application. f(bytes of weights in one thread's cache): seconds of one thread that does it all.
  template <class F>
  [[nodiscard]] double shared(double weights, double bytes, int x, std::vector<int> const& blocks, F const& f) const {
    int const parts =
        std::clamp(static_cast<int>(weights * x / product::vector_product<T>::worth_a_thread), 1, m_.threads);
    if (parts == 1) return f(bytes);
    // Threads wait for each other but between factors that fall into blocks.
    int waits = 0;
    for (std::size_t k = 0; k < blocks.size(); ++k)
      if (k == 0 || blocks[k] % parts != 0 || blocks[k - 1] % parts != 0) ++waits;
    return f(bytes / parts) / parts + waits * m_.start_threads;
  }

  // --- a few vectors ---

  /// One factor, all its weights and vectors in the first cache.
  [[nodiscard]] double nest_cycles(product::vector_plan::nest const& n, int x) const {
    using source = product::vector_plan::source;
    if (n.reads == source::segments) return 1.0 * n.tiles() * x * (n.terms + last_sums);
    if (n.reads == source::along) return 1.0 * n.tiles() * x * (lanes * (n.registers_along(lanes) + 1.0) + last_sums);
    int const most = x == 1 ? 8 : 4, v = std::min(n.vectors, most);
    double const loads = v + x * (n.reads == source::permuted ? 2.0 : 1.0);
    // Sums of one tile wait for each other's last term; those of the next ones fill the gap if they are near enough.
    double const in_flight = std::clamp(window / (n.terms * (loads + v * x)), 1.0, 1.0 * n.tiles() * n.vectors / v);
    double const term = std::max({loads / 2, 1.0 * v * x / 2, latency / in_flight});
    double const stores = n.fresh == 0 ? 1.0 * v * x : 2.0 * v * x * (lanes - n.fresh);
    return 1.0 * n.tiles() * n.vectors / v * (n.terms * term + stores + tile_overhead);
  }
  [[nodiscard]] double indexed_vectors(product::indexed_support const& w, int x, double bytes, double set) const {
    double const slices = 1.0 * (w.rows + lanes - 1) / lanes;
    return std::max(w.slots * (x / m_.gathers + cycle_ / lanes) + slices * lanes * x * slice_overhead * cycle_,
        read_seconds(bytes, set));
  }
  [[nodiscard]] double pattern_vectors(pattern p, int x, double set) const {
    product::vector_plan plan;
    plan.lanes = lanes, plan.inputs = p.cols(), plan.outputs = p.rows();
    double const bytes = p.nnz() * scalar_bytes;
    if (!product::detail::plan_nests(p, plan) && !product::detail::plan_along(p, plan)) {
      int const padded_rows = (p.rows() + lanes - 1) / lanes * lanes;
      double const slots = 1.0 * p.c * padded_rows;
      return indexed_vectors(
          {p.rows(), p.cols(), 1.0 * p.nnz(), slots, 1}, x, slots * (scalar_bytes + sizeof(int)), set);
    }
    double cycles = factor_overhead;
    for (auto const& n : plan.nests) cycles += nest_cycles(n, x);
    double const values = x * (p.rows() + p.cols()) * scalar_bytes;
    return cycles * cycle_ + behind_first(bytes, set) + behind_first(values, 2 * values);
  }
  [[nodiscard]] static int blocks_of(pattern p) {
    product::vector_plan plan;
    plan.lanes = lanes;
    static_cast<void>(product::detail::plan_nests(p, plan) || product::detail::plan_along(p, plan));
    return plan.blocks;
  }

  // --- panels ---

  /// The panel's own rows, read and written in columns.
  [[nodiscard]] double panel_ends(int rows, int cols, int registers) const {
    double const bytes = (1.0 * rows + cols) * registers * register_bytes;
    return (1.0 * rows + cols) * registers * transposed_row * cycle_ +
           behind_first(bytes, (1.0 * rows + cols) * vectors_ * scalar_bytes / m_.threads);
  }
  /// `count` times so many outputs of so many inputs each.
  [[nodiscard]] double groups(double count, int outputs, double inputs, int registers) const {
    double cycles = 0;
    for (int left = outputs; left > 0;) {
      int o = 8;
      while (o > left) o /= 2;
      int const times = left / o;
      cycles += times * (inputs * std::max(1.0 * registers + o, 1.0 * registers * o) / 2 + 1.0 * registers * o +
                            group_overhead);
      left -= times * o;
    }
    return count * cycles * cycle_ / panel_yield;
  }
  [[nodiscard]] double panel_chain(std::vector<pattern> const& factors, int registers) const {
    double weights = 0, seconds = panel_ends(factors.front().rows(), factors.back().cols(), registers);
    for (pattern const& p : factors) weights += p.nnz() * scalar_bytes;
    int const most_rows = static_cast<int>((16 << 10) / (2 * register_bytes));
    pattern whole{};
    for (std::size_t l = factors.size(); l-- > 0;) {
      pattern const p = factors[l];
      seconds += std::max(groups(1.0 * p.a * p.d, p.b, p.c, registers), read_seconds(p.nnz() * scalar_bytes, weights));
      // Factors that fuse to small blocks leave their intermediates in the first cache.
      bool const goes_on =
          l + 1 < factors.size() && chainable(p, whole) && std::max(fused(p, whole).b, fused(p, whole).c) <= most_rows;
      whole = goes_on ? fused(p, whole) : p;
      double const rows = (goes_on ? 0.0 : 1.0 * p.cols()) * registers * register_bytes,
                   panel = 2.0 * (1.0 * p.rows() + p.cols()) * registers * register_bytes;
      seconds += 2 * behind_first(rows, panel);
    }
    return seconds;
  }

  /// What is applied to a few vectors at once: a factor, or a pass of a butterfly.
  struct stage {
    pattern factor;
    product::butterfly_pass pass;
  };
  [[nodiscard]] static std::vector<stage> stages_of(std::vector<pattern> const& factors) {
    std::vector<pattern> const applied(factors.rbegin(), factors.rend());
    std::vector<stage> stages;
    for (std::size_t s = 0; s < applied.size();) {
      auto const passes = product::make_butterfly_passes(std::span(applied).subspan(s), lanes,
          product::most_levels_between(native_vector_bytes, product::is_complex<T>));
      for (auto const& pass : passes) {
        stages.push_back({applied[s], pass});
        s += static_cast<std::size_t>(pass.factors);
      }
      if (passes.empty()) stages.push_back({applied[s++], {}});
    }
    return stages;
  }
  /// Its weights are read as fast as they are multiplied: two registers at a time.
  [[nodiscard]] double pass_vectors(stage const& s, int x, double set) const {
    double const registers = s.pass.registers(), of_tile = registers * s.pass.factors;
    double const cycles = factor_overhead + s.pass.tiles * (x * (of_tile + 1.5 * registers) + tile_overhead);
    double const values = 2.0 * x * s.factor.rows() * scalar_bytes;
    return cycles * cycle_ + behind_first(2.0 * of_tile * lanes * s.pass.tiles * scalar_bytes, set) +
           behind_first(values, 2 * values);
  }

  [[nodiscard]] double chain_seconds(std::vector<pattern> const& factors) const {
    double weights = 0;
    std::vector<int> blocks;
    auto const few_factors = product::is_complex<T> ? factors : product::fuse_small<T>(factors, {}, lanes).factors;
    auto const stages = stages_of(few_factors);
    for (pattern const& p : few_factors) weights += p.nnz();
    if (m_.threads > 1)
      for (stage const& s : stages) blocks.push_back(s.pass.factors > 0 ? s.pass.rows : blocks_of(s.factor));
    auto const few = [&](int x) {
      return shared(
          weights, weights * scalar_bytes, x, blocks,
          [&](double set) {
            double seconds = 0;
            for (stage const& s : stages)
              seconds += s.pass.factors > 0 ? pass_vectors(s, x, set) : pattern_vectors(s.factor, x, set);
            return seconds;
          });
    };
    return all_vectors(few, [&](int registers) { return factors.empty() ? 0 : panel_chain(factors, registers); });
  }

  machine m_;
  double cycle_;  ///< seconds: two registers of multiply-adds
  int vectors_;
};

}  // namespace papillon
