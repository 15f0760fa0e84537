// SPDX-License-Identifier: MIT
/// \file dropout.hpp
/// In training each number is set to zero with a probability and the others grow by 1 / (1 - rate); in evaluation
/// nothing is changed. Then the shortcut's addition, if the network gives it a second input. N. Srivastava et al.,
/// "Dropout", 2014. One number of state: how many steps there have been.
#pragma once

#include <papillon/error.hpp>
#include <papillon/nn/kernels/dropout_mask.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// Four neighbouring numbers of a block; item: block * groups + group.
template <class T> struct dropout_value {
  static constexpr char const* name = "dropout";
  static constexpr int flops = 12, bytes = 12 * sizeof(T), grain = 512;
  dropout_mask<T> mask;
  bool drops;
  T const *x, *shortcut;  ///< shortcut may be null
  T* y;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const groups = (mask.numbers + 3) / 4, block = item / groups, group = item % groups;
    auto const one = lanes.all(T{1});
    std::remove_const_t<decltype(one)> f[4] = {one, one, one, one};
    if (drops) mask.factors(lanes, block, group, f);
    for (int k = 0; k < 4 && 4 * group + k < mask.numbers; ++k) {
      int const row = block * mask.numbers + 4 * group + k;
      auto v = f[k] * lanes.load(x, row);
      if (shortcut != nullptr) v += lanes.load(shortcut, row);
      lanes.store(y, row, v);
    }
  }
};
template <class T> struct dropout_derivative {
  static constexpr char const* name = "dropout, backward";
  static constexpr int flops = 12, bytes = 12 * sizeof(T), grain = 512;
  dropout_mask<T> mask;
  T const* dy;
  T *dx, *dshortcut;  ///< either may be null
  bool accumulate, accumulate_shortcut;

  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    int const groups = (mask.numbers + 3) / 4, block = item / groups, group = item % groups;
    auto const one = lanes.all(T{1});
    std::remove_const_t<decltype(one)> f[4] = {one, one, one, one};
    if (dx != nullptr) mask.factors(lanes, block, group, f);
    for (int k = 0; k < 4 && 4 * group + k < mask.numbers; ++k) {
      int const row = block * mask.numbers + 4 * group + k;
      auto const d = lanes.load(dy, row);
      if (dx != nullptr) exec::store_or_add(lanes, dx, row, f[k] * d, accumulate);
      if (dshortcut != nullptr) exec::store_or_add(lanes, dshortcut, row, d, accumulate_shortcut);
    }
  }
};

class dropout {
 public:
  /// Throws papillon::error (usage) for a rate that is not in [0, 1), or a layer's number above 255.
  dropout(shape extent, dropout_options const& options) : extent_(extent), options_(options) { check(options); }

  static void check(dropout_options const& o) {
    if (!(o.rate >= 0 && o.rate < 1) || o.layer > 255)
      throw error(errc::usage, message("no dropout at the rate ", o.rate, " in layer ", o.layer,
                                   " (rates are from 0 to below 1, layers from 0 to 255)"));
  }

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }
  [[nodiscard]] std::vector<slot> state() const { return {make_slot("steps", slot_kind::steps, {1})}; }
  [[nodiscard]] std::size_t saved_size() const { return 1; }

  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    bool const drops = a.how == mode::train && options_.rate > 0;
    if (a.how == mode::train) exec::for_each(e, 1, next_step<T>{a.state.data(), a.saved.data()});
    exec::for_each_row<L>(e, a.x.blocks() * groups(),
        dropout_value<T>{mask<T>(a.saved.data()), drops, a.x.data(), a.shortcut.data(), a.y.data()});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    exec::for_each_row<L>(e, a.dy.blocks() * groups(),
        dropout_derivative<T>{mask<T>(a.saved.data()), a.dy.data(), a.dx.data(), a.dshortcut.data(), a.accumulate_dx,
            a.accumulate_dshortcut});
  }

 private:
  [[nodiscard]] int groups() const { return (extent_.size() + 3) / 4; }
  template <class T> [[nodiscard]] dropout_mask<T> mask(T const* step) const {
    return {options_, step, extent_.size()};
  }

  shape extent_;
  dropout_options options_;
};

static_assert(runs_on<dropout, exec::seq> && runs_on<dropout, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
