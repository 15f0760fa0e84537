// SPDX-License-Identifier: MIT
/// \file run.hpp
/// Runs a network: `forward` from images to logits, `backward` from the derivative of the logits to the gradient of all
/// parameters. Steps run one after another in the order of the schedule; threads share the work inside a step, and in
/// evaluation under `omp` a thread takes a block of images through the whole network.
#pragma once

#include <algorithm>
#include <concepts>
#include <span>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/nn/run/run_merged.hpp>
#include <papillon/nn/run/run_on_device.hpp>
#include <papillon/nn/run/workspace.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {

template <class E, class T, int L>
tensor_view<T const, L> run_forward(E e, network<T, L> const& net, std::span<T const> parameters, std::span<T> state,
                                    std::span<T const> eval_state, mode how, tensor_view<T const, L> x,
                                    workspace<T, L>& ws) {
  check_batch(net, how, x, ws);
  if (!std::same_as<E, exec::omp> && ws.steps(how).merged())
    throw error(errc::usage,
                "network: another policy in a workspace for exec::omp (its layers are merged) plan it with the policy "
                "that runs");
  ws.input() = x;
  schedule const& steps = ws.steps(how);
  if constexpr (std::same_as<E, exec::omp>)
    if (steps.merged() && how == mode::eval) return evaluate_merged<T, L>(net, parameters, eval_state, x, ws);
  if (steps.merged()) pack_weights<T, L>(net, parameters, ws);
  for (int t = 0; t < steps.size(); ++t) {
    step const& s = steps.at(t);
    if constexpr (std::same_as<E, exec::omp>)
      if (s.convolution) {
        forward_merged<T, L>(net, parameters, state, t, x, ws);
        continue;
      }
    auto const& n = net.at(s.first);
    forward_args<T, L> a;
    a.how = how;
    a.threads = ws.threads();
    a.parameters = parameters.subspan(n.parameters, n.parameter_size);
    if (how == mode::train) {
      a.state = state.subspan(n.state, n.state_size);
      a.saved = ws.saved().subspan(n.saved, n.layer.saved_size());
    }
    a.eval_state = eval_state.subspan(n.state, n.state_size);
    a.x = output_of<T, L>(ws, steps, s.from, x);
    if (s.shortcut >= 0) a.shortcut = output_of<T, L>(ws, steps, s.shortcut, x);
    a.y = ws.value(t, x.images());
    a.scratch = ws.scratch();
    n.layer.forward(e, a);
  }
  return ws.value(steps.size() - 1, x.images());
}

}  // namespace detail

/// Logits of a batch x (extent net.input()); valid until the workspace runs again. In mode::train batch norm uses the
/// batch's statistics and updates the running ones in w.state, and x and w must stay as they are until `backward` is
/// done.
template <exec::policy E, class T, int L>
tensor_view<T const, L> forward(E e, network<T, L> const& net, weights<T>& w, mode how, tensor_view<T const, L> x,
                                workspace<T, L>& ws) {
  return detail::run_forward<E, T, L>(e, net, w.parameters, w.state, w.state, how, x, ws);
}

/// The same in evaluation, with constant values.
template <exec::policy E, class T, int L>
tensor_view<T const, L> forward(E e, network<T, L> const& net, weights<T> const& w, tensor_view<T const, L> x,
                                workspace<T, L>& ws) {
  return detail::run_forward<E, T, L>(e, net, w.parameters, {}, w.state, mode::eval, x, ws);
}

/// gradient (parameter_count() values, overwritten) = derivative of the loss whose derivative with respect to the
/// logits of the last forward pass, run in mode::train, is dlogits.
template <exec::policy E, class T, int L>
void backward(E e, network<T, L> const& net, weights<T> const& w, tensor_view<T const, L> dlogits, workspace<T, L>& ws,
              std::span<T> gradient) {
  int const images = dlogits.images();
  std::fill(gradient.begin(), gradient.end(), T{});
  std::span<char> const written = ws.written();
  std::fill(written.begin(), written.end(), char{});
  schedule const& steps = ws.steps(mode::train);
  auto const derivative = [&](int node) { return ws.derivative(steps.index_of(node), images); };
  for (int t = steps.size() - 1; t >= 0; --t) {
    step const& s = steps.at(t);
    if constexpr (std::same_as<E, exec::omp>)
      if (s.convolution) {
        detail::backward_merged<T, L>(net, t, images, t + 1 == steps.size() ? dlogits : tensor_view<T const, L>{}, ws,
                                      gradient);
        continue;
      }
    auto const& n = net.at(s.first);
    if (s.from == 0 && n.parameter_size == 0) continue;
    backward_args<T, L> a;
    a.threads = ws.threads();
    a.parameters = std::span<T const>(w.parameters).subspan(n.parameters, n.parameter_size);
    a.x = detail::output_of<T, L>(ws, steps, s.from, ws.input());
    a.y = ws.value(t, images);
    a.dy = t + 1 == steps.size() ? dlogits : tensor_view<T const, L>(ws.derivative(t, images));
    if (s.from > 0) {
      a.dx = derivative(s.from);
      a.accumulate_dx = std::exchange(written[static_cast<std::size_t>(s.from)], char{1}) != 0;
    }
    if (s.shortcut > 0) {
      a.dshortcut = derivative(s.shortcut);
      a.accumulate_dshortcut = std::exchange(written[static_cast<std::size_t>(s.shortcut)], char{1}) != 0;
    }
    a.gradient = gradient.subspan(n.parameters, n.parameter_size);
    a.saved = ws.saved().subspan(n.saved, n.layer.saved_size());
    a.scratch = ws.scratch();
    n.layer.backward(e, a);
  }
}

}  // namespace papillon::nn
