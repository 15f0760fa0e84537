// SPDX-License-Identifier: MIT
/// \file selection_kernels.hpp
/// The k smallest magnitudes of a vector, equal ones by position: what magnitude pruning removes. The bits of |x| are
/// ordered as the numbers are, so the k-th smallest is found digit by digit, four bits at a time from the top: count
/// the digits of those that agree so far, pick the one in which the k-th lies. Every thread counts for itself and
/// counts are added in order.
#pragma once

#include <cstdint>
#include <type_traits>

#include <papillon/exec/block.hpp>
#include <papillon/exec/shared_array.hpp>

namespace papillon::inline PAPILLON_ISA::prune {

/// The numbers that are ranked: entries of `values` that both byte vectors mark.
template <class T>
struct ranked_values {
  using word = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  static constexpr int bits = 8 * sizeof(T);
  static constexpr int digit_bits = 4, digits = 1 << digit_bits;

  T const* values;
  std::uint8_t const *keep, *chosen;
  int count;

  static constexpr int threads = 128, run = 32;  ///< a thread has `run` entries on end
  [[nodiscard]] PAPILLON_HD int blocks() const { return exec::blocks_for(count, threads * run); }
  [[nodiscard]] PAPILLON_HD int first(int block, int t) const { return (block * threads + t) * run; }
  [[nodiscard]] PAPILLON_HD bool ranked(int i) const { return i < count && keep[i] != 0 && chosen[i] != 0; }
  /// |values[i]| as a whole number.
  [[nodiscard]] PAPILLON_HD word key(int i) const { return __builtin_bit_cast(word, values[i]) & (~word{0} >> 1); }
  /// Infinity and NaN have this key or a larger one.
  [[nodiscard]] PAPILLON_HD static constexpr word infinity() {
    return sizeof(T) == 4 ? static_cast<word>(0x7F800000u) : static_cast<word>(0x7FF0000000000000u);
  }
  /// The digits above the lowest `low` bits.
  [[nodiscard]] PAPILLON_HD static word above(word k, int low) { return low >= bits ? word{0} : k >> low; }
};

/// How far a selection has come.
template <class T>
struct selection_state {
  typename ranked_values<T>::word prefix;  ///< digits of the k-th smallest known so far, zeros below
  int left;                                ///< how many of those that agree with them are among the k
};

/// What a block finds.
struct ranking {
  int count;     ///< numbers that are ranked
  int infinite;  ///< position of the first that is not finite, -1: none
};

template <class T>
struct count_ranked {
  static constexpr int threads = ranked_values<T>::threads;
  struct shared {
    exec::shared_array<ranking, threads> found;
  };
  ranked_values<T> from;
  ranking* partial;  ///< one a block

  [[nodiscard]] char const* name() const { return "pruning, count"; }
  [[nodiscard]] exec::cost work() const { return {0, (sizeof(T) + 2.0) * from.count}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return from.blocks(); }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    block.phase([&](int t) {
      ranking r{0, -1};
      for (int k = 0, i = from.first(block.index(), t); k < from.run; ++k, ++i) {
        if (!from.ranked(i)) continue;
        ++r.count;
        if (r.infinite < 0 && from.key(i) >= from.infinity()) r.infinite = i;
      }
      s.found[t] = r;
    });
    block.phase_nosync([&](int t) {
      if (t != 0) return;
      ranking all = s.found[0];
      for (int i = 1; i < threads; ++i) {
        all.count += s.found[i].count;
        if (all.infinite < 0) all.infinite = s.found[i].infinite;
      }
      partial[block.index()] = all;
    });
  }
};

/// partial[block][digit] = how many of the block's numbers agree with the prefix and have that digit at bit `low`.
template <class T>
struct count_digits {
  static constexpr int threads = ranked_values<T>::threads, digits = ranked_values<T>::digits;
  struct shared {
    exec::shared_array<int, digits * threads> counts;  ///< [digit][thread]
  };
  ranked_values<T> from;
  selection_state<T> const* state;
  int low;
  int* partial;

