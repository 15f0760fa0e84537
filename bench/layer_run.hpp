// SPDX-License-Identifier: MIT
/// \file layer_run.hpp
/// Layers with everything they need to run forward and backward again and again on a batch of random images: a network
/// of them and its runner, the path that all networks take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <random_values.hpp>

#include <papillon/nn/run/runner.hpp>
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

/// A layer that costs nothing: its output is written in the first pass and then stays, its derivative is not passed on.
/// Before the layers that are timed it makes the runner form a derivative with respect to their input; behind them it
/// is the reader that a merged norm has in a network.
class kept {
 public:
  explicit kept(papillon::shape extent) : extent_(extent) {}
  [[nodiscard]] papillon::shape input() const { return extent_; }
  [[nodiscard]] papillon::shape output() const { return extent_; }
  [[nodiscard]] std::vector<papillon::nn::slot> parameters() const { return {}; }
  template <papillon::exec::place P, class T, int L>
  void forward(P const&, papillon::nn::forward_args<T, L> const& a) const {
    if (std::exchange(*written_, true)) return;
    for (int b = 0; b < a.x.blocks(); ++b) std::copy_n(a.x.block(b), a.x.block_stride(), a.y.block(b));
  }
  template <papillon::exec::place P, class T, int L>
  void backward(P const&, papillon::nn::backward_args<T, L> const& a) const {
    if (a.dx.empty() || std::exchange(*passed_, true)) return;
    for (int b = 0; b < a.dy.blocks(); ++b) std::copy_n(a.dy.block(b), a.dy.block_stride(), a.dx.block(b));
  }

 private:
  papillon::shape extent_;
  std::shared_ptr<bool> written_ = std::make_shared<bool>(false), passed_ = std::make_shared<bool>(false);
};

class layer_run {
 public:
  static constexpr int lanes = papillon::native_lanes<float>;
  using layer = papillon::nn::any_layer<float, lanes>;

  /// One layer after another; shortcut: whether the last adds the input as a second one. In training the input comes
  /// from a layer before, unless its derivative is not wanted.
  explicit layer_run(
      std::vector<layer> const& layers, papillon::nn::mode how, bool shortcut = false, bool derivative_of_input = true)
      : net_(make(layers, how, shortcut, derivative_of_input)), run_(papillon::exec::omp{}, net_, images, how),
        x_(random_images(net_.input(), 1)), dy_(random_images(net_.output(), 3)), weights_(random_weights(net_)),
        gradient_(net_.parameter_count()) {
    forward();
  }

  void forward() {
    if (run_.planned_for() == papillon::nn::mode::train) run_.forward(weights_, papillon::nn::mode::train, x_);
    else run_.forward(std::as_const(weights_), x_);
  }
  void backward() { run_.backward(weights_, dy_, gradient_); }

  /// Bytes of the input and of the output.
  [[nodiscard]] double input_bytes() const { return 4.0 * images * net_.input().size(); }
  [[nodiscard]] double output_bytes() const { return 4.0 * images * net_.output().size(); }
  /// Operations of the forward pass.
  [[nodiscard]] double flops() const { return 2.0 * images * static_cast<double>(net_.macs()); }

 private:
  [[nodiscard]] static papillon::nn::weights<float> random_weights(papillon::nn::network<float> const& net) {
    auto const values = random_values(net.parameter_count(), 2);
    return {{values.begin(), values.end()}, std::vector<float>(net.state_count(), 1.0f)};
  }
  [[nodiscard]] static papillon::nn::network<float> make(
      std::vector<layer> const& layers, papillon::nn::mode how, bool shortcut, bool derivative_of_input) {
    papillon::nn::network<float> net(layers.front().input());
    bool const training = how == papillon::nn::mode::train;
    int const input = training && derivative_of_input ? net.add("input", kept(net.input())) : 0;
    for (std::size_t i = 0; i < layers.size(); ++i)
      net.add("layer" + std::to_string(i), layers[i], papillon::nn::network<float>::none,
          shortcut && i + 1 == layers.size() ? input : papillon::nn::network<float>::none);
    if (training && layers.size() > 1) net.add("output", kept(net.output()));
    return net;
  }

  papillon::nn::network<float> net_;
  papillon::nn::runner<papillon::exec::omp, float, lanes> run_;
  papillon::tensor<float> x_, dy_;
  papillon::nn::weights<float> weights_;
  std::vector<float> gradient_;
};

}  // namespace bench
