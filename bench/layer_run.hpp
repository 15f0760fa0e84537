// SPDX-License-Identifier: MIT
/// \file layer_run.hpp
/// One layer with everything it needs to run forward and backward again and again on a batch of random images, as a
/// network would run it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <random_values.hpp>

#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

namespace bench {

/// Images of a batch, in every benchmark of layers and networks.
inline constexpr int images = 256;

/// A batch of random images.
[[nodiscard]] inline papillon::tensor<float> random_images(papillon::shape extent, std::uint64_t item) {
  papillon::tensor<float> x(extent, images);
  auto const values = random_values(static_cast<std::size_t>(images) * static_cast<std::size_t>(extent.size()), item);
  papillon::relayout<float, papillon::native_lanes<float>>(std::span<float const>(values), x.view());
  return x;
}

template <class Layer>
class layer_run {
 public:
  /// shortcut: whether the layer adds a second input.
  explicit layer_run(Layer layer, bool shortcut = false)
      : layer_(std::move(layer)), threads_(papillon::exec::thread_count(papillon::exec::omp{})),
        x_(random_images(layer_.input(), 1)), y_(layer_.output(), images), dy_(random_images(layer_.output(), 3)),
        dx_(layer_.input(), images), saved_(layer_.saved_size()),
        scratch_(layer_.scratch_size(lanes, images, threads_, papillon::nn::mode::train)) {
    std::size_t parameters = 0, state = 0;
    for (auto const& s : layer_.parameters()) parameters += s.size;
    for (auto const& s : layer_.state()) state += s.size;
    parameters_ = random_values(parameters, 2);
    gradient_.resize(parameters);
    state_.resize(state);
    std::fill(state_.begin(), state_.end(), 1.0f);
    if (shortcut) {
      shortcut_ = random_images(layer_.output(), 4);
      dshortcut_ = papillon::tensor<float>(layer_.output(), images);
    }
    forward(papillon::nn::mode::train);  // saves what the backward pass reads
  }

  [[nodiscard]] Layer const& layer() const { return layer_; }

  void forward(papillon::nn::mode how) {
    papillon::nn::forward_args<float, lanes> a;
    a.how = how;
    a.threads = threads_;
    a.parameters = parameters_;
    a.state = state_;
    a.eval_state = state_;
    a.x = x_.cview();
    if (shortcut_.images() > 0) a.shortcut = shortcut_.cview();
    a.y = y_.view();
    a.saved = saved_;
    a.scratch = scratch_;
    layer_.forward(papillon::exec::omp{}, a);
  }

  /// Without the derivative of the input only the parameters' gradient is formed.
  void backward(bool derivative_of_input = true) {
    papillon::nn::backward_args<float, lanes> a;
    a.threads = threads_;
    a.parameters = parameters_;
    a.x = x_.cview();
    a.y = std::as_const(y_).view();
    a.dy = dy_.cview();
    if (derivative_of_input) a.dx = dx_.view();
    if (shortcut_.images() > 0) a.dshortcut = dshortcut_.view();
    a.gradient = gradient_;
    a.saved = saved_;
    a.scratch = scratch_;
    layer_.backward(papillon::exec::omp{}, a);
  }

  /// Bytes of the input and of the output.
  [[nodiscard]] double input_bytes() const { return 4.0 * images * layer_.input().size(); }
  [[nodiscard]] double output_bytes() const { return 4.0 * images * layer_.output().size(); }
  /// Operations of the forward pass.
  [[nodiscard]] double flops() const { return 2.0 * images * static_cast<double>(layer_.macs()); }

 private:
  static constexpr int lanes = papillon::native_lanes<float>;

  Layer layer_;
  int threads_;
  papillon::tensor<float> x_, y_, dy_, dx_, shortcut_, dshortcut_;
  papillon::buffer<float> parameters_, gradient_, state_, saved_, scratch_;
};

}  // namespace bench
