// SPDX-License-Identifier: MIT
/// \file batch_norm.hpp
/// Batch normalisation with, in the same pass, the addition of a shortcut (if the network gives it a second input)
/// and ReLU (an option). Parameters weight, bias; state running_mean, running_var; see nn/kernels/normalise.hpp.
#pragma once

#include <memory>
#include <vector>

#include <papillon/nn/kernels/normalise.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/nn/layers/norm_on_device.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class batch_norm {
 public:
  explicit batch_norm(shape extent, nn::batch_norm_options const& options = {}) : extent_(extent), options_(options) {}

  /// Also lets a network merge it with the convolution before (nn/run/schedule.hpp).
  [[nodiscard]] nn::batch_norm_options const& norm() const { return options_; }

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
  [[nodiscard]] std::size_t scratch_size(int, int, int, mode) const { return 0; }
  [[nodiscard]] std::size_t macs() const { return 0; }

  template <exec::policy E, class T, int L>
  void forward(E e, forward_args<T, L> const& a) const {
    std::size_t const c = channels();
    if (a.how == mode::train)
      nn::batch_norm_train<T, L>(e, options_, a.parameters.first(c), a.parameters.last(c), a.x, a.shortcut, a.y,
                                 a.saved.first(c), a.saved.last(c), a.state.first(c), a.state.last(c));
    else
      nn::batch_norm_eval<T, L>(e, options_, a.parameters.first(c), a.parameters.last(c), a.x, a.shortcut, a.y,
                                a.eval_state.first(c), a.eval_state.last(c));
  }
  template <exec::policy E, class T, int L>
  void backward(E e, backward_args<T, L> const& a) const {
    std::size_t const c = channels();
    nn::batch_norm_backward<T, L>(e, options_, a.parameters.first(c), a.x, a.y, a.dy, a.saved.first(c), a.saved.last(c),
                                  a.dx, a.accumulate_dx, a.dshortcut, a.accumulate_dshortcut, a.gradient.first(c),
                                  a.gradient.last(c));
  }
  template <class T>
  [[nodiscard]] std::shared_ptr<device_layer<T> const> on_device(std::vector<int>&) const {
    return std::make_shared<norm_on_device<T>>(extent_, options_);
  }

 private:
  [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(extent_.channels); }

  shape extent_;
  nn::batch_norm_options options_;
};

static_assert(runs_on<batch_norm, exec::seq> && runs_on<batch_norm, exec::emulated>);

}  // namespace papillon::nn
