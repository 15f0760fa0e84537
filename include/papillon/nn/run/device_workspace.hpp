// SPDX-License-Identifier: MIT
/// \file device_workspace.hpp
/// Everything a network needs on a device: its layers as kernels with their tables, its values and gradient,
/// activations and derivatives in one arena, planned once. forward_host and backward_host speak the host's memory, as
/// nn::forward and nn::backward do; forward and backward launch on what is on the device already, for callers that keep
/// it there.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <papillon/exec/memory.hpp>
#include <papillon/nn/kernels/elementwise.hpp>
#include <papillon/nn/run/device_layer.hpp>
#include <papillon/nn/run/network.hpp>
#include <papillon/nn/run/place.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T>
class device_workspace {
 public:
  static constexpr int lanes = exec::device_lanes;
  using network_type = network<T, lanes>;

  /// For batches of up to `images` images; with mode::train it serves both modes.
  device_workspace(exec::device const& on, network_type const& net, int images, mode m)
      : on_(on), images_(images), mode_(m), logits_on_host_(net.output(), images) {
    int const n = net.size();
    auto const blocks = static_cast<std::size_t>(exec::blocks_for(images, lanes));
    auto const values_of = [&](int i) { return static_cast<std::size_t>(net.extent(i).size()) * lanes * blocks; };
    std::vector<int> tables, last_reader(static_cast<std::size_t>(n) + 1, 0);
    std::size_t scratch = 0;
    for (int i = 1; i <= n; ++i) {
      auto const& node = net.at(i);
      last_reader[static_cast<std::size_t>(node.from)] = i;
      if (node.shortcut >= 0) last_reader[static_cast<std::size_t>(node.shortcut)] = i;
      layers_.push_back(node.layer.on_device(tables));
      scratch = std::max(scratch, layers_.back()->scratch_size(images, m));
    }
    // Node i runs forward at step i and backward at 2n + 1 - i.
    bool const training = m == mode::train;
    std::vector<detail::lifetime> buffers;
    for (int i = 1; i <= n; ++i)
      buffers.push_back({values_of(i), i,
                         training || i == n ? 2 * n + 1 - i : std::max(i, last_reader[static_cast<std::size_t>(i)])});
    if (training)
      for (int i = 1; i < n; ++i)
        buffers.push_back({values_of(i), 2 * n + 1 - last_reader[static_cast<std::size_t>(i)], 2 * n + 1 - i});
    arena_ = {on, detail::place(buffers)};
    for (auto const& b : buffers) offsets_.push_back(b.offset);
    tables_ = {on, tables.size()};
    tables_.upload(tables);
    scratch_ = {on, scratch};
    input_ = {on, values_of(0)};
    parameters_ = {on, net.parameter_count()};
    state_ = {on, net.state_count()};
    if (training) {
      saved_ = {on, net.saved_count()};
      gradient_ = {on, net.parameter_count()};
      dlogits_ = {on, values_of(n)};
      written_.resize(static_cast<std::size_t>(n) + 1);
    }
  }

  [[nodiscard]] exec::device const& where() const { return on_; }
  [[nodiscard]] int max_images() const { return images_; }
  [[nodiscard]] mode planned_for() const { return mode_; }
  /// Device memory held.
  [[nodiscard]] std::size_t bytes() const {
    return (arena_.size() + scratch_.size() + input_.size() + parameters_.size() + state_.size() + saved_.size() +
            gradient_.size() + dlogits_.size()) *
               sizeof(T) +
           tables_.size() * sizeof(int);
  }

  // What forward and backward read and write; packed tensors of the images at hand.
  [[nodiscard]] exec::memory<T> const& input() const { return input_; }
  [[nodiscard]] exec::memory<T> const& parameters() const { return parameters_; }
  [[nodiscard]] exec::memory<T> const& state() const { return state_; }
  [[nodiscard]] exec::memory<T> const& dlogits() const { return dlogits_; }
  [[nodiscard]] exec::memory<T> const& gradient() const { return gradient_; }
  [[nodiscard]] T* logits() const { return arena_.data() + offsets_[layers_.size() - 1]; }

  /// Logits of the images at hand, images x classes, after all that was launched before.
  void read_logits(network_type const& net, int images, std::span<T> out) {
    relayout<T, lanes>(logits_on_host(net, images), out);
  }

