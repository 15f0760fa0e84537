// SPDX-License-Identifier: MIT
/// \file batch_norm.hpp
/// Batch normalisation, then the shortcut's addition (if the network gives it a second input) and ReLU (an option):
///   y = act(gamma * (x - mean) / sqrt(var + eps) + beta [+ shortcut]),  mean and biased var per channel over images
///   and pixels; in evaluation the running ones.
/// The backward pass is that of Ioffe and Szegedy (2015); running statistics follow PyTorch: running += momentum *
/// (batch - running), with the unbiased variance. The activation's derivative is read off y > 0. Parameters weight,
/// bias; state running_mean, running_var; saved mean and 1 / deviation of each channel.
#pragma once

#include <papillon/nn/kernels/norm_kernels.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

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

  [[nodiscard]] std::size_t scratch_size(exec::seq, int, int, mode) const { return 0; }
  /// Two sums for a channel and block of images, then two means a channel; in evaluation one value a channel.
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const&, int lanes, int images, mode) const {
    return 2 * channels() * static_cast<std::size_t>(exec::blocks_for(images, lanes) + 1);
  }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    std::size_t const count = channels();
    for (std::size_t c = 0; c < count; ++c) {
      T mean{}, inv_std{};
      if (a.how == mode::train) {
        moments m;
        m.count = static_cast<double>(a.x.images()) * extent_.pixels();
        double sum = 0;
        for_each_value(c, a.x.images(), [&](int n, int r) { sum += static_cast<double>(a.x.at(n, r)); });
        m.mean = sum / m.count;
        for_each_value(c, a.x.images(),
            [&](int n, int r) { m.squares += std::pow(static_cast<double>(a.x.at(n, r)) - m.mean, 2); });
        a.saved[c] = mean = static_cast<T>(m.mean);
        a.saved[count + c] = inv_std = static_cast<T>(1 / std::sqrt(m.squares / m.count + options_.epsilon));
        update_running(a.state[c], a.state[count + c], m, options_.momentum);
      } else {
        mean = a.eval_state[c];
        inv_std = static_cast<T>(1 / std::sqrt(static_cast<double>(a.eval_state[count + c]) + options_.epsilon));
      }
      T const gamma = a.parameters[c], beta = a.parameters[count + c];
      for_each_value(c, a.x.images(), [&](int n, int r) {
        T v = gamma * ((a.x.at(n, r) - mean) * inv_std) + beta;
        if (!a.shortcut.empty()) v += a.shortcut.at(n, r);
        a.y.at(n, r) = options_.relu ? std::max(v, T{}) : v;
      });
    }
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    std::size_t const channels = this->channels();
    double const count = static_cast<double>(a.x.images()) * extent_.pixels();
    for (std::size_t c = 0; c < channels; ++c) {
      T const mean = a.saved[c], inv_std = a.saved[channels + c];
      auto const active = [&](int n, int r) { return options_.relu && !(a.y.at(n, r) > T{}) ? T{} : a.dy.at(n, r); };
      double sum = 0, product = 0;
      for_each_value(c, a.x.images(), [&](int n, int r) {
        double const d = static_cast<double>(active(n, r));
        sum += d;
        product += d * static_cast<double>((a.x.at(n, r) - mean) * inv_std);
        if (!a.dshortcut.empty())
          a.dshortcut.at(n, r) = (a.accumulate_dshortcut ? a.dshortcut.at(n, r) : T{}) + active(n, r);
      });
      a.gradient[c] += static_cast<T>(product);
      a.gradient[channels + c] += static_cast<T>(sum);
      if (a.dx.empty()) continue;
      T const mean_d = static_cast<T>(sum / count), mean_p = static_cast<T>(product / count),
              scale = a.parameters[c] * inv_std;
      for_each_value(c, a.x.images(), [&](int n, int r) {
        T const d = scale * (active(n, r) - mean_d - (a.x.at(n, r) - mean) * inv_std * mean_p);
        a.dx.at(n, r) = a.accumulate_dx ? a.dx.at(n, r) + d : d;
      });
    }
    if (!a.dx.empty()) clear_padding(a.dx);
    if (!a.dshortcut.empty()) clear_padding(a.dshortcut);
  }

  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    int const c = extent_.channels;
    norm_plane const plane{extent_, a.x.images(), L};
    T const* const gamma = a.parameters.data();
    norm_value<T> value{plane, a.x.data(), a.shortcut.data(), a.y.data(), gamma, gamma + c, a.eval_state.data(),
        a.scratch.data(), options_.relu};
    if (a.how == mode::train) {
      T* const saved = a.saved.data();
      value.mean = saved;
      value.inv_std = saved + c;
      run_channels<L>(e, norm_moments<T>{plane, a.x.data(), a.scratch.data()},
          norm_channel_statistics<T>{plane, a.scratch.data(), saved, saved + c, a.state.data(), a.state.data() + c,
              options_.epsilon, options_.momentum},
          &value);
    } else {
      exec::for_each(e, c, norm_running_inv_std<T>{value.mean + c, a.scratch.data(), options_.epsilon});
      compute_values<L>(e, value);
    }
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    int const c = extent_.channels;
    norm_plane const plane{extent_, a.x.images(), L};
    T const *const mean = a.saved.data(), *const inv_std = mean + c;
    T *const partial = a.scratch.data(), *const means = partial + 2 * plane.parts();
    norm_derivative<T> const derivative{plane, a.x.data(), a.y.data(), a.dy.data(), a.parameters.data(), mean, inv_std,
        means, a.dx.data(), options_.relu, a.accumulate_dx};
    run_channels<L>(e,
        norm_derivative_sums<T>{plane, a.x.data(), a.y.data(), a.dy.data(), mean, inv_std, a.dshortcut.data(), partial,
            options_.relu, a.accumulate_dshortcut},
        norm_derivative_means<T>{plane, partial, a.gradient.data(), a.gradient.data() + c, means},
        a.dx.empty() ? nullptr : &derivative);
  }

 private:
  [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(extent_.channels); }
  /// f(image, row) for the values of a channel.
  template <class F> void for_each_value(std::size_t channel, int images, F const& f) const {
    int const first = static_cast<int>(channel) * extent_.pixels();
    for (int n = 0; n < images; ++n)
      for (int r = first; r < first + extent_.pixels(); ++r) f(n, r);
  }

  shape extent_;
  batch_norm_options options_;
};

static_assert(runs_on<batch_norm, exec::seq> && runs_on<batch_norm, exec::emulated>);

}  // namespace papillon::nn
