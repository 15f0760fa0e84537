// SPDX-License-Identifier: MIT
/// \file run_on_device.hpp
/// nn::forward and nn::backward under the device policies: values, images and gradient are the host's, as for every
/// policy; they are copied to the device and back. Training that keeps them there stands in train/device_training.hpp.
#pragma once

#include <span>
#include <string>

#include <papillon/error.hpp>
#include <papillon/nn/run/workspace.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {

/// Throws papillon::error (usage) unless the workspace serves this batch in this mode.
template <class T, int L>
void check_batch(network<T, L> const& net, mode how, tensor_view<T const, L> x, workspace<T, L> const& ws) {
  if (x.extent() != net.input() || x.images() > ws.max_images() || x.images() < 1)
    throw error(errc::usage, "network: a batch of " + std::to_string(x.images()) + " images of " +
                                 std::to_string(x.extent().size()) + " values does not fit (1 to " +
                                 std::to_string(ws.max_images()) + " images of " + std::to_string(net.input().size()) +
                                 " values are planned) plan a larger workspace");
  if (how == mode::train && ws.planned_for() != mode::train)
    throw error(errc::usage,
                "network: training in a workspace for evaluation (it keeps nothing for the backward pass) "
                "plan it with mode::train");
}

}  // namespace detail

template <exec::device_policy E, class T>
tensor_view<T const, exec::device_lanes> forward(E, network<T, exec::device_lanes> const& net, weights<T>& w, mode how,
                                                 tensor_view<T const, exec::device_lanes> x,
                                                 workspace<T, exec::device_lanes>& ws) {
  detail::check_batch(net, how, x, ws);
  return ws.device().forward_host(net, w.parameters, w.state, w.state, how, x);
}

template <exec::device_policy E, class T>
tensor_view<T const, exec::device_lanes> forward(E, network<T, exec::device_lanes> const& net, weights<T> const& w,
                                                 tensor_view<T const, exec::device_lanes> x,
                                                 workspace<T, exec::device_lanes>& ws) {
  detail::check_batch(net, mode::eval, x, ws);
  return ws.device().forward_host(net, w.parameters, {}, w.state, mode::eval, x);
}

template <exec::device_policy E, class T>
void backward(E, network<T, exec::device_lanes> const& net, weights<T> const& w,
              tensor_view<T const, exec::device_lanes> dlogits, workspace<T, exec::device_lanes>& ws,
              std::span<T> gradient) {
  ws.device().backward_host(net, w.parameters, dlogits, gradient);
}

}  // namespace papillon::nn
