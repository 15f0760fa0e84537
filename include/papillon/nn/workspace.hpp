// SPDX-License-Identifier: MIT
/// \file workspace.hpp
/// Everything a network needs to run besides its values: activations, their derivatives, saved values, scratch; planned
/// once for a policy, a largest batch and a mode, in one arena in which buffers that never live at the same time share
/// storage. After construction nothing is allocated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/exec/parallel.hpp>
#include <papillon/nn/network.hpp>
#include <papillon/tensor/buffer.hpp>

namespace papillon::nn {

namespace detail {

/// A buffer wanted during steps first .. last, both included.
struct lifetime {
  std::size_t size;
  int first, last;
  std::size_t offset = 0;
};

/// Gives every buffer an offset so that those alive together do not overlap: largest first, at the lowest free place.
/// Returns the arena's size.
inline std::size_t place(std::span<lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t l, std::size_t r) { return buffers[l].size > buffers[r].size; });
  std::size_t total = 0;
  std::vector<lifetime const*> placed;  // by offset
  for (std::size_t i : order) {
    lifetime& b = buffers[i];
    b.offset = 0;
    for (lifetime const* p : placed)
      if (p->first <= b.last && b.first <= p->last && p->offset < b.offset + b.size && b.offset < p->offset + p->size)
        b.offset = p->offset + p->size;
    placed.insert(std::upper_bound(placed.begin(), placed.end(), &b, [](auto* l, auto* r) { return l->offset < r->offset; }), &b);
    total = std::max(total, b.offset + b.size);
  }
  return total;
}

}  // namespace detail

template <class T, int Lanes = exec::native_lanes<T>>
class workspace {
 public:
  /// For batches of up to `images` images. With mode::train it serves both modes, with mode::eval evaluation only.
  template <exec::policy E>
  workspace(E e, network<T, Lanes> const& net, int images, mode m)
      : images_(images), threads_(exec::thread_count(e)), mode_(m), saved_(m == mode::train ? net.saved_count() : 0) {
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
  [[nodiscard]] std::size_t bytes() const { return (arena_.size() + scratch_.size() + saved_.size()) * sizeof(T); }

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

 private:
  int images_, threads_;
  mode mode_;
  buffer<T> saved_, arena_, scratch_;
  std::vector<std::size_t> activations_, derivatives_;
  std::vector<char> written_;
  tensor_view<T const, Lanes> input_;
};

}  // namespace papillon::nn
