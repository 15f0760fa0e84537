// SPDX-License-Identifier: MIT
/// \file group_norm.hpp
/// Group normalisation, then the shortcut's addition (if the network gives it a second input) and ReLU (an option):
///   y = act(gamma * (x - mean) / sqrt(var + eps) + beta [+ shortcut]),  mean and biased var per image and group, over
///   the group's channels and all pixels. Y. Wu, K. He, "Group normalization", 2018, equation 2.
/// No image's output depends on another image, in training or evaluation: each has a gradient of its own, which batch
/// norm does not have. Parameters weight, bias; no state; the backward pass forms the statistics again.
#pragma once

#include <algorithm>
#include <cmath>

#include <papillon/error.hpp>
#include <papillon/nn/kernels/group_norm_kernels.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

struct group_norm_options {
  int groups = 8;  ///< of neighbouring channels; 1: layer norm, as many as channels: instance norm
  double epsilon = 1e-5;
  bool relu = false;  ///< apply max(0, .) last

  friend constexpr bool operator==(group_norm_options const&, group_norm_options const&) = default;
};

class group_norm {
 public:
  static constexpr bool forms_image_gradients = true;

  /// Throws papillon::error (usage) unless the groups divide the channels.
  explicit group_norm(shape extent, group_norm_options const& options = {}) : extent_(extent), options_(options) {
    if (options.groups < 1 || extent.channels % options.groups != 0)
      throw error(errc::usage, message("no ", options.groups, " groups of ", extent.channels,
                                   " channels (groups have the same number of channels) give a divisor"));
  }

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const {
    return {make_slot("weight", slot_kind::norm_weight, {channels()}),
        make_slot("bias", slot_kind::norm_bias, {channels()})};
  }

  [[nodiscard]] std::size_t scratch_size(exec::seq, int, int, mode) const { return 0; }
  /// In training two sums a channel and image.
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const&, int lanes, int images, mode how) const {
    if (how == mode::eval) return 0;
    return 2 * channels() * static_cast<std::size_t>(exec::blocks_for(images, lanes) * lanes);
  }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    for (int n = 0; n < a.x.images(); ++n)
      for (int group = 0; group < options_.groups; ++group) {
        auto const s = statistics(a.x, n, group);
        for_each_value(group, [&](int c, int r) {
          T v = a.parameters[at(c)] * ((a.x.at(n, r) - s.mean) * s.inv_std) + a.parameters[channels() + at(c)];
          if (!a.shortcut.empty()) v += a.shortcut.at(n, r);
          a.y.at(n, r) = options_.relu ? std::max(v, T{}) : v;
        });
      }
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    for (int n = 0; n < a.x.images(); ++n)
      for (int group = 0; group < options_.groups; ++group) {
        auto const s = statistics(a.x, n, group);
        auto const normalised = [&](int r) { return (a.x.at(n, r) - s.mean) * s.inv_std; };
        auto const active = [&](int r) { return options_.relu && !(a.y.at(n, r) > T{}) ? T{} : a.dy.at(n, r); };
        double sum = 0, product = 0;  // of gamma d and of gamma d times the normalised value
        for (int c = group * of_group(); c < (group + 1) * of_group(); ++c) {
          double dgamma = 0, dbeta = 0;  // of this image
          for_each_value(c, c + 1, [&](int, int r) {
            dgamma += static_cast<double>(active(r)) * static_cast<double>(normalised(r));
            dbeta += static_cast<double>(active(r));
            if (!a.dshortcut.empty())
              a.dshortcut.at(n, r) = (a.accumulate_dshortcut ? a.dshortcut.at(n, r) : T{}) + active(r);
          });
          a.gradient[at(c)] += static_cast<T>(dgamma);
          a.gradient[channels() + at(c)] += static_cast<T>(dbeta);
          sum += static_cast<double>(a.parameters[at(c)]) * dbeta;
          product += static_cast<double>(a.parameters[at(c)]) * dgamma;
        }
        if (a.dx.empty()) continue;
        T const mean_d = static_cast<T>(sum / values()), mean_product = static_cast<T>(product / values());
        for_each_value(group, [&](int c, int r) {
          T const d = s.inv_std * (a.parameters[at(c)] * active(r) - mean_d - normalised(r) * mean_product);
          a.dx.at(n, r) = a.accumulate_dx ? a.dx.at(n, r) + d : d;
        });
      }
    if (!a.dx.empty()) clear_padding(a.dx);
    if (!a.dshortcut.empty()) clear_padding(a.dshortcut);
  }

  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    group_plane const plane{extent_, options_.groups, a.x.images(), L};
    exec::for_each_row<L>(e, plane.items(),
        group_norm_value<T>{plane, a.x.data(), a.shortcut.data(), a.y.data(), a.parameters.data(),
            a.parameters.data() + extent_.channels, static_cast<T>(options_.epsilon), options_.relu});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    group_plane const plane{extent_, options_.groups, a.x.images(), L};
    bool const by_images = !a.image_gradients.empty();
    group_norm_sums<T> const sums = by_images
                                        ? group_norm_sums<T>{a.image_gradients.data(),
                                              static_cast<int>(a.image_gradients.block_stride() / L), extent_.channels}
                                        : group_norm_sums<T>{a.scratch.data(), 2 * extent_.channels, extent_.channels};
    exec::for_each_row<L>(e, plane.items(),
        group_norm_derivative<T>{plane, a.x.data(), a.y.data(), a.dy.data(), a.parameters.data(), a.dx.data(),
            a.dshortcut.data(), sums, static_cast<T>(options_.epsilon), options_.relu, a.accumulate_dx,
            a.accumulate_dshortcut});
    if (by_images) return;
    exec::for_each(e, extent_.channels,
        group_norm_parameter_sums<T>{plane, sums, a.gradient.data(), a.gradient.data() + extent_.channels});
  }

 private:
  template <class T> struct image_statistics { T mean, inv_std; };
  [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(extent_.channels); }
  [[nodiscard]] static std::size_t at(int channel) { return static_cast<std::size_t>(channel); }
  /// Number of values of an image and group.
  [[nodiscard]] double values() const { return static_cast<double>(extent_.size()) / options_.groups; }
  [[nodiscard]] int of_group() const { return extent_.channels / options_.groups; }  // channels
  /// f(channel, row) for the values of channels [first, last), or of a group.
  template <class F> void for_each_value(int first, int last, F const& f) const {
    for (int c = first; c < last; ++c)
      for (int r = c * extent_.pixels(); r < (c + 1) * extent_.pixels(); ++r) f(c, r);
  }
  template <class F> void for_each_value(int group, F const& f) const {
    for_each_value(group * of_group(), (group + 1) * of_group(), f);
  }
  template <class T, int L>
  [[nodiscard]] image_statistics<T> statistics(tensor_view<T const, L> x, int image, int group) const {
    double sum = 0, squares = 0;
    for_each_value(group, [&](int, int r) { sum += static_cast<double>(x.at(image, r)); });
    double const mean = sum / values();
    for_each_value(group, [&](int, int r) { squares += std::pow(static_cast<double>(x.at(image, r)) - mean, 2); });
    return {static_cast<T>(mean), static_cast<T>(1 / std::sqrt(squares / values() + options_.epsilon))};
  }

  shape extent_;
  group_norm_options options_;
};

static_assert(runs_on<group_norm, exec::seq> && runs_on<group_norm, exec::emulated>);

}  // namespace papillon::nn
