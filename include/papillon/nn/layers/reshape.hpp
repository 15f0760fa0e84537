// SPDX-License-Identifier: MIT
/// \file reshape.hpp
/// The same numbers in another shape: a vector of E T numbers as T tokens of E numbers, and back.
#pragma once

#include <papillon/error.hpp>
#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// A row of y, or of dx.
template <class T> struct copied_row {
  static constexpr char const* name = "reshape";
  static constexpr int flops = 0, bytes = 2 * sizeof(T);
  T const* from;
  T* to;
  bool accumulate;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    exec::store_or_add(lanes, to, row, lanes.load(from, row), accumulate);
  }
};

class reshape {
 public:
  /// Throws papillon::error (usage) unless both shapes have as many numbers.
  reshape(shape from, shape to) : from_(from), to_(to) {
    if (from.size() != to.size())
      throw error(errc::usage, message("no reshape of ", from.size(), " numbers to ", to.size(),
                                   " (they are the same numbers) give shapes of one size"));
  }

  [[nodiscard]] shape input() const { return from_; }
  [[nodiscard]] shape output() const { return to_; }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }

  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    exec::for_each_row<L>(e, a.x.blocks() * from_.size(), copied_row<T>{a.x.data(), a.y.data(), false});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    exec::for_each_row<L>(e, a.dy.blocks() * to_.size(), copied_row<T>{a.dy.data(), a.dx.data(), a.accumulate_dx});
  }

 private:
  shape from_, to_;
};

static_assert(runs_on<reshape, exec::seq> && runs_on<reshape, exec::emulated>);

}  // namespace papillon::nn
