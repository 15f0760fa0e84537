// SPDX-License-Identifier: MIT
/// \file convolution_plan.hpp
/// Convolution under `omp`: for training and for evaluation the algorithm that the geometry asks for and allows
/// (winograd_convolution.hpp for dense 3 x 3 of stride 1, else direct_convolution.hpp), run over all blocks of images.
/// Weight gradients are summed a block at a time, then over the blocks in their order: the same bits on any number of
/// threads.
#pragma once

#include <optional>

#include <papillon/exec/parallel.hpp>
#include <papillon/nn/kernels/direct_convolution.hpp>
#include <papillon/nn/kernels/winograd_convolution.hpp>
#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {

/// Share of nonzeros from which Winograd's algorithm is as fast for a masked weight as its nonzeros alone. In
/// ResNet-20's training on AVX-512, 16 lanes, the two take equal time at 0.25, 0.21 and 0.16 for 16, 32 and 64
/// channels.
inline constexpr double winograd_from_density = 0.2;

/// Whether a weight has nonzeros enough for an algorithm that multiplies it in full.
[[nodiscard]] inline bool multiplied_densely(dense const&) { return true; }
[[nodiscard]] inline bool multiplied_densely(product::masked const& w) {
  return w.support->nnz() >= winograd_from_density * w.storage();
}

}  // namespace detail

/// What a convolution of one geometry and structure prepares once; independent of coefficients and lane count.
class convolution_plan {
 public:
  /// Throws papillon::error (bad_input) unless the structure's shape fits the geometry.
  template <class Structure> convolution_plan(convolution_geometry const& geometry, Structure const& w) : g_(geometry) {
    check_convolution(g_, w.rows(), w.cols());
    if constexpr (std::same_as<Structure, dense> || std::same_as<Structure, product::masked>)
      if (g_.algorithm == convolution_algorithm::winograd && detail::multiplied_densely(w)) plan_winograd(w);
    if (!large_tiles_ && !small_tiles_) direct_.emplace(g_, w);
    of(mode::train, [&](auto const& algorithm) {
      gradient_index_.assign(algorithm.gradient_size(), nowhere);
      algorithm.for_each_gradient([&](std::size_t at, int coefficient) { gradient_index_[at] = coefficient; });
    });
  }

  [[nodiscard]] convolution_geometry const& geometry() const { return g_; }

  /// Scalars that the packed weights take: in training, which evaluates too, of whichever mode takes more.
  [[nodiscard]] std::size_t packed_size(bool training) const {
    return most(
        training, [](auto const& a, bool t) { return a.packed_size(t); });
  }
  /// Scalars of scratch that one block needs.
  [[nodiscard]] std::size_t block_scratch(int lanes, bool training) const {
    return most(
        training, [&](auto const& a, bool t) { return a.block_scratch(lanes, t); });
  }
  /// Scalars of the weight gradient of one block.
  [[nodiscard]] std::size_t gradient_size() const { return gradient_index_.size(); }

  /// Weights as a pass in the mode reads them.
  template <class T> void pack(std::span<T const> coefficients, mode how, T* packed) const {
    of(
        how, [&](auto const& a) { a.pack(coefficients, how == mode::train, packed); });
  }

  /// One block of images, y = W * x.
  template <class T, int L>
  void forward_block(
      mode how, T const* packed, input_rows<T, L> const& x, int block, output_rows<T, L> const& y, T* scratch) const {
    of(
        how, [&](auto const& a) { a.template forward_block<T, L>(packed, x, block, y, scratch); });
  }

  /// All blocks; `partial` has room for gradient_size() scalars a block and block_scratch a thread. `of_images`: see
  /// backward_args::image_gradients.
  template <class T, int L>
  void backward_blocks(exec::omp team, T const* packed, input_rows<T, L> const& x, derivative_rows<T, L> const& dy,
      input_derivative_rows<T, L> const& dx, std::span<T> gradient, tensor_view<T, L> of_images, T* partial) const {
    int const blocks = x.x.blocks();
    T* const work = partial + gradient_size() * static_cast<std::size_t>(blocks);
    exec::parallel_for(team, blocks, [&](int b, int thread) {
      T* const mine = work + block_scratch(L, true) * static_cast<std::size_t>(thread);
      T* const sums = partial + gradient_size() * static_cast<std::size_t>(b);
      T* const rows = of_images.empty() ? nullptr : of_images.block(b);
      of(mode::train, [&](auto const& a) { a.template backward_block<T, L>(packed, x, dy, b, dx, sums, rows, mine); });
      streaming_fence();
    });
    if (of_images.empty()) reduce_gradient(team, blocks, partial, gradient);
  }

