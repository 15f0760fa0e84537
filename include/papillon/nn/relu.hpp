// SPDX-License-Identifier: MIT
/// \file relu.hpp
/// ReLU y = max(0, x). No parameters; see ops/activation.hpp.
#pragma once

#include <vector>

#include <papillon/nn/layer.hpp>
#include <papillon/ops/activation.hpp>

namespace papillon::nn {

class relu {
 public:
  explicit relu(shape extent) : extent_(extent) {}

  [[nodiscard]] shape input() const { return extent_; }
  [[nodiscard]] shape output() const { return extent_; }
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }
  [[nodiscard]] std::vector<slot> state() const { return {}; }
  [[nodiscard]] std::size_t saved_size() const { return 0; }
  [[nodiscard]] std::size_t scratch_size(int, int, int, mode) const { return 0; }
  [[nodiscard]] std::size_t macs() const { return 0; }

  template <exec::policy E, class T, int L>
  void forward(E e, forward_args<T, L> const& a) const {
    ops::relu_forward<T, L>(e, a.x, a.y);
  }
  template <exec::policy E, class T, int L>
  void backward(E e, backward_args<T, L> const& a) const {
    ops::relu_backward<T, L>(e, a.y, a.dy, a.dx, a.accumulate_dx);
  }

 private:
  shape extent_;
};

static_assert(runs_on<relu, exec::seq>);

}  // namespace papillon::nn
