// SPDX-License-Identifier: MIT
/// \file workspace.hpp
/// Everything a network needs to run besides its values: activations, their derivatives, saved values, scratch; planned
/// once for a policy, a largest batch and a mode, in one arena in which buffers that never live at the same time share
/// storage. After construction nothing is allocated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/nn/device_workspace.hpp>
#include <papillon/nn/network.hpp>
#include <papillon/nn/place.hpp>
#include <papillon/tensor/buffer.hpp>

namespace papillon::nn {

template <class T, int Lanes = exec::native_lanes<T>>
class workspace {
 public:
  /// For batches of up to `images` images. With mode::train it serves both modes, with mode::eval evaluation only.
  template <exec::policy E>
  workspace(E e, network<T, Lanes> const& net, int images, mode m)
      : images_(images), threads_(exec::thread_count(e)), mode_(m), saved_(m == mode::train ? net.saved_count() : 0) {
    if constexpr (exec::device_policy<E>) {
      static_assert(Lanes == exec::device_lanes, "papillon::nn::workspace: a device policy runs networks of exec::device_lanes lanes");
      device_ = std::make_unique<device_workspace<T>>(e, net, images, m);
      return;
    }
    int const n = net.size();
    std::size_t const blocks = static_cast<std::size_t>((images + Lanes - 1) / Lanes);
    auto const bytes_of = [&](int i) { return static_cast<std::size_t>(net.extent(i).size()) * Lanes * blocks; };
    std::vector<int> last_reader(static_cast<std::size_t>(n) + 1, 0);
    std::size_t scratch = 0;
    for (int i = 1; i <= n; ++i) {
      auto const& node = net.at(i);
      last_reader[static_cast<std::size_t>(node.from)] = i;
      if (node.shortcut >= 0) last_reader[static_cast<std::size_t>(node.shortcut)] = i;
      scratch = std::max(scratch, node.layer.scratch_size(Lanes, images, threads_, m));
    }
    // Steps: node i runs forward at i and backward at 2n + 1 - i.
    std::vector<detail::lifetime> buffers;
    for (int i = 1; i <= n; ++i)
      buffers.push_back({bytes_of(i), i, m == mode::train || i == n ? 2 * n + 1 - i : std::max(i, last_reader[static_cast<std::size_t>(i)])});
    if (m == mode::train)
      for (int i = 1; i < n; ++i)
        buffers.push_back({bytes_of(i), 2 * n + 1 - last_reader[static_cast<std::size_t>(i)], 2 * n + 1 - i});
    arena_.resize(detail::place(buffers));
    for (int i = 1; i <= n; ++i) activations_.push_back(buffers[static_cast<std::size_t>(i - 1)].offset);
    for (std::size_t i = static_cast<std::size_t>(n); i < buffers.size(); ++i) derivatives_.push_back(buffers[i].offset);
    written_.resize(static_cast<std::size_t>(n) + 1);
    scratch_.resize(scratch);
  }

  [[nodiscard]] int max_images() const { return images_; }
  [[nodiscard]] int threads() const { return threads_; }
  [[nodiscard]] mode planned_for() const { return mode_; }
  /// Memory held.
  [[nodiscard]] std::size_t bytes() const { return (device_ ? device_->bytes() : 0) + (arena_.size() + scratch_.size() + saved_.size()) * sizeof(T); }

  /// Output of node i >= 1 for a number of images.
  [[nodiscard]] tensor_view<T, Lanes> activation(network<T, Lanes> const& net, int i, int images) {
    return {arena_.data() + activations_[static_cast<std::size_t>(i - 1)], net.extent(i), images};
  }
  /// Derivative of the loss with respect to the output of node 1 <= i < size().
  [[nodiscard]] tensor_view<T, Lanes> derivative(network<T, Lanes> const& net, int i, int images) {
    return {arena_.data() + derivatives_[static_cast<std::size_t>(i - 1)], net.extent(i), images};
  }
  [[nodiscard]] std::span<T> saved() { return saved_; }
  [[nodiscard]] std::span<T> scratch() { return scratch_; }
  /// Which derivatives the running backward pass has already written; entry 0 is unused.
  [[nodiscard]] std::span<char> written() { return written_; }
  /// The input of the last forward pass, which the backward pass reads again.
  [[nodiscard]] tensor_view<T const, Lanes>& input() { return input_; }
  /// What stands on the device, of a workspace planned for a device policy.
  [[nodiscard]] device_workspace<T>& device() {
    if (!device_) throw error(errc::usage, "network: running on a device in a workspace of the host (it was planned for another policy) plan it for this one");
    return *device_;
  }

 private:
  int images_, threads_;
  mode mode_;
  buffer<T> saved_, arena_, scratch_;
  std::vector<std::size_t> activations_, derivatives_;
  std::vector<char> written_;
  tensor_view<T const, Lanes> input_;
  std::unique_ptr<device_workspace<T>> device_;
};

}  // namespace papillon::nn
