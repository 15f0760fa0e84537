// SPDX-License-Identifier: MIT
/// \file layers.hpp
/// What layers and networks give under a policy, written once for all policies: check_layers(e) and check_networks(e)
/// compare with exec::seq. Buffers are NaN beforehand, so that what is not written shows; padding lanes have to come
/// out zero.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <papillon/exec/memory.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/run/device_layer.hpp>
#include <papillon/nn/run/run.hpp>
#include <papillon/train/sgd.hpp>

#include "policies/networks.hpp"
#include "support/noise.hpp"

namespace papillon::test {

/// Where the tests keep what a policy reads: for a policy of the host in the host's memory.
template <class E>
[[nodiscard]] exec::device device_of(E e) {
  if constexpr (exec::device_policy<E>) return e;
  else return exec::emulated{};
}

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

/// A packed tensor of a number of images, for one policy.
class values_on {
 public:
  values_on(exec::device const& on, shape extent, int images)
      : values_(on, static_cast<std::size_t>(blocks_of(images) * extent.size() * lanes)), extent_(extent),
        images_(images) {}
  values_on(exec::device const& on, tensor<scalar, lanes> const& t) : values_on(on, t.extent(), t.images()) {
    values_.upload({t.storage().data(), values_.size()});
  }

  [[nodiscard]] scalar* data() const { return values_.data(); }
  [[nodiscard]] tensor_view<scalar, lanes> view() const { return {values_.data(), extent_, images_}; }
  [[nodiscard]] tensor_view<scalar const, lanes> cview() const { return view(); }
  /// Images x values; checks that padding lanes are zero.
  [[nodiscard]] std::vector<scalar> read() const {
    tensor<scalar, lanes> t(extent_, images_);
    values_.download({t.storage().data(), values_.size()});
    scalar padding{};
    for (int n = images_; n < blocks_of(images_) * lanes; ++n)
      for (int r = 0; r < extent_.size(); ++r) padding += std::abs(t.cview().block(n / lanes)[r * lanes + n % lanes]);
    CHECK(padding == 0);
    std::vector<scalar> v(static_cast<std::size_t>(extent_.size() * images_));
    relayout<scalar, lanes>(t.cview(), v);
    return v;
  }