  [[nodiscard]] char const* name() const { return "pruning, digits"; }
  [[nodiscard]] exec::cost work() const { return {0, (sizeof(T) + 2.0) * from.count}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return from.blocks(); }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    int const next = low + from.digit_bits;
    auto const wanted = from.above(state->prefix, next);
    block.phase([&](int t) {
      for (int d = 0; d < digits; ++d) s.counts[d * threads + t] = 0;
      for (int k = 0, i = from.first(block.index(), t); k < from.run; ++k, ++i) {
        if (!from.ranked(i)) continue;
        auto const key = from.key(i);
        if (from.above(key, next) == wanted) ++s.counts[static_cast<int>((key >> low) & (digits - 1)) * threads + t];
      }
    });
    block.phase_nosync([&](int t) {
      if (t >= digits) return;
      int sum = 0;
      for (int i = 0; i < threads; ++i) sum += s.counts[t * threads + i];
      partial[block.index() * digits + t] = sum;
    });
  }
};

/// The next digit: the one up to which the counts reach what is left.
template <class T>
struct pick_digit {
  static constexpr int threads = exec::warp, digits = ranked_values<T>::digits;
  struct shared {
    exec::shared_array<int, digits> counts;
  };
  int const* partial;
  int parts, low;
  selection_state<T>* state;

  [[nodiscard]] char const* name() const { return "pruning, pick"; }
  [[nodiscard]] exec::cost work() const { return {0, 4.0 * parts * digits}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return 1; }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    block.phase([&](int t) {
      if (t >= digits) return;
      int sum = 0;
      for (int b = 0; b < parts; ++b) sum += partial[b * digits + t];
      s.counts[t] = sum;
    });
    block.phase_nosync([&](int t) {
      if (t != 0) return;
      int d = 0, left = state->left;
      for (; d < digits - 1 && s.counts[d] < left; ++d) left -= s.counts[d];
      state->prefix |= static_cast<typename ranked_values<T>::word>(d) << low;
      state->left = left;
    });
  }
};

/// partial[block] = how many of the block's numbers equal the k-th smallest.
template <class T>
struct count_equal {
  static constexpr int threads = ranked_values<T>::threads;
  struct shared {
    exec::shared_array<int, threads / exec::warp> partial;
  };
  ranked_values<T> from;
  selection_state<T> const* state;
  int* partial;

  [[nodiscard]] char const* name() const { return "pruning, equals"; }
  [[nodiscard]] exec::cost work() const { return {0, (sizeof(T) + 2.0) * from.count}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return from.blocks(); }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    typename Block::template per_thread<int> equal;
    block.phase_nosync([&](int t) {
      int n = 0;
      for (int k = 0, i = from.first(block.index(), t); k < from.run; ++k, ++i)
        n += from.ranked(i) && from.key(i) == state->prefix ? 1 : 0;
      equal[t] = n;
    });
    int const total = exec::sum(block, equal, s.partial);
    block.phase_nosync([&](int t) {
      if (t == 0) partial[block.index()] = total;
    });
  }
};

/// Marks the k smallest as pruned: those below the k-th, and of those that equal it the first.
template <class T>
struct remove_smallest {
  static constexpr int threads = ranked_values<T>::threads;
  struct shared {
    exec::shared_array<int, threads> equal;
  };
  ranked_values<T> from;
  selection_state<T> const* state;
  int const* equal;    ///< of each block
  std::uint8_t* keep;  ///< from.keep

  [[nodiscard]] char const* name() const { return "pruning, remove"; }
  [[nodiscard]] exec::cost work() const { return {0, (sizeof(T) + 3.0) * from.count}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return from.blocks(); }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    block.phase([&](int t) {
      int n = 0;
      for (int k = 0, i = from.first(block.index(), t); k < from.run; ++k, ++i)
        n += from.ranked(i) && from.key(i) == state->prefix ? 1 : 0;
      s.equal[t] = n;
    });
    int before = 0;
    for (int b = 0; b < block.index(); ++b) before += equal[b];
    block.phase_nosync([&](int t) {
      int rank = before;
      for (int i = 0; i < t; ++i) rank += s.equal[i];
      for (int k = 0, i = from.first(block.index(), t); k < from.run; ++k, ++i) {
        if (!from.ranked(i)) continue;
        auto const key = from.key(i);
        if (key < state->prefix || (key == state->prefix && rank++ < state->left)) keep[i] = 0;
      }
    });
  }
};

}  // namespace papillon::prune