  /// Scalars of scratch that `forward` and `backward` need for a number of images and threads.
  [[nodiscard]] std::size_t scratch(int lanes, int images, int threads, bool training) const {
    int const blocks = (images + lanes - 1) / lanes;
    return packed_size(training) + block_scratch(lanes, training) * static_cast<std::size_t>(threads) +
           (training ? gradient_size() * static_cast<std::size_t>(blocks) : 0);
  }

  /// y = W * x.
  template <class T, int L>
  void forward(exec::omp e, mode how, std::span<T const> coefficients, tensor_view<T const, L> x, tensor_view<T, L> y,
      std::span<T> scratch) const {
    bool const training = how == mode::train;
    T* const packed = scratch.data();
    pack(coefficients, how, packed);
    T* const work = packed + packed_size(training);
    exec::parallel_for(e, x.blocks(), [&](int b, int thread) {
      forward_block<T, L>(
          how, packed, {x}, b, {y}, work + block_scratch(L, training) * static_cast<std::size_t>(thread));
    });
  }

  /// dx = W^T * dy (added if `accumulate`; skipped if dx is empty), gradient += dL/dW on the support.
  template <class T, int L>
  void backward(exec::omp e, std::span<T const> coefficients, tensor_view<T const, L> x, tensor_view<T const, L> dy,
      tensor_view<T, L> dx, bool accumulate, std::span<T> gradient, std::span<T> scratch,
      tensor_view<T, L> of_images = {}) const {
    T* const packed = scratch.data();
    pack(coefficients, mode::train, packed);
    backward_blocks<T, L>(e, packed, {x}, {dy}, {dx, accumulate}, gradient, of_images, packed + packed_size(true));
  }

 private:
  template <class Structure> void plan_winograd(Structure const& w) {
    auto const taps = static_cast<std::size_t>(g_.taps());
    auto const columns = column_sources(g_);
    std::vector<int> index(static_cast<std::size_t>(w.rows() * w.cols()));
    std::vector<char> learned(index.size());
    product::for_each_multiplied(w, 0, [&](int row, int col, int i, bool has_gradient) {
      auto const [channel, y, x] = columns[static_cast<std::size_t>(col)];
      auto const at = static_cast<std::size_t>(row * g_.input.channels + channel) * taps +
                      static_cast<std::size_t>(y * g_.kernel + x);
      index[at] = i;
      learned[at] = has_gradient;
    });
    if (winograd_convolution<4>::suits(g_)) large_tiles_.emplace(g_, index, learned);
    if (winograd_convolution<2>::suits(g_)) small_tiles_.emplace(g_, std::move(index), std::move(learned));
  }

  /// Calls f with the algorithm of a mode.
  template <class F> decltype(auto) of(mode how, F&& f) const {
    if (how == mode::train && large_tiles_) return f(*large_tiles_);
    if (small_tiles_) return f(*small_tiles_);
    return f(*direct_);
  }
  template <class F> [[nodiscard]] std::size_t most(bool training, F const& size) const {
    std::size_t const evaluation = of(
        mode::eval, [&](auto const& a) { return size(a, false); });
    return training ? std::max(evaluation, of(mode::train, [&](auto const& a) { return size(a, true); })) : evaluation;
  }

  /// gradient += the blocks' gradients in their order, whatever thread formed them. Overwrites `partial`.
  template <class T> void reduce_gradient(exec::omp team, int blocks, T* partial, std::span<T> gradient) const {
    int const chunks = static_cast<int>((gradient_size() + 1023) / 1024);
    exec::parallel_for(team, chunks, [&](int chunk, int) {
      std::size_t const begin = static_cast<std::size_t>(chunk) * 1024, end = std::min(begin + 1024, gradient_size());
      for (int b = 1; b < blocks; ++b) {
        T const* const from = partial + gradient_size() * static_cast<std::size_t>(b);
        for (std::size_t i = begin; i < end; ++i) partial[i] += from[i];
      }
      for (std::size_t i = begin; i < end; ++i)
        if (gradient_index_[i] != nowhere) gradient[static_cast<std::size_t>(gradient_index_[i])] += partial[i];
    });
  }

  static constexpr int nowhere = -1;

  convolution_geometry g_;
  std::optional<direct_convolution> direct_;
  std::optional<winograd_convolution<4>> large_tiles_;
  std::optional<winograd_convolution<2>> small_tiles_;
  std::vector<int> gradient_index_;  ///< place in a block's gradient -> coefficient, or nowhere
};

}  // namespace papillon::nn
