// SPDX-License-Identifier: MIT
/// \file channel_bias.hpp
/// y = x + b[channel]: what makes a convolution of 1 x 1 a linear layer of every token or pixel.
#pragma once

#include <papillon/nn/layer.hpp>
#include <papillon/nn/layers/reshape.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

template <class T> struct biased_row {
  static constexpr char const* name = "bias";
  static constexpr int flops = 1, bytes = 2 * sizeof(T);
  shape extent;
  int images;
  T const *x, *bias;
  T* y;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    auto const v = lanes.load(x, row) + bias[row % extent.size() / extent.pixels()];
    int const left = images - row / extent.size() * Lanes::count;
    lanes.store(y, row, left < Lanes::count ? lanes.first(left, v) : v);
  }
};
/// What each image adds to the derivative of a channel's bias; item: block * channels + channel.
template <class T> struct bias_sums {
  static constexpr char const* name = "bias, sums of images";
  static constexpr int flops = 16, bytes = 16 * sizeof(T), grain = 512;
  shape extent;
  T const* dy;
  T* rows;
  int block_rows;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int item) const {
    auto sum = lanes.load(dy, item * extent.pixels());
    for (int p = 1; p < extent.pixels(); ++p) sum += lanes.load(dy, item * extent.pixels() + p);
    lanes.store(rows, item / extent.channels * block_rows + item % extent.channels, sum);
  }
};
/// db of a channel, added to: the images' sums in their order, in double.
template <class T> struct bias_sum {
  static constexpr char const* name = "bias, sum over images";
  static constexpr int flops = 1, bytes = sizeof(T), grain = 8;
  T const* rows;
  T* gradient;
  int channels, images, lanes;
  PAPILLON_HD void operator()(int c) const {
    double sum = 0;
    for (int n = 0; n < images; ++n)
      sum += static_cast<double>(rows[(static_cast<std::ptrdiff_t>(n / lanes) * channels + c) * lanes + n % lanes]);
    gradient[c] += static_cast<T>(sum);
  }
};

class channel_bias {
 public:
  static constexpr bool forms_image_gradients = true;

  /// fan_in: inputs of the layer whose bias it is, which sets the range of the initial values.
  channel_bias(shape extent, std::size_t fan_in) : extent_(extent), fan_in_(fan_in) {}

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const {
    return {make_slot("bias", slot_kind::bias, {static_cast<std::size_t>(extent_.channels)}, fan_in_)};
  }
  [[nodiscard]] std::size_t scratch_size(exec::seq, int, int, mode) const { return 0; }
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const&, int lanes, int images, mode how) const {
    if (how == mode::eval) return 0;
    return static_cast<std::size_t>(extent_.channels) *
           static_cast<std::size_t>(exec::blocks_for(images, lanes) * lanes);
  }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    for (int n = 0; n < a.x.images(); ++n)
      for (int r = 0; r < extent_.size(); ++r)
        a.y.at(n, r) = a.x.at(n, r) + a.parameters[static_cast<std::size_t>(r / extent_.pixels())];
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    for (int n = 0; n < a.dy.images(); ++n)
      for (int r = 0; r < extent_.size(); ++r) {
        a.gradient[static_cast<std::size_t>(r / extent_.pixels())] += a.dy.at(n, r);
        if (!a.dx.empty()) a.dx.at(n, r) = (a.accumulate_dx ? a.dx.at(n, r) : T{}) + a.dy.at(n, r);
      }
    if (!a.dx.empty()) clear_padding(a.dx);
  }
  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    exec::for_each_row<L>(e, a.x.blocks() * extent_.size(),
        biased_row<T>{extent_, a.x.images(), a.x.data(), a.parameters.data(), a.y.data()});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (!a.dx.empty())
      exec::for_each_row<L>(
          e, a.dy.blocks() * extent_.size(), copied_row<T>{a.dy.data(), a.dx.data(), a.accumulate_dx});
    bool const by_images = !a.image_gradients.empty();
    T* const rows = by_images ? a.image_gradients.data() : a.scratch.data();
    int const block_rows = by_images ? static_cast<int>(a.image_gradients.block_stride() / L) : extent_.channels;
    exec::for_each_row<L>(e, a.dy.blocks() * extent_.channels, bias_sums<T>{extent_, a.dy.data(), rows, block_rows});
    if (!by_images)
      exec::for_each(e, extent_.channels, bias_sum<T>{rows, a.gradient.data(), extent_.channels, a.dy.images(), L});
  }

 private:
  shape extent_;
  std::size_t fan_in_;
};

static_assert(runs_on<channel_bias, exec::seq> && runs_on<channel_bias, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
