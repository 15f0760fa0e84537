// SPDX-License-Identifier: MIT
/// \file merged.hpp
/// The steps of a merged list under `omp` (nn/run/step_list.hpp): a layer that works by rows with the maps of channels
/// around it, forward and backward in training, and evaluation of a whole network a block of images at a time. Used by
/// the runner.
#pragma once

#include <tuple>

#include <papillon/nn/run/run_memory.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn::detail {

/// For a pass in the mode.
template <class T, int L>
void pack_weights(network<T, L> const& net, std::span<T const> parameters, mode how, run_memory<exec::omp, T, L>& m) {
  step_list const& steps = m.steps(mode::eval);
  exec::parallel_for(exec::omp{m.threads()}, static_cast<int>(steps.row_steps().size()), [&](int i, int) {
    step const& s = steps.at(steps.row_steps()[static_cast<std::size_t>(i)]);
    auto const& n = net.at(s.first);
    m.rows(s.first).pack(parameters.subspan(n.parameters, n.parameter_size), how, m.packed(s));
  });
}

/// The norm of a step, with its shortcut.
template <class T, int L>
[[nodiscard]] norm_map<T, L> map_of(network<T, L> const& net, step const& s,
    std::type_identity_t<activations<T const, L>> shortcut, run_memory<exec::omp, T, L>& m) {
  norm_channels<T> const norm = m.norm(s);
  return {norm.scale, norm.shift, shortcut, net.at(s.last).layer.channel_map()->relu};
}

/// What the first layer of step t reads: a stored output, or a norm's input with the norm still to apply (and, the
/// first time, to keep).
template <class T, int L>
[[nodiscard]] input_rows<T, L> input_of(
    network<T, L> const& net, int t, bool first_time, tensor_view<T const, L> x, run_memory<exec::omp, T, L>& m) {
  step_list const& steps = m.steps(mode::train);
  int const from = steps.at(t).from;
  if (from == 0) return {x};
  int const p = steps.index_of(from);
  step const& source = steps.at(p);
  if (!source.deferred || source.reader != t || (!first_time && source.stored)) return {m.value(p, x.images())};
  return {m.unnormalised(p, x.images()), map_of(net, source, m.output(source.shortcut, x), m),
      source.stored ? m.value(p, x.images()) : activations<T, L>{}};
}

/// A layer by rows, and the statistics of its norm; the norm is applied here unless it is deferred.
template <class T, int L>
void forward_merged(network<T, L> const& net, std::span<T const> parameters, std::span<T> state, int t,
    tensor_view<T const, L> x, run_memory<exec::omp, T, L>& m) {
  step_list const& steps = m.steps(mode::train);
  step const& s = steps.at(t);
  row_layer<T, L> const& layer = m.rows(s.first);
  input_rows<T, L> const in = input_of<T, L>(net, t, true, x, m);
  activations<T, L> const y = s.norm ? m.unnormalised(t, x.images()) : m.value(t, x.images());
  moments* const statistics = s.norm ? m.moments(s) : nullptr;
  exec::omp const team{m.threads()};
  exec::parallel_for(team, x.blocks(), [&](int b, int thread) {
    layer.forward_block(mode::train, m.packed(s), in, b, {y, statistics},
        m.scratch().data() + layer.block_scratch(true) * static_cast<std::size_t>(thread));
    streaming_fence();
  });
  if (!s.norm) return;
  auto const& n = net.at(s.last);
  auto const channels = static_cast<std::size_t>(y.extent().channels);
  norm_channels<T> const norm = m.norm(s);
  for (std::size_t c = 0; c < channels; ++c) {
    moments all;
    for (int b = 0; b < x.blocks(); ++b) all.merge(statistics[static_cast<std::size_t>(b) * channels + c]);
    finish_norm(c, all, *n.layer.channel_map(), parameters[n.parameters + c], parameters[n.parameters + channels + c],
        norm, state[n.state + c], state[n.state + channels + c]);
  }
  if (s.deferred) return;
  norm_map<T, L> const map = map_of(net, s, m.output(s.shortcut, x), m);
  activations<T, L> const normalised = m.value(t, x.images());
  exec::parallel_for(team, x.blocks(), [&](int b, int) {
    for (int c = 0; c < y.extent().channels; ++c) {
      auto const to = normalised.row(b, c, 0);
      map.apply(
          y.row(b, c, 0), y.extent().pixels(), b, c, 0, x.images_in(b), [&](int i, vec<T, L>& v) { to.put(i, v); });
    }
  });
}

