// SPDX-License-Identifier: MIT
/// \file fusion.hpp
/// What a layer can say of itself so that the runner merges it with its neighbours under `omp`. A layer that works row
/// by row (a convolution) offers by_rows<T, L>(): others' maps of channels are then applied while it reads and writes.
/// A layer that is a map of each channel (batch norm) offers channel_map(): y = act(scale x + shift [+ shortcut]), with
/// scale and shift from statistics of the batch in training. Layers that say neither run by themselves.
#pragma once

#include <memory>
#include <span>

#include <papillon/exec/policy.hpp>
#include <papillon/nn/kernels/convolution_rows.hpp>
#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// A layer as the runner drives it row by row; block: of images.
template <class T, int L> class row_layer {
 public:
  virtual ~row_layer() = default;
  /// Scalars that its parameters take as the products want them: packed once a pass, for its mode. Memory for training
  /// does for evaluation.
  [[nodiscard]] virtual std::size_t packed_size(bool training) const = 0;
  virtual void pack(std::span<T const> parameters, mode how, T* packed) const = 0;
  /// Scalars of scratch for a thread, and of gradient for a block of images.
  [[nodiscard]] virtual std::size_t block_scratch(bool training) const = 0;
  [[nodiscard]] virtual std::size_t gradient_size() const = 0;
  /// One block.
  virtual void forward_block(mode how, T const* packed, input_rows<T, L> const& x, int block,
      output_rows<T, L> const& y, T* scratch) const = 0;
  /// All blocks; `work`: gradient_size() scalars a block, then block_scratch a thread. `gradient` is added to, or
  /// `of_images` written (backward_args::image_gradients).
  virtual void backward_blocks(exec::omp team, T const* packed, input_rows<T, L> const& x,
      derivative_rows<T, L> const& dy, input_derivative_rows<T, L> const& dx, std::span<T> gradient,
      tensor_view<T, L> of_images, T* work) const = 0;
};

template <class L, class T, int Lanes> concept works_by_rows = requires(L const& l) {
  { l.template by_rows<T, Lanes>() } -> std::same_as<std::shared_ptr<row_layer<T, Lanes> const>>;
};

template <class L> concept maps_channels = requires(L const& l) {
  { l.channel_map() } -> std::same_as<batch_norm_options const&>;
};

}  // namespace papillon::nn