 private:
  [[nodiscard]] static int blocks_of(int images) { return exec::blocks_for(images, lanes); }
  exec::memory<scalar> values_;
  shape extent_;
  int images_;
};

struct layer_outcome {
  std::vector<scalar> eval, train, dx, dshortcut, gradient, state;
  friend bool operator==(layer_outcome const&, layer_outcome const&) = default;
};

/// A layer forward in both modes, and backward; with `accumulate` derivatives are added to what is there.
template <class E>
layer_outcome run_layer(E e, layer_case const& c, int images, bool accumulate) {
  auto const& layer = c.layer;
  exec::device const on = device_of(e);
  std::size_t states = 0;
  for (auto const& s : layer.state()) states += s.size;
  std::vector<int> ints;
  std::shared_ptr<nn::device_layer<scalar> const> kernels;
  std::size_t scratch_size = layer.scratch_size(lanes, images, 2, nn::mode::train);
  if constexpr (exec::device_policy<E>) {
    kernels = layer.on_device(ints);
    scratch_size = kernels->scratch_size(images, nn::mode::train);
  }
  exec::memory<int> tables(on, ints.size());
  tables.upload(ints);
  exec::memory<scalar> const parameters(on, c.parameters.size()), gradient(on, c.parameters.size()), state(on, states),
      saved(on, layer.saved_size()), scratch(on, scratch_size);
  parameters.upload(c.parameters);
  gradient.upload(std::vector<scalar>(c.parameters.size(), 0.25));
  state.upload(std::vector<scalar>(states, 0.5));
  values_on const x(on, noise_tensor<scalar, lanes>(layer.input(), images, 2)),
      shortcut(on, noise_tensor<scalar, lanes>(layer.output(), images, 3)),
      dy(on, noise_tensor<scalar, lanes>(layer.output(), images, 4));
  layer_outcome o;
  for (nn::mode const how : {nn::mode::eval, nn::mode::train}) {
    values_on const y(on, layer.output(), images);
    if constexpr (exec::device_policy<E>) {
      nn::device_forward_args<scalar> a{how,
                                        images,
                                        tables.data(),
                                        parameters.data(),
                                        state.data(),
                                        x.data(),
                                        c.shortcut ? shortcut.data() : nullptr,
                                        y.data(),
                                        saved.data(),
                                        scratch.data()};
      kernels->forward(on, a);
    } else {
      layer.forward(e, {how, 2, parameters.view(), state.view(), state.view(), x.cview(),
                        c.shortcut ? shortcut.cview() : tensor_view<scalar const, lanes>{}, y.view(), saved.view(),
                        scratch.view()});
    }
    (how == nn::mode::eval ? o.eval : o.train) = y.read();
    if (how == nn::mode::eval) continue;
    auto const derivative = [&](shape extent) {
      return accumulate ? values_on(on, noise_tensor<scalar, lanes>(extent, images, 5)) : values_on(on, extent, images);
    };
    values_on const dx = derivative(layer.input()), dshortcut = derivative(layer.output());
    if constexpr (exec::device_policy<E>) {
      nn::device_backward_args<scalar> b{
          images,        tables.data(), parameters.data(), x.data(),
          y.data(),      dy.data(),     dx.data(),         c.shortcut ? dshortcut.data() : nullptr,
          accumulate,    accumulate,    gradient.data(),   saved.data(),
          scratch.data()};
      kernels->backward(on, b);
    } else {
      layer.backward(e, {2, parameters.view(), x.cview(), y.cview(), dy.cview(), dx.view(),
                         c.shortcut ? dshortcut.view() : tensor_view<scalar, lanes>{}, accumulate, accumulate,
                         gradient.view(), saved.view(), scratch.view()});
    }
    o.dx = dx.read();
    if (c.shortcut) o.dshortcut = dshortcut.read();
  }
  o.gradient.resize(gradient.size());
  o.state.resize(states);
  gradient.download(o.gradient);
  state.download(o.state);
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

/// Every layer under a policy gives what it gives under `seq`.
template <class E>
void check_layers(E e, std::initializer_list<int> batches) {
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

/// A training of a few steps of SGD on one batch, as a user writes it, then an evaluation.
template <class E>
network_outcome train_network(E e, network_case const& c, int images, int steps) {
  network const& net = c.net;
  auto w = c.initial;
  nn::workspace<scalar, lanes> ws(e, net, images, nn::mode::train);
  auto const x = noise_tensor<scalar, lanes>(net.input(), images, 2);
  std::vector<std::uint8_t> labels;
  for (int n = 0; n < images; ++n) labels.push_back(static_cast<std::uint8_t>(n * 7 % net.output().size()));
  tensor<scalar, lanes> dlogits(net.output(), images);
  network_outcome o{{}, {}, std::vector<scalar>(net.parameter_count()), {}, {}};
  std::vector<scalar> velocity(net.parameter_count());
  for (int step = 0; step < steps; ++step) {
    auto const logits = nn::forward(e, net, w, nn::mode::train, x.cview(), ws);
    o.losses.push_back(nn::cross_entropy(e, logits, std::span<std::uint8_t const>(labels), dlogits.view()));
    nn::backward(e, net, w, dlogits.cview(), ws, std::span(o.gradient));
    train::sgd_step(e, {.momentum = 0.9, .weight_decay = 0.001}, 0.02, std::span<scalar const>(o.gradient),
                    std::span(velocity), std::span(w.parameters));
  }
  o.eval.resize(static_cast<std::size_t>(net.output().size() * images));
  relayout<scalar, lanes>(nn::forward(e, net, std::as_const(w), x.cview(), ws), o.eval);
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
