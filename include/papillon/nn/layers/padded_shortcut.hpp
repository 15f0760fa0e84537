// SPDX-License-Identifier: MIT
/// \file padded_shortcut.hpp
/// The parameter-free shortcut (He et al. 2016, option A): every stride-th pixel, new channels zero, the old ones in
/// the middle as pretrained CIFAR ResNets have it.
#pragma once

#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// How many zero channels come before the old ones.
[[nodiscard]] PAPILLON_HD constexpr int channels_before(shape in, shape out) {
  return (out.channels - in.channels) / 2;
}

/// A row of y.
template <class T> struct padded_shortcut_value {
  static constexpr char const* name = "padded shortcut";
  static constexpr int flops = 0, bytes = 2 * sizeof(T);
  T const* x;
  T* y;
  shape in, out;
  int stride;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    int const b = row / out.size(), r = row % out.size(), p = r % out.pixels();
    int const c = r / out.pixels() - channels_before(in, out);
    bool const old = c >= 0 && c < in.channels;
    int const from = old ? b * in.size() + in.row(c, p / out.width * stride, p % out.width * stride) : 0;
    lanes.store(y, row, old ? lanes.load(x, from) : lanes.all(T{}));
  }
};

/// A row of dx: the derivative of what was copied, zero elsewhere.
template <class T> struct padded_shortcut_derivative {
  static constexpr char const* name = "padded shortcut, backward";
  static constexpr int flops = 0, bytes = 3 * sizeof(T);
  T const* dy;
  T* dx;
  shape in, out;
  int stride;
  bool accumulate;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    int const b = row / in.size(), r = row % in.size(), y = r % in.pixels() / in.width, x = r % in.width;
    bool const copied = y % stride == 0 && x % stride == 0;
    int const from =
        copied ? b * out.size() + out.row(r / in.pixels() + channels_before(in, out), y / stride, x / stride) : 0;
    exec::store_or_add(lanes, dx, row, copied ? lanes.load(dy, from) : lanes.all(T{}), accumulate);
  }
};

class padded_shortcut {
 public:
  padded_shortcut(shape input, int channels, int stride) : input_(input), channels_(channels), stride_(stride) {}

  [[nodiscard]] shape input() const { return input_; }
  [[nodiscard]] shape output() const {
    return {channels_, (input_.height + stride_ - 1) / stride_, (input_.width + stride_ - 1) / stride_};
  }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }

  template <class T, int L> void forward(exec::seq, forward_args<T, L> const& a) const {
    int const before = channels_before(input_, output());
    for (int n = 0; n < a.x.images(); ++n)
      for (int c = 0; c < channels_; ++c)
        for (int y = 0; y < output().height; ++y)
          for (int x = 0; x < output().width; ++x) {
            bool const old = c >= before && c < before + input_.channels;
            a.y.at(n, c, y, x) = old ? a.x.at(n, c - before, y * stride_, x * stride_) : T{};
          }
    clear_padding(a.y);
  }
  template <class T, int L> void backward(exec::seq, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    int const before = channels_before(input_, output());
    for (int n = 0; n < a.dx.images(); ++n)
      for (int c = 0; c < input_.channels; ++c)
        for (int y = 0; y < input_.height; ++y)
          for (int x = 0; x < input_.width; ++x) {
            bool const copied = y % stride_ == 0 && x % stride_ == 0;
            T const d = copied ? a.dy.at(n, c + before, y / stride_, x / stride_) : T{};
            a.dx.at(n, c, y, x) = a.accumulate_dx ? a.dx.at(n, c, y, x) + d : d;
          }
    clear_padding(a.dx);
  }
  template <exec::place P, class T, int L> void forward(P const& e, forward_args<T, L> const& a) const {
    exec::for_each_row<L>(
        e, a.y.blocks() * output().size(), padded_shortcut_value<T>{a.x.data(), a.y.data(), input_, output(), stride_});
  }
  template <exec::place P, class T, int L> void backward(P const& e, backward_args<T, L> const& a) const {
    if (a.dx.empty()) return;
    exec::for_each_row<L>(e, a.dx.blocks() * input_.size(),
        padded_shortcut_derivative<T>{a.dy.data(), a.dx.data(), input_, output(), stride_, a.accumulate_dx});
  }

 private:
  shape input_;
  int channels_, stride_;
};

static_assert(runs_on<padded_shortcut, exec::seq> && runs_on<padded_shortcut, exec::emulated>);

}  // namespace papillon::nn

#pragma GCC diagnostic pop
