// SPDX-License-Identifier: MIT
/// \file batch_norm.hpp
/// Batch normalisation with, in the same pass, the addition of a shortcut (if the network gives it a second input)
/// and ReLU (an option). Parameters weight, bias; state running_mean, running_var; saved mean and 1 / deviation of each
/// channel. Formulas in nn/kernels/normalise.hpp.
#pragma once

#include <vector>

#include <papillon/nn/kernels/norm_kernels.hpp>
#include <papillon/nn/kernels/normalise.hpp>
#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class batch_norm {
 public:
  explicit batch_norm(shape extent, batch_norm_options const& options = {}) : extent_(extent), options_(options) {}

  /// That it is a map of each channel, which a network may apply while another layer reads or writes (nn/fusion.hpp).
  [[nodiscard]] batch_norm_options const& channel_map() const { return options_; }

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const {
    return {make_slot("weight", slot_kind::norm_weight, {channels()}),
        make_slot("bias", slot_kind::norm_bias, {channels()})};
  }
  [[nodiscard]] std::vector<slot> state() const {
    return {make_slot("running_mean", slot_kind::running_mean, {channels()}),
        make_slot("running_var", slot_kind::running_var, {channels()})};
  }
  [[nodiscard]] std::size_t saved_size() const { return 2 * channels(); }
  [[nodiscard]] std::size_t macs() const { return 0; }

  [[nodiscard]] std::size_t scratch_size(exec::seq, int, int, mode) const { return 0; }
  /// Two sums for a channel and block of images, then two means a channel; in evaluation one value a channel.
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const&, int lanes, int images, mode) const {
    return 2 * channels() * static_cast<std::size_t>(exec::blocks_for(images, lanes) + 1);
  }

  template <class T, int L> void forward(exec::seq e, forward_args<T, L> const& a) const {
    std::size_t const c = channels();
    auto const gamma = a.parameters.first(c), beta = a.parameters.last(c);
    if (a.how == mode::train)
      batch_norm_train<T, L>(e, options_, gamma, beta, a.x, a.shortcut, a.y, a.saved.first(c), a.saved.last(c),
          a.state.first(c), a.state.last(c));
    else
      batch_norm_eval<T, L>(
          e, options_, gamma, beta, a.x, a.shortcut, a.y, a.eval_state.first(c), a.eval_state.last(c));
  }
  template <class T, int L> void backward(exec::seq e, backward_args<T, L> const& a) const {
    std::size_t const c = channels();
    batch_norm_backward<T, L>(e, options_, a.parameters.first(c), a.x, a.y, a.dy, a.saved.first(c), a.saved.last(c),
        a.dx, a.accumulate_dx, a.dshortcut, a.accumulate_dshortcut, a.gradient.first(c), a.gradient.last(c));
  }

  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    int const c = extent_.channels;
    norm_plane const plane{extent_, a.x.images(), L};
    T const *mean = a.eval_state.data(), *inv_std = a.scratch.data(), *const gamma = a.parameters.data();
    if (a.how == mode::train) {
      T* const saved = a.saved.data();
      form_parts<L>(e, norm_moments<T>{plane, a.x.data(), a.scratch.data()});
      exec::for_each(e, c,
          norm_channel_statistics<T>{.plane = plane,
              .partial = a.scratch.data(),
              .mean = saved,
              .inv_std = saved + c,
              .running_mean = a.state.data(),
              .running_var = a.state.data() + c,
              .epsilon = options_.epsilon,
              .momentum = options_.momentum});
      mean = saved;
      inv_std = saved + c;
    } else {
      exec::for_each(e, c, norm_running_inv_std<T>{mean + c, a.scratch.data(), options_.epsilon});
    }
    exec::for_each_row<L>(e, plane.rows(),
        norm_value<T>{.plane = plane,
            .x = a.x.data(),
            .shortcut = a.shortcut.data(),
            .y = a.y.data(),
            .gamma = gamma,
            .beta = gamma + c,
            .mean = mean,
            .inv_std = inv_std,
            .relu = options_.relu});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    int const c = extent_.channels;
    norm_plane const plane{extent_, a.x.images(), L};
    T const *const mean = a.saved.data(), *const inv_std = mean + c;
    T *const partial = a.scratch.data(), *const means = partial + 2 * plane.parts();
    form_parts<L>(e, norm_derivative_sums<T>{.plane = plane,
                         .x = a.x.data(),
                         .y = a.y.data(),
                         .dy = a.dy.data(),
                         .mean = mean,
                         .inv_std = inv_std,
                         .dshortcut = a.dshortcut.data(),
                         .partial = partial,
                         .relu = options_.relu,
                         .accumulate_shortcut = a.accumulate_dshortcut});
    exec::for_each(e, c, norm_derivative_means<T>{plane, partial, a.gradient.data(), a.gradient.data() + c, means});
    if (a.dx.empty()) return;
    exec::for_each_row<L>(e, plane.rows(),
        norm_derivative<T>{.plane = plane,
            .x = a.x.data(),
            .y = a.y.data(),
            .dy = a.dy.data(),
            .gamma = a.parameters.data(),
            .mean = mean,
            .inv_std = inv_std,
            .means = means,
            .dx = a.dx.data(),
            .relu = options_.relu,
            .accumulate = a.accumulate_dx});
  }

 private:
  [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(extent_.channels); }

  shape extent_;
  batch_norm_options options_;
};

static_assert(runs_on<batch_norm, exec::seq> && runs_on<batch_norm, exec::emulated>);

}  // namespace papillon::nn