  /// From input() to logits(). `on`: where(), or what stands for it in a recording.
  void forward(exec::device const& on, network_type const& net, mode how, int images) {
    for (int i = 1; i <= net.size(); ++i) {
      auto const& n = net.at(i);
      device_forward_args<T> a;
      a.how = how;
      a.images = images;
      a.tables = tables_.data();
      a.parameters = parameters_.data() + n.parameters;
      a.state = state_.data() + n.state;
      a.x = activation(n.from);
      if (n.shortcut >= 0) a.shortcut = activation(n.shortcut);
      a.y = activation(i);
      if (how == mode::train) a.saved = saved_.data() + n.saved;
      a.scratch = scratch_.data();
      layer(i).forward(on, a);
    }
  }

  /// From dlogits() to gradient(), which is overwritten.
  void backward(exec::device const& on, network_type const& net, int images) {
    nn::for_each_value(on, nn::set_zero<T>{gradient_.data(), static_cast<int>(gradient_.size())});
    std::fill(written_.begin(), written_.end(), char{});
    auto const first_time = [&](int node) {
      return std::exchange(written_[static_cast<std::size_t>(node)], char{1}) == 0;
    };
    for (int i = net.size(); i >= 1; --i) {
      auto const& n = net.at(i);
      if (n.from == 0 && n.parameter_size == 0) continue;
      device_backward_args<T> a;
      a.images = images;
      a.tables = tables_.data();
      a.parameters = parameters_.data() + n.parameters;
      a.x = activation(n.from);
      a.y = activation(i);
      a.dy = i == net.size() ? dlogits_.data() : derivative(net, i);
      if (n.from > 0) {
        a.dx = derivative(net, n.from);
        a.accumulate_dx = !first_time(n.from);
      }
      if (n.shortcut > 0) {
        a.dshortcut = derivative(net, n.shortcut);
        a.accumulate_dshortcut = !first_time(n.shortcut);
      }
      a.gradient = gradient_.data() + n.parameters;
      a.saved = saved_.data() + n.saved;
      a.scratch = scratch_.data();
      layer(i).backward(on, a);
    }
  }

  /// Logits of a batch in host memory; `state` is updated in training. Valid until the next call.
  tensor_view<T const, lanes> forward_host(network_type const& net, std::span<T const> parameters, std::span<T> state,
                                           std::span<T const> eval_state, mode how, tensor_view<T const, lanes> x) {
    assert(x.row_stride() == lanes && x.block_stride() == static_cast<std::ptrdiff_t>(x.extent().size()) * lanes &&
           x.padded());
    parameters_.upload(parameters);
    state_.upload(eval_state);
    input_.upload({x.data(), packed(x)});
    forward(on_, net, how, x.images());
    on_.wait();
    if (how == mode::train) state_.download(state);
    return logits_on_host(net, x.images());
  }
  void backward_host(network_type const& net, std::span<T const> parameters, tensor_view<T const, lanes> dlogits,
                     std::span<T> gradient) {
    parameters_.upload(parameters);
    dlogits_.upload({dlogits.data(), packed(dlogits)});
    backward(on_, net, dlogits.images());
    on_.wait();
    gradient_.download(gradient);
  }

 private:
  [[nodiscard]] tensor_view<T const, lanes> logits_on_host(network_type const& net, int images) {
    tensor_view<T, lanes> const out(logits_on_host_.storage().data(), net.output(), images);
    arena_.download({out.data(), packed(out)}, offsets_[layers_.size() - 1]);
    return out;
  }
  template <class U>
  [[nodiscard]] static std::size_t packed(tensor_view<U, lanes> x) {
    return static_cast<std::size_t>(x.blocks()) * static_cast<std::size_t>(x.extent().size()) * lanes;
  }
  [[nodiscard]] device_layer<T> const& layer(int i) const { return *layers_[static_cast<std::size_t>(i - 1)]; }
  [[nodiscard]] T* activation(int i) const {
    return i == 0 ? input_.data() : arena_.data() + offsets_[static_cast<std::size_t>(i - 1)];
  }
  [[nodiscard]] T* derivative(network_type const& net, int i) const {
    return arena_.data() + offsets_[static_cast<std::size_t>(net.size() + i - 1)];
  }

  exec::device on_;
  int images_;
  mode mode_;
  std::vector<std::shared_ptr<device_layer<T> const>> layers_;
  std::vector<std::size_t> offsets_;  ///< in the arena: activations of nodes 1 .. n, derivatives of nodes 1 .. n-1
  exec::memory<int> tables_;
  exec::memory<T> arena_, scratch_, input_, parameters_, state_, saved_, gradient_, dlogits_;
  tensor<T, lanes> logits_on_host_;
  std::vector<char> written_;
};

}  // namespace papillon::nn