/// to (+)= from, all lanes.
template <class T, int L>
void pass_on(exec::omp e, derivatives<T const, L> from, derivatives<T, L> to, bool accumulate) {
  exec::parallel_for(
      e, from.blocks(),
      [&](int b, int) {
        auto const v = from.row(b, 0, 0);
        auto const out = to.row(b, 0, 0);
        for (int i = 0; i < from.extent().size(); ++i) {
          vec<T, L> sum = v[i];
          if (accumulate) sum += out[i];
          out.put(i, sum);
        }
      });
}

/// The derivative with respect to a norm's output becomes, in place, that before the activation (zero where y is not
/// positive, with relu); sums[block][channel] receives what the norm's own derivative needs.
template <class T, int L>
void norm_backward_sums(exec::omp e, bool relu, activations<T const, L> x, activations<T const, L> y,
    derivatives<T, L> d, norm_channels<T> const& norm, norm_sums* sums) {
  int const pixels = x.extent().pixels(), channels = x.extent().channels;
  exec::parallel_for(e, x.blocks(), [&](int b, int) {
    for (int c = 0; c < channels; ++c) {
      auto const xb = x.row(b, c, 0), yb = y.row(b, c, 0);
      auto const db = d.row(b, c, 0);
      vec<T, L> const zero{}, m = broadcast<L>(norm.mean[c]);
      vec<T, L> sum{}, product{};
      for (int p = 0; p < pixels; ++p) {
        vec<T, L> v = db[p];
        if (relu) {
          v = yb[p] > zero ? v : zero;
          db.put(p, v);
        }
        sum += v;
        product += v * (xb[p] - m);
      }
      sums[b * channels + c] = {static_cast<double>(horizontal_sum<T, L>(sum)),
          static_cast<double>(horizontal_sum<T, L>(product)) * static_cast<double>(norm.inv_std[c])};
    }
  });
}

/// The part of a network's gradient that is a node's; empty where that is.
template <class Node, class T> [[nodiscard]] std::span<T> gradient_of(Node const& n, std::span<T> all) {
  return all.empty() ? all : all.subspan(n.parameters, n.parameter_size);
}
template <class Node, class T, int L>
[[nodiscard]] tensor_view<T, L> gradients_of_images(Node const& n, tensor_view<T, L> all) {
  if (all.empty() || n.parameter_size == 0) return {};
  return rows_of(all, static_cast<int>(n.parameters), {static_cast<int>(n.parameter_size), 1, 1});
}

