// SPDX-License-Identifier: MIT
/// \file run_merged.hpp
/// The steps of a merged schedule under `omp` (nn/run/schedule.hpp): a convolution with the batch norm around it,
/// forward and backward in training, and evaluation of a whole network a block of images at a time. Used by
/// nn/run/run.hpp.
#pragma once

#include <cstddef>
#include <span>
#include <tuple>
#include <utility>

#include <papillon/nn/run/workspace.hpp>

namespace papillon::inline PAPILLON_ISA::nn::detail {

/// Output of a node: the network's input, or what its step has stored.
template <class T, int L>
[[nodiscard]] tensor_view<T const, L> output_of(workspace<T, L>& ws, schedule const& steps, int node,
                                                tensor_view<T const, L> x) {
  return node == 0 ? x : tensor_view<T const, L>(ws.value(steps.index_of(node), x.images()));
}

template <class T, int L>
void pack_weights(network<T, L> const& net, std::span<T const> parameters, workspace<T, L>& ws) {
  schedule const& steps = ws.steps(mode::eval);
  exec::parallel_for(exec::omp{ws.threads()}, steps.size(), [&](int t, int) {
    step const& s = steps.at(t);
    if (!s.convolution) return;
    auto const& n = net.at(s.first);
    n.layer.convolution()->pack(parameters.subspan(n.parameters, n.parameter_size), ws.planned_for() == mode::train,
                                ws.packed(s));
  });
}

/// What the convolution of step t reads: a stored output, or a norm's input with the norm still to apply (and, the
/// first time, to keep).
template <class T, int L>
[[nodiscard]] nn::input_rows<T, L> input_of(network<T, L> const& net, int t, bool first_time, tensor_view<T const, L> x,
                                            workspace<T, L>& ws) {
  schedule const& steps = ws.steps(mode::train);
  int const from = steps.at(t).from;
  if (from == 0) return {x};
  int const p = steps.index_of(from);
  step const& source = steps.at(p);
  if (!source.deferred || source.reader != t || (!first_time && source.stored)) return {ws.value(p, x.images())};
  nn::norm_channels<T> const norm = ws.norm(source);
  nn::input_rows<T, L> rows{ws.unnormalised(p, x.images()), norm.scale, norm.shift};
  if (source.shortcut >= 0) rows.shortcut = output_of<T, L>(ws, steps, source.shortcut, x);
  rows.relu = net.at(source.last).layer.norm()->relu;
  if (source.stored) rows.keep = ws.value(p, x.images());
  return rows;
}

/// A convolution, and the statistics of its norm; the norm is applied here unless it is deferred.
template <class T, int L>
void forward_merged(network<T, L> const& net, std::span<T const> parameters, std::span<T> state, int t,
                    tensor_view<T const, L> x, workspace<T, L>& ws) {
  schedule const& steps = ws.steps(mode::train);
  step const& s = steps.at(t);
  nn::convolution_plan const& plan = *net.at(s.first).layer.convolution();
  nn::input_rows<T, L> const in = input_of<T, L>(net, t, true, x, ws);
  tensor_view<T, L> const y = s.norm ? ws.unnormalised(t, x.images()) : ws.value(t, x.images());
  nn::moments* const statistics = s.norm ? ws.moments(s) : nullptr;
  exec::omp const team{ws.threads()};
  exec::parallel_for(team, x.blocks(), [&](int b, int thread) {
    plan.forward_block<T, L>(ws.packed(s), in, b, {y, statistics},
                             ws.scratch().data() + plan.block_scratch(L, true) * static_cast<std::size_t>(thread));
    streaming_fence();
  });
  if (!s.norm) return;
  auto const& n = net.at(s.last);
  nn::batch_norm_options const& options = *n.layer.norm();
  auto const channels = static_cast<std::size_t>(y.extent().channels);
  nn::norm_channels<T> const norm = ws.norm(s);
  for (std::size_t c = 0; c < channels; ++c) {
    nn::moments m;
    for (int b = 0; b < x.blocks(); ++b) m.merge(statistics[static_cast<std::size_t>(b) * channels + c]);
    nn::finish_norm(c, m, options.epsilon, options.momentum, parameters[n.parameters + c],
                    parameters[n.parameters + channels + c], norm, state[n.state + c], state[n.state + channels + c]);
  }
  if (s.deferred) return;
  auto const map = [&](int c) { return std::pair(norm.scale[c], norm.shift[c]); };
  nn::normalise<T, L>(team, map, options.relu, y,
                      s.shortcut < 0 ? tensor_view<T const, L>{} : output_of<T, L>(ws, steps, s.shortcut, x),
                      ws.value(t, x.images()));
}

/// to (+)= from, all lanes.
template <class T, int L>
void pass_on(exec::omp e, tensor_view<T const, L> from, tensor_view<T, L> to, bool accumulate) {
  exec::parallel_for(
      e, from.blocks(),
      [&](int b, int) {
        T const* const v = from.block(b);
        T* const out = to.block(b);
        for (int i = 0; i < from.extent().size() * L; i += L)
          store<L>(out + i, accumulate ? load<L>(out + i) + load<L>(v + i) : load<L>(v + i));
      });
}

/// Derivatives through a convolution and its norm; `dlogits` is empty unless the step is the last.
template <class T, int L>
void backward_merged(network<T, L> const& net, int t, int images, tensor_view<T const, L> dlogits, workspace<T, L>& ws,
                     std::span<T> gradient) {
  schedule const& steps = ws.steps(mode::train);
  step const& s = steps.at(t);
  auto const& conv = net.at(s.first);
  nn::convolution_plan const& plan = *conv.layer.convolution();
  tensor_view<T const, L> const x = ws.input();
  std::span<char> const written = ws.written();
  exec::omp const team{ws.threads()};

  nn::norm_channels<T> norm{};
  nn::derivative_rows<T, L> dy{dlogits};
  if (dlogits.empty()) dy.dy = ws.derivative(t, images);
  if (s.norm) {
    auto const& n = net.at(s.last);
    norm = ws.norm(s);
    nn::norm_sums* const sums = ws.sums(s);
    dy.norm = &norm;
    dy.z = ws.unnormalised(t, images);
    if (!s.deferred)
      nn::norm_backward_sums<T, L>(team, n.layer.norm()->relu, dy.z, ws.value(t, images), ws.derivative(t, images),
                                   norm, sums);
    auto const channels = static_cast<std::size_t>(dy.z.extent().channels);
    double const count = static_cast<double>(images) * dy.z.extent().pixels();
    for (std::size_t c = 0; c < channels; ++c) {
      nn::norm_sums total;
      for (int b = 0; b < x.blocks(); ++b) {
        total.d += sums[static_cast<std::size_t>(b) * channels + c].d;
        total.product += sums[static_cast<std::size_t>(b) * channels + c].product;
      }
      nn::finish_norm_backward(c, total, count, norm, gradient[n.parameters + c],
                               gradient[n.parameters + channels + c]);
    }
    if (s.shortcut > 0) {
      bool const accumulate = std::exchange(written[static_cast<std::size_t>(s.shortcut)], char{1}) != 0;
      if (!s.shared_derivative)
        pass_on<T, L>(team, dy.dy, ws.derivative(steps.index_of(s.shortcut), images), accumulate);
    }
  }

  nn::input_derivative_rows<T, L> dx{};
  nn::norm_channels<T> before{};
  if (s.from > 0) {
    int const p = steps.index_of(s.from);
    step const& source = steps.at(p);
    dx.dx = ws.derivative(p, images);
    dx.accumulate = std::exchange(written[static_cast<std::size_t>(s.from)], char{1}) != 0;
    if (source.deferred && source.reader == t) {
      before = ws.norm(source);
      dx.relu = net.at(source.last).layer.norm()->relu;
      dx.sums = ws.sums(source);
      dx.norm = &before;
      dx.z = ws.unnormalised(p, images);
    }
  }
  plan.backward_blocks<T, L>(team, ws.packed(s), input_of<T, L>(net, t, false, x, ws), dy, dx,
                             gradient.subspan(conv.parameters, conv.parameter_size), ws.scratch().data());
}

/// Logits in evaluation: every thread takes its blocks of images through all steps, in storage of its own.
template <class T, int L>
tensor_view<T const, L> evaluate_merged(network<T, L> const& net, std::span<T const> parameters,
                                        std::span<T const> state, tensor_view<T const, L> x, workspace<T, L>& ws) {
  schedule const& steps = ws.steps(mode::eval);
  pack_weights<T, L>(net, parameters, ws);
  for (step const& s : steps.steps()) {
    if (!s.norm) continue;
    auto const& n = net.at(s.last);
    nn::norm_channels<T> const norm = ws.norm(s);
    auto const channels = static_cast<std::size_t>(n.layer.output().channels);
    for (std::size_t c = 0; c < channels; ++c)
      std::tie(norm.scale[c], norm.shift[c]) =
          nn::evaluation_map(*n.layer.norm(), parameters[n.parameters + c], parameters[n.parameters + channels + c],
                             state[n.state + c], state[n.state + channels + c]);
  }
  tensor_view<T, L> const logits = ws.logits(x.images());
  exec::parallel_for(exec::omp{ws.threads()}, x.blocks(), [&](int b, int thread) {
    int const images = x.images_in(b);
    auto const output = [&](int node) -> tensor_view<T const, L> {
      if (node == 0) return {x.block(b), x.extent(), images};
      return ws.block_value(steps.index_of(node), thread, images);
    };
    for (int t = 0; t < steps.size(); ++t) {
      step const& s = steps.at(t);
      auto const& n = net.at(s.first);
      bool const last = t + 1 == steps.size();
      tensor_view<T, L> const y =
          last ? tensor_view<T, L>(logits.block(b), logits.extent(), images) : ws.block_value(t, thread, images);
      tensor_view<T const, L> const shortcut = s.shortcut < 0 ? tensor_view<T const, L>{} : output(s.shortcut);
      if (s.convolution) {
        nn::output_rows<T, L> to{y};
        if (s.norm) {
          nn::norm_channels<T> const norm = ws.norm(s);
          to.scale = norm.scale;
          to.shift = norm.shift;
          to.shortcut = shortcut;
          to.relu = net.at(s.last).layer.norm()->relu;
        }
        n.layer.convolution()->template forward_block<T, L>(ws.packed(s), {output(s.from)}, 0, to,
                                                            ws.block_scratch(thread).data());
      } else {
        forward_args<T, L> a;
        a.parameters = parameters.subspan(n.parameters, n.parameter_size);
        a.eval_state = state.subspan(n.state, n.state_size);
        a.x = output(s.from);
        a.shortcut = shortcut;
        a.y = y;
        a.scratch = ws.block_scratch(thread);
        n.layer.forward(exec::omp{1}, a);
      }
    }
  });
  return logits;
}

}  // namespace papillon::nn::detail
