// SPDX-License-Identifier: MIT
/// \file layers.hpp
/// What layers and networks give under a policy, written once for all policies and compared with exec::seq, whose
/// layers are the written-out loops. Buffers are NaN beforehand, so that what is not written shows; padding lanes have
/// to come out zero.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <papillon/exec/context.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/sgd.hpp>

#include "policies/networks.hpp"
#include "support/noise.hpp"

namespace papillon::test {

/// Sums of up to n = 1,000 numbers of size 1, in another order or with products fused, differ by about sqrt(n) = 30
/// roundings, at most by n; a missing term would be a thousandth.
inline constexpr double rounding = 200 * std::numeric_limits<scalar>::epsilon();

/// Whether all differences are within a tolerance of the largest number (or of 1).
inline bool close(std::vector<scalar> const& got, std::vector<scalar> const& want, double tolerance = rounding) {
  double largest = 1;
  for (scalar const v : want) largest = std::max(largest, static_cast<double>(std::abs(v)));
  auto const difference = static_cast<double>(largest_difference<scalar>(got, want));
  if (!(difference <= tolerance * largest)) UNSCOPED_INFO("differs by " << difference << " of " << largest);
  return difference <= tolerance * largest;
}

/// Values where a context runs, NaN or copies of the host's.
template <class T, exec::policy E> exec::memory<T> unwritten(exec::context<E> const& where, std::size_t size) {
  auto m = where.template make<T>(size);
  m.upload(std::vector<T>(size, std::numeric_limits<T>::quiet_NaN()));
  return m;
}
template <class T, exec::policy E> exec::memory<T> copied(exec::context<E> const& where, std::vector<T> const& values) {
  auto m = where.template make<T>(values.size());
  m.upload(values);
  return m;
}
template <class T> std::vector<T> read(exec::memory<T> const& m) {
  std::vector<T> values(m.size());
  m.download(values);
  return values;
}

/// A packed tensor of a number of images, where a context runs.
template <class T> class values_on {
 public:
  template <exec::policy E>
  values_on(exec::context<E> const& where, shape extent, int images)
      : values_(unwritten<T>(where, tensor<T, lanes>(extent, images).storage().size())), extent_(extent),
        images_(images) {}
  template <exec::policy E>
  values_on(exec::context<E> const& where, tensor<T, lanes> const& t) : values_on(where, t.extent(), t.images()) {
    values_.upload(t.storage());
  }

  [[nodiscard]] T* data() const { return values_.data(); }
  [[nodiscard]] tensor_view<T, lanes> view() const { return {values_.data(), extent_, images_}; }
  [[nodiscard]] tensor_view<T const, lanes> cview() const { return view(); }
  /// Images x values; checks that padding lanes are zero.
  [[nodiscard]] std::vector<T> read() const {
    tensor<T, lanes> t(extent_, images_);
    values_.download(t.storage());
    T padding{};
    for (int n = images_; n < t.cview().blocks() * lanes; ++n)
      for (int r = 0; r < extent_.size(); ++r) padding += std::abs(t.cview().block(n / lanes)[r * lanes + n % lanes]);
    CHECK(padding == 0);
    std::vector<T> v(static_cast<std::size_t>(extent_.size() * images_));
    relayout<T, lanes>(t.cview(), v);
    return v;
  }

 private:
  exec::memory<T> values_;
  shape extent_;
  int images_;
};

struct layer_outcome {
  std::vector<scalar> eval, train, dx, dshortcut, gradient, state;
  friend bool operator==(layer_outcome const&, layer_outcome const&) = default;
};

/// A layer forward in both modes, and backward; with `accumulate` derivatives are added to what is there.
template <exec::policy E> layer_outcome run_layer(E e, layer_case const& c, int images, bool accumulate) {
  auto const& layer = c.layer;
  exec::context<E> const where(e);
  auto const& at = where.place();
  std::size_t states = 0;
  for (auto const& s : layer.state()) states += s.size;
  auto const tables = copied(where, layer.tables());
  auto const parameters = copied(where, c.parameters),
             gradient = copied(where, std::vector<scalar>(c.parameters.size(), 0.25)),
             state = copied(where, std::vector<scalar>(states, 0.5)),
             saved = unwritten<scalar>(where, layer.saved_size()),
             scratch = unwritten<scalar>(where, layer.scratch_size(at, images, nn::mode::train));
  values_on<scalar> const x(where, noise_tensor<scalar, lanes>(layer.input(), images, 2)),
      shortcut(where, noise_tensor<scalar, lanes>(layer.output(), images, 3)),
      dy(where, noise_tensor<scalar, lanes>(layer.output(), images, 4));
  layer_outcome o;
  for (nn::mode const how : {nn::mode::eval, nn::mode::train}) {
    values_on<scalar> const y(where, layer.output(), images);
    nn::forward_args<scalar, lanes> a;
    a.how = how;
    a.parameters = parameters.view();
    if (how == nn::mode::train) a.state = state.view();
    a.eval_state = state.view();
    a.x = x.cview();
    if (c.shortcut) a.shortcut = shortcut.cview();
    a.y = y.view();
    if (how == nn::mode::train) a.saved = saved.view();
    a.scratch = scratch.view();
    a.tables = tables.view();
    layer.forward(at, a);
    (how == nn::mode::eval ? o.eval : o.train) = y.read();
    if (how == nn::mode::eval) continue;
    auto const derivative = [&](shape extent) {
      return accumulate ? values_on<scalar>(where, noise_tensor<scalar, lanes>(extent, images, 5))
                        : values_on<scalar>(where, extent, images);
    };
    values_on<scalar> const dx = derivative(layer.input()), dshortcut = derivative(layer.output());
    nn::backward_args<scalar, lanes> b;
    b.parameters = parameters.view();
    b.x = x.cview();
    b.y = y.cview();
    b.dy = dy.cview();
    b.dx = dx.view();
    if (c.shortcut) b.dshortcut = dshortcut.view();
    b.accumulate_dx = b.accumulate_dshortcut = accumulate;
    b.gradient = gradient.view();
    b.saved = saved.view();
    b.scratch = scratch.view();
    b.tables = tables.view();
    layer.backward(at, b);
    o.dx = dx.read();
    if (c.shortcut) o.dshortcut = dshortcut.read();
  }
  o.gradient = read(gradient);
  o.state = read(state);
  return o;
}

inline void check_close(layer_outcome const& got, layer_outcome const& want) {
  CHECK(close(got.eval, want.eval));
  CHECK(close(got.train, want.train));
  CHECK(close(got.dx, want.dx));
  CHECK(close(got.dshortcut, want.dshortcut));
  CHECK(close(got.gradient, want.gradient));
  CHECK(close(got.state, want.state));
}

/// The gradient of each image of a batch, parameter by parameter: for each image, as the reference forms it, that of a
/// batch of one.
template <exec::policy E> std::vector<scalar> image_gradients(E e, network_case const& c, int images) {
  exec::context<E> const where(e);
  network const& net = c.net;
  nn::runner run(where, net, images, nn::mode::train);
  auto const parameters = copied(where, c.initial.parameters), state = copied(where, c.initial.state);
  values_on<scalar> const x(where, noise_tensor<scalar, lanes>(net.input(), images, 2)),
      dlogits(where, noise_tensor<scalar, lanes>(net.output(), images, 3)),
      rows(where, tensor<scalar, lanes>({static_cast<int>(net.parameter_count()), 1, 1}, images));
  run.launch_forward(where.place(), parameters.view(), state.view(), nn::mode::train, x.cview());
  run.launch_backward(where.place(), parameters.view(), dlogits.cview(), rows.view());
  return rows.read();
}

/// Every layer under a policy gives what it gives under `seq`.
template <exec::policy E> void check_layers(E e, std::initializer_list<int> batches) {
  for (layer_case const& c : layer_cases())
    for (int const images : batches)
      for (bool const accumulate : {false, true}) {
        INFO(c.name << ", " << images << " images, " << (accumulate ? "derivatives added" : "derivatives written"));
        check_close(run_layer(e, c, images, accumulate), run_layer(exec::seq{}, c, images, accumulate));
      }
}

struct network_outcome {
  std::vector<scalar> eval, losses, gradient, parameters, state;
  friend bool operator==(network_outcome const&, network_outcome const&) = default;
};

/// A training of a few steps of SGD on one batch, as a user writes it, then an evaluation, all by one runner.
template <exec::policy E> network_outcome train_network(E e, network_case const& c, int images, int steps) {
  network const& net = c.net;
  auto w = c.initial;
  nn::runner run(e, net, images, nn::mode::train);
  auto const x = noise_tensor<scalar, lanes>(net.input(), images, 2);
  std::vector<std::uint8_t> labels;
  for (int n = 0; n < images; ++n) labels.push_back(static_cast<std::uint8_t>(n * 7 % net.output().size()));
  tensor<scalar, lanes> dlogits(net.output(), images);
  network_outcome o{{}, {}, std::vector<scalar>(net.parameter_count()), {}, {}};
  std::vector<scalar> velocity(net.parameter_count());
  for (int step = 0; step < steps; ++step) {
    auto const logits = run.forward(w, nn::mode::train, x);
    o.losses.push_back(nn::cross_entropy(exec::seq{}, logits, std::span<std::uint8_t const>(labels), dlogits.view()));
    run.backward(w, dlogits, o.gradient);
    train::sgd_step(exec::seq{}, {.momentum = 0.9, .weight_decay = 0.001}, 0.02, std::span<scalar const>(o.gradient),
        std::span(velocity), std::span(w.parameters));
  }
  o.eval.resize(static_cast<std::size_t>(net.output().size() * images));
  relayout<scalar, lanes>(run.forward(std::as_const(w), x), o.eval);
  for (std::size_t i = 0; i < c.mask.size(); ++i)
    if (c.mask[i] == 0) REQUIRE(w.parameters[i] == 0);
  o.parameters = std::move(w.parameters);
  o.state = std::move(w.state);
  return o;
}

/// Rounding grows on its way through eight batch norms, which divide by deviations down to a tenth, and from step to
/// step: a thousand times what a layer has leaves room for three of them on end. In float an activation may also fall
/// on the other side of zero, which lets a derivative of one pixel of one image through or not.
inline constexpr double rounding_of_networks = exec::cuda_available ? 1e-2 : 1000 * rounding;

inline void check_close(network_outcome const& got, network_outcome const& want) {
  double const tolerance = rounding_of_networks;
  CHECK(close(got.losses, want.losses, tolerance));
  CHECK(close(got.gradient, want.gradient, tolerance));
  CHECK(close(got.parameters, want.parameters, tolerance));
  CHECK(close(got.state, want.state, tolerance));
  CHECK(close(got.eval, want.eval, tolerance));
}

}  // namespace papillon::test