/// Derivatives through a layer by rows and its norm; `dlogits` is empty unless the step is the last.
template <class T, int L>
void backward_merged(network<T, L> const& net, int t, int images, tensor_view<T const, L> dlogits,
    run_memory<exec::omp, T, L>& m, std::span<T> gradient, tensor_view<T, L> image_gradients) {
  step_list const& steps = m.steps(mode::train);
  step const& s = steps.at(t);
  auto const& first = net.at(s.first);
  row_layer<T, L> const& layer = m.rows(s.first);
  tensor_view<T const, L> const x = m.input();
  std::span<char> const written = m.written();
  exec::omp const team{m.threads()};

  norm_channels<T> norm{};
  derivative_rows<T, L> dy{dlogits};
  if (dlogits.empty()) dy.dy = m.derivative(t, images);
  if (s.norm) {
    auto const& n = net.at(s.last);
    norm = m.norm(s);
    norm_sums* const sums = m.sums(s);
    dy.norm = &norm;
    dy.z = m.unnormalised(t, images);
    if (!s.deferred)
      norm_backward_sums<T, L>(
          team, n.layer.channel_map()->relu, dy.z, m.value(t, images), m.derivative(t, images), norm, sums);
    auto const channels = static_cast<std::size_t>(dy.z.extent().channels);
    double const count = static_cast<double>(images) * dy.z.extent().pixels();
    for (std::size_t c = 0; c < channels; ++c) {
      norm_sums total;
      for (int b = 0; b < x.blocks(); ++b) {
        total.d += sums[static_cast<std::size_t>(b) * channels + c].d;
        total.product += sums[static_cast<std::size_t>(b) * channels + c].product;
      }
      finish_norm_backward(c, total, count, norm, gradient[n.parameters + c], gradient[n.parameters + channels + c]);
    }
    if (s.shortcut > 0) {
      bool const accumulate = std::exchange(written[static_cast<std::size_t>(s.shortcut)], char{1}) != 0;
      if (!s.shared_derivative)
        pass_on<T, L>(team, dy.dy, m.derivative(steps.index_of(s.shortcut), images), accumulate);
    }
  }

  input_derivative_rows<T, L> dx{};
  norm_channels<T> before{};
  if (s.from > 0) {
    int const p = steps.index_of(s.from);
    step const& source = steps.at(p);
    dx.dx = m.derivative(p, images);
    dx.accumulate = std::exchange(written[static_cast<std::size_t>(s.from)], char{1}) != 0;
    if (source.deferred && source.reader == t) {
      before = m.norm(source);
      dx.relu = net.at(source.last).layer.channel_map()->relu;
      dx.sums = m.sums(source);
      dx.norm = &before;
      dx.z = m.unnormalised(p, images);
    }
  }
  layer.backward_blocks(team, m.packed(s), input_of<T, L>(net, t, false, x, m), dy, dx, gradient_of(first, gradient),
      gradients_of_images(first, image_gradients), m.scratch().data());
}

/// Logits in evaluation: every thread takes its blocks of images through all steps, in storage of its own.
template <class T, int L>
tensor_view<T const, L> evaluate_merged(network<T, L> const& net, std::span<T const> parameters,
    std::span<T const> state, tensor_view<T const, L> x, run_memory<exec::omp, T, L>& m) {
  step_list const& steps = m.steps(mode::eval);
  pack_weights<T, L>(net, parameters, mode::eval, m);
  for (step const& s : steps.steps()) {
    if (!s.norm) continue;
    auto const& n = net.at(s.last);
    norm_channels<T> const norm = m.norm(s);
    auto const channels = static_cast<std::size_t>(n.layer.output().channels);
    for (std::size_t c = 0; c < channels; ++c)
      std::tie(norm.scale[c], norm.shift[c]) = evaluation_map(*n.layer.channel_map(), parameters[n.parameters + c],
          parameters[n.parameters + channels + c], state[n.state + c], state[n.state + channels + c]);
  }
  tensor_view<T, L> const logits = m.logits(x.images());
  exec::parallel_for(exec::omp{m.threads()}, x.blocks(), [&](int b, int thread) {
    int const images = x.images_in(b);
    auto const output = [&](int node) -> tensor_view<T const, L> {
      if (node < 0) return {};
      if (node == 0) return {x.block(b), x.extent(), images};
      return m.block_value(steps.index_of(node), thread, images);
    };
    for (int t = 0; t < steps.size(); ++t) {
      step const& s = steps.at(t);
      auto const& n = net.at(s.first);
      bool const last = t + 1 == steps.size();
      tensor_view<T, L> const y =
          last ? tensor_view<T, L>(logits.block(b), logits.extent(), images) : m.block_value(t, thread, images);
      tensor_view<T const, L> const shortcut = output(s.shortcut);
      if (s.rows) {
        output_rows<T, L> to{y};
        if (s.norm) to.map = map_of(net, s, shortcut, m);
        m.rows(s.first).forward_block(mode::eval, m.packed(s), {output(s.from)}, 0, to, m.block_scratch(thread).data());
      } else {
        forward_args<T, L> a;
        a.parameters = parameters.subspan(n.parameters, n.parameter_size);
        a.eval_state = state.subspan(n.state, n.state_size);
        a.x = output(s.from);
        a.shortcut = shortcut;
        a.y = y;
        a.scratch = m.block_scratch(thread);
        n.layer.forward(exec::omp{1}, a);
      }
    }
  });
  return logits;
}

}  // namespace papillon::nn::detail

#pragma GCC diagnostic pop
