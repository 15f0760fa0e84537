// SPDX-License-Identifier: MIT
/// \file layer.hpp
/// What a layer is: a description with fixed input and output shapes that declares what it needs (parameters, running
/// state, values saved for the backward pass, scratch, tables of indices) and owns none of it. Dense, masked and chain
/// layers model the same concept. `runs_on<L, E>` says separately which policies a layer has a backend for.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <papillon/exec/context.hpp>
#include <papillon/tensor/tensor_view.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// Training uses statistics of the batch and saves what the backward pass needs; evaluation does neither.
enum class mode { train, eval };

/// What a slice of the parameters or the state is; decides initialisation and whether pruning may touch it.
enum class slot_kind { convolution, linear, bias, norm_weight, norm_bias, running_mean, running_var, steps };

/// A named slice of the flat parameter (or state) buffer. Names and order are PyTorch's.
struct slot {
  std::string name;  ///< "layer1.0.conv1.weight" in a network, "weight" in a layer
  slot_kind kind = slot_kind::convolution;
  std::vector<std::size_t> dims;
  std::size_t offset = 0;  ///< into the network's buffer
  std::size_t size = 0;    ///< product of dims
  std::size_t fan_in = 0;  ///< inputs summed in one output; sets the range of the initial values
};

/// A slot of the given dimensions; its offset is set by the network.
[[nodiscard]] inline slot make_slot(
    std::string name, slot_kind kind, std::vector<std::size_t> dims, std::size_t fan_in = 0) {
  std::size_t size = 1;
  for (std::size_t d : dims) size *= d;
  return {std::move(name), kind, std::move(dims), 0, size, fan_in};
}

/// What a layer is given forward. Everything lies where the work runs (exec/context.hpp), tensors packed.
template <class T, int L> struct forward_args {
  mode how = mode::eval;
  std::span<T const> parameters;
  std::span<T> state;                   ///< running statistics, written in training; may be empty in evaluation
  std::span<T const> eval_state;        ///< the same, read only
  tensor_view<T const, L> x, shortcut;  ///< shortcut: empty unless the layer has a second input
  tensor_view<T, L> y;
  std::span<T> saved, scratch;
  std::span<int const> tables;  ///< on a device, what the layer's `tables` gave
};

/// What a layer is given backward.
template <class T, int L> struct backward_args {
  std::span<T const> parameters;
  tensor_view<T const, L> x, y, dy;
  tensor_view<T, L> dx, dshortcut;                           ///< empty where no derivative is wanted
  bool accumulate_dx = false, accumulate_dshortcut = false;  ///< add to what is there
  std::span<T> gradient;                                     ///< of the parameters; added to
  /// Unless empty, wanted instead of `gradient`: that of each image's loss, a row a parameter, overwritten. Rows of
  /// parameters outside of the layer's support are left alone.
  tensor_view<T, L> image_gradients;
  std::span<T const> saved;
  std::span<T> scratch;
  std::span<int const> tables;
};

/// A layer may also say, and else has none: `state()`, slots of running statistics; `saved_size()`, scalars kept from
/// forward to backward; `scratch_size(place, lanes, images, mode)`, in scalars; `macs()`, multiply-adds an image,
/// forward; `tables()`, ints that its kernels read; `support()`, which parameters may be other than zero (empty: all).
template <class L> concept layer = std::copyable<L> && requires(L const& l) {
  { l.input() } -> std::same_as<shape>;
  { l.output() } -> std::same_as<shape>;
  { l.parameters() } -> std::same_as<std::vector<slot>>;
};

/// A layer whose images have gradients of their own, independent of the other images, and that forms them when asked
/// to. One with parameters says so by a constant `forms_image_gradients`; under `seq` whatever forms the gradient of a
/// batch of one image does.
template <class L> concept has_image_gradients = requires { requires L::forms_image_gradients; };

/// A layer that has a backend at a place, for scalars T and Lanes images a block.
template <class L, class P, class T, int Lanes>
concept runs_at = layer<L> && exec::place<P> &&(!std::same_as<P, exec::device> || Lanes == exec::device_lanes) &&
                  requires(L const& l, P const& at, forward_args<T, Lanes> const& f, backward_args<T, Lanes> const& b) {
  l.forward(at, f);
  l.backward(at, b);
};

/// A layer that runs under policy E with scalars T and Lanes images a block.
template <class L, class E, class T = float, int Lanes = exec::device_policy<E> ? exec::device_lanes : 1>
concept runs_on = layer<L> && exec::policy<E> &&(!std::same_as<E, exec::omp> || exec::omp_available) &&
                  (!std::same_as<E, exec::cuda> || exec::cuda_available) && runs_at<L, exec::place_of<E>, T, Lanes>;

}  // namespace papillon::nn
