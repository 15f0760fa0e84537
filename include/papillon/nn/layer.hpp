// SPDX-License-Identifier: MIT
/// \file layer.hpp
/// What a layer is: a description with fixed input and output shapes that declares what it needs (parameters, running
/// state, values saved for the backward pass, scratch) and owns none of it. Dense, masked and chain layers model the
/// same concept. `runs_on<L, E>` says separately which policies a layer has a backend for.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <papillon/exec/parallel.hpp>
#include <papillon/tensor/tensor_view.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// Training uses statistics of the batch and saves what the backward pass needs; evaluation does neither.
enum class mode { train, eval };

/// What a slice of the parameters or the state is; decides initialisation and whether pruning may touch it.
enum class slot_kind { convolution, linear, bias, norm_weight, norm_bias, running_mean, running_var };

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
[[nodiscard]] inline slot make_slot(std::string name, slot_kind kind, std::vector<std::size_t> dims,
                                    std::size_t fan_in = 0) {
  std::size_t size = 1;
  for (std::size_t d : dims) size *= d;
  return {std::move(name), kind, std::move(dims), 0, size, fan_in};
}

template <class T, int L>
struct forward_args {
  mode how = mode::eval;
  int threads = 1;  ///< that scratch was planned for
  std::span<T const> parameters;
  std::span<T> state;                   ///< running statistics: written in training; in evaluation see eval_state
  std::span<T const> eval_state;        ///< the same, read only
  tensor_view<T const, L> x, shortcut;  ///< shortcut: empty unless the layer has a second input
  tensor_view<T, L> y;
  std::span<T> saved, scratch;
};

template <class T, int L>
struct backward_args {
  int threads = 1;
  std::span<T const> parameters;
  tensor_view<T const, L> x, y, dy;
  tensor_view<T, L> dx, dshortcut;                           ///< empty where no derivative is wanted
  bool accumulate_dx = false, accumulate_dshortcut = false;  ///< add to what is there
  std::span<T> gradient;                                     ///< of the parameters; added to
  std::span<T const> saved;
  std::span<T> scratch;
};

template <class L>
concept layer = std::copyable<L> && requires(L const& l, int images, int threads, mode m) {
  { l.input() } -> std::same_as<shape>;
  { l.output() } -> std::same_as<shape>;
  { l.parameters() } -> std::same_as<std::vector<slot>>;
  { l.state() } -> std::same_as<std::vector<slot>>;
  { l.saved_size() } -> std::same_as<std::size_t>;                             // scalars kept from forward to backward
  { l.scratch_size(int{}, images, threads, m) } -> std::same_as<std::size_t>;  // scalars, for a number of lanes
  { l.macs() } -> std::same_as<std::size_t>;                                   // multiply-adds an image, forward
};

template <class T>
class device_layer;  // nn/run/device_layer.hpp

/// A layer that has kernels: on_device gives what launches them, and appends the tables they read.
template <class L, class T>
concept has_kernels = layer<L> && requires(L const& l, std::vector<int>& tables) {
  { l.template on_device<T>(tables) } -> std::same_as<std::shared_ptr<device_layer<T> const>>;
};

/// A layer that runs under policy E with scalars T and Lanes images a block.
template <class L, class E, class T = float, int Lanes = exec::device_policy<E> ? exec::device_lanes : 1>
concept runs_on = layer<L> && exec::policy<E> &&(!std::same_as<E, exec::omp> || exec::omp_available) &&
                  (!std::same_as<E, exec::cuda> || exec::cuda_available) &&
                  ((exec::device_policy<E> && Lanes == exec::device_lanes && has_kernels<L, T>) ||
                   (!exec::device_policy<E> && requires(L const& l, E const& e, forward_args<T, Lanes> const& f,
                                                        backward_args<T, Lanes> const& b) {
                     l.forward(e, f);
                     l.backward(e, b);
                   }));

}  // namespace papillon::nn
