// SPDX-License-Identifier: MIT
/// \file run.hpp
/// Runs a network: `forward` from images to logits, `backward` from the derivative of the logits to the gradient of all
/// parameters. Layers run one after another in the order of the list; threads share the work inside a layer.
#pragma once

#include <algorithm>
#include <span>
#include <utility>

#include <papillon/nn/run_on_device.hpp>
#include <papillon/nn/workspace.hpp>

namespace papillon::nn {

namespace detail {

template <class E, class T, int L>
tensor_view<T const, L> run_forward(E e, network<T, L> const& net, std::span<T const> parameters, std::span<T> state,
                                    std::span<T const> eval_state, mode how, tensor_view<T const, L> x, workspace<T, L>& ws) {
  check_batch(net, how, x, ws);
  ws.input() = x;
  auto const activation = [&](int i) -> tensor_view<T const, L> {
    return i == 0 ? x : tensor_view<T const, L>(ws.activation(net, i, x.images()));
  };
  for (int i = 1; i <= net.size(); ++i) {
    auto const& n = net.at(i);
    forward_args<T, L> a;
    a.how = how;
    a.threads = ws.threads();
    a.parameters = parameters.subspan(n.parameters, n.parameter_size);
    if (how == mode::train) {
      a.state = state.subspan(n.state, n.state_size);
      a.saved = ws.saved().subspan(n.saved, n.layer.saved_size());
    }
    a.eval_state = eval_state.subspan(n.state, n.state_size);
    a.x = activation(n.from);
    if (n.shortcut >= 0) a.shortcut = activation(n.shortcut);
    a.y = ws.activation(net, i, x.images());
    a.scratch = ws.scratch();
    n.layer.forward(e, a);
  }
  return activation(net.size());
}

}  // namespace detail

/// Logits of a batch x (extent net.input()); valid until the workspace runs again. In mode::train batch norm uses the
/// batch's statistics and updates the running ones in w.state, and x must stay as it is until `backward` is done.
template <exec::policy E, class T, int L>
tensor_view<T const, L> forward(E e, network<T, L> const& net, weights<T>& w, mode how, tensor_view<T const, L> x, workspace<T, L>& ws) {
  return detail::run_forward<E, T, L>(e, net, w.parameters, w.state, w.state, how, x, ws);
}

/// The same in evaluation, with constant values.
template <exec::policy E, class T, int L>
tensor_view<T const, L> forward(E e, network<T, L> const& net, weights<T> const& w, tensor_view<T const, L> x, workspace<T, L>& ws) {
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
  auto const activation = [&](int i) -> tensor_view<T const, L> {
    return i == 0 ? ws.input() : tensor_view<T const, L>(ws.activation(net, i, images));
  };
  for (int i = net.size(); i >= 1; --i) {
    auto const& n = net.at(i);
    if (n.from == 0 && n.parameter_size == 0) continue;
    backward_args<T, L> a;
    a.threads = ws.threads();
    a.parameters = std::span<T const>(w.parameters).subspan(n.parameters, n.parameter_size);
    a.x = activation(n.from);
    a.y = activation(i);
    a.dy = i == net.size() ? dlogits : tensor_view<T const, L>(ws.derivative(net, i, images));
    if (n.from > 0) {
      a.dx = ws.derivative(net, n.from, images);
      a.accumulate_dx = std::exchange(written[static_cast<std::size_t>(n.from)], char{1}) != 0;
    }
    if (n.shortcut > 0) {
      a.dshortcut = ws.derivative(net, n.shortcut, images);
      a.accumulate_dshortcut = std::exchange(written[static_cast<std::size_t>(n.shortcut)], char{1}) != 0;
    }
    a.gradient = gradient.subspan(n.parameters, n.parameter_size);
    a.saved = ws.saved().subspan(n.saved, n.layer.saved_size());
    a.scratch = ws.scratch();
    n.layer.backward(e, a);
  }
}

}  // namespace papillon::nn
