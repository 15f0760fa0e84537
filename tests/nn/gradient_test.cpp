// SPDX-License-Identifier: MIT
/// Every layer's backward pass against central differences in double, by loops and by threads, at odd batch sizes: the
/// derivatives with respect to its parameters, its input and its shortcut, of a random projection of its output.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/channel_bias.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/dropout.hpp>
#include <papillon/nn/layers/gelu.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/group_norm.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/padded_shortcut.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/layers/reshape.hpp>
#include <papillon/nn/layers/self_attention.hpp>
#include <papillon/nn/layers/token_norm.hpp>
#include <papillon/nn/run/any_layer.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int lanes = native_lanes<double>;
using some_layer = nn::any_layer<double, lanes>;

/// A layer with all it reads; `project` is the function whose derivatives are checked.
struct bench {
  some_layer layer;
  int images;
  std::vector<double> parameters, state, saved, scratch;
  tensor<double, lanes> x, shortcut, y, direction;

  bench(some_layer l, int n, bool with_shortcut)
      : layer(std::move(l)), images(n), saved(layer.saved_size()),
        scratch(layer.scratch_size(exec::omp{2}, n, nn::mode::train), std::nan("")),
        x(test::noise_tensor<double, lanes>(layer.input(), n, 1)), y(test::poisoned<double, lanes>(layer.output(), n)),
        direction(test::noise_tensor<double, lanes>(layer.output(), n, 3)) {
    std::size_t count = 0, state_count = 0;
    for (auto const& s : layer.parameters()) count += s.size;
    for (auto const& s : layer.state()) state_count += s.size;
    parameters = test::noise<double>(count, 4);
    state.assign(state_count, 0.5);
    if (with_shortcut) shortcut = test::noise_tensor<double, lanes>(layer.output(), n, 2);
  }

  template <class E> double project(E e) {
    nn::forward_args<double, lanes> a;
    a.how = nn::mode::train;
    a.parameters = parameters;
    a.state = state;
    a.eval_state = state;
    a.x = x.cview();
    if (shortcut.images() > 0) a.shortcut = shortcut.cview();
    a.y = y.view();
    a.saved = saved;
    a.scratch = scratch;
    layer.forward(e, a);
    double sum = 0;
    for (int n = 0; n < images; ++n)
      for (int r = 0; r < layer.output().size(); ++r) sum += y.view().at(n, r) * direction.view().at(n, r);
    return sum;
  }
};

/// Checks some entries of `values` (the function's arguments) against `derivative`.
template <class E>
void check_derivative(
    std::string const& what, bench& b, E e, std::vector<double*> const& values, std::vector<double> const& derivative) {
  double const h = 1e-6;
  std::size_t const stride = values.size() / 20 + 1;
  int checked = 0;
  for (std::size_t i = 0; i < values.size(); i += stride) {
    double const at = *values[i], middle = b.project(e);
    *values[i] = at + h;
    double const up = b.project(e);
    *values[i] = at - h;
    double const down = b.project(e);
    *values[i] = at;
    if (std::abs(up - 2 * middle + down) > 1e-3 * h) continue;  // a ReLU bends here
    INFO(what << " entry " << i);
    CHECK((up - down) / (2 * h) == Approx(derivative[i]).epsilon(1e-5).margin(1e-7));
    ++checked;
  }
  CHECK(checked >= static_cast<int>(std::min<std::size_t>(values.size(), 3)));
}

template <class E>
void check_layer(E e, some_layer const& layer, int images, bool with_shortcut, std::vector<char> const& support) {
  bench b(layer, images, with_shortcut);
  b.project(e);
  std::vector<double> gradient(b.parameters.size(), 0.0);
  auto dx = test::poisoned<double, lanes>(layer.input(), images),
       dshortcut = test::poisoned<double, lanes>(layer.output(), images);
  nn::backward_args<double, lanes> a;
  a.parameters = b.parameters;
  a.x = b.x.cview();
  a.y = b.y.cview();
  a.dy = b.direction.cview();
  a.dx = dx.view();
  if (with_shortcut) a.dshortcut = dshortcut.view();
  a.gradient = gradient;
  a.saved = b.saved;
  a.scratch = b.scratch;
  layer.backward(e, a);

  std::vector<double*> where;
  std::vector<double> want;
  for (std::size_t i = 0; i < b.parameters.size(); ++i) {
    if (i < support.size() && !support[i]) {
      CHECK(gradient[i] == 0);
      continue;
    }
    where.push_back(&b.parameters[i]);
    want.push_back(gradient[i]);
  }
  if (!where.empty()) check_derivative("parameter", b, e, where, want);
  auto const of_tensor = [&](tensor<double, lanes>& t, tensor<double, lanes>& d) {
    where.clear(), want.clear();
    for (int n = 0; n < images; ++n)
      for (int r = 0; r < t.extent().size(); ++r)
        where.push_back(&t.view().at(n, r)), want.push_back(d.view().at(n, r));
  };
  of_tensor(b.x, dx);
  check_derivative("input", b, e, where, want);
  if (with_shortcut) {
    of_tensor(b.shortcut, dshortcut);
    check_derivative("shortcut", b, e, where, want);
  }
  // Asked to add, the layer adds; padding lanes stay zero.
  b.project(e);  // saved values of the unperturbed function again
  std::vector<double> const before(dx.storage().begin(), dx.storage().end());
  a.accumulate_dx = a.accumulate_dshortcut = true;
  layer.backward(e, a);
  double worst = 0, padding = 0;
  for (std::size_t i = 0; i < before.size(); ++i) worst = std::max(worst, std::abs(dx.storage()[i] - 2 * before[i]));
  CHECK(worst < 1e-12);
  for (int n = images; n < b.y.cview().blocks() * lanes; ++n)
    for (int r = 0; r < layer.output().size(); ++r)
      padding += std::abs(b.y.cview().block(n / lanes)[r * lanes + n % lanes]);
  CHECK(padding == 0);
}

void check(some_layer const& layer, bool with_shortcut = false, std::vector<char> const& support = {}) {
  for (int images : {1, 17}) {
    if (images == 1 && !layer.state().empty() && layer.input().pixels() == 1) continue;  // no variance to divide by
    check_layer(exec::seq{}, layer, images, with_shortcut, support);
    check_layer(exec::omp{2}, layer, images, with_shortcut, support);
  }
}

std::vector<std::uint8_t> every(std::size_t n, std::size_t k) {
  std::vector<std::uint8_t> keep(n);
  for (std::size_t i = 0; i < n; ++i) keep[i] = i % k == 1;
  return keep;
}

}  // namespace

TEST_CASE("convolutions of every structure have the right derivatives") {
  nn::convolution_geometry const g{{4, 5, 4}, 6, 3, 2, 1};
  check(nn::conv2d(dense(6, 36), g));
  check(nn::conv2d(runtime_chain({{1, 3, 2, 2}, {2, 2, 18, 1}}), g));
  check(nn::conv2d(chain<pattern{1, 3, 2, 2}, pattern{2, 2, 3, 1}, pattern{1, 6, 36, 1}>{}, g));
  auto const keep = every(6 * 36, 5);
  check(nn::conv2d(csr_mask(6, 36, keep), g), false, {keep.begin(), keep.end()});
}

TEST_CASE("linear layers of every structure have the right derivatives") {
  check(nn::linear(dense(5, 9)));
  check(nn::linear(dense(5, 9), false));
  check(nn::linear(runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}})));
  check(nn::linear(runtime_chain({{1, 2, 2, 4}, {2, 2, 2, 2}, {4, 2, 2, 1}})));
  check(nn::linear(chain<pattern{1, 4, 3, 2}, pattern{2, 3, 5, 1}>{}));
  auto const keep = every(5 * 9, 3);
  std::vector<char> support(keep.begin(), keep.end());
  check(nn::linear(csr_mask(5, 9, keep)), false, support);
}

TEST_CASE("batch norm has the right derivatives, with ReLU and with a shortcut") {
  check(nn::batch_norm({3, 2, 3}));
  check(nn::batch_norm({3, 2, 3}, {.relu = true}));
  check(nn::batch_norm({3, 2, 3}, {.relu = true}), true);
  check(nn::batch_norm({2, 1, 1}), true);
}

TEST_CASE("group norm has the right derivatives, with ReLU and with a shortcut") {
  check(nn::group_norm({4, 2, 3}, {.groups = 2}));
  check(nn::group_norm({6, 3, 3}, {.groups = 2, .relu = true}));
  check(nn::group_norm({6, 3, 1}, {.groups = 3, .relu = true}), true);
  check(nn::group_norm({3, 2, 3}, {.groups = 1}));
  check(nn::group_norm({2, 3, 1}, {.groups = 2}), true);
}

TEST_CASE("layers of tokens have the right derivatives") {
  check(nn::token_norm({5, 3, 1}));
  check(nn::channel_bias({3, 4, 1}, 2));
  check(nn::self_attention(4, 3, 2));
  check(nn::self_attention(6, 5, 1));
  check(nn::gelu({3, 4, 1}));
  check(nn::dropout({3, 3, 1}, {}), true);
  check(nn::reshape({3, 4, 1}, {12, 1, 1}));
}

TEST_CASE("layers without parameters have the right derivatives") {
  check(nn::relu({3, 2, 2}));
  check(nn::global_average_pool({3, 4, 2}));
  check(nn::padded_shortcut({3, 5, 4}, 8, 2));
  check(nn::padded_shortcut({2, 3, 3}, 2, 1));
}

TEST_CASE("losses have the right derivatives and values") {
  for (int images : {1, 5, 17}) {
    auto logits = test::noise_tensor<double, lanes>({10, 1, 1}, images, 1);
    std::vector<std::uint8_t> labels(static_cast<std::size_t>(images)), targets(labels);
    for (std::size_t i = 0; i < labels.size(); ++i)
      labels[i] = static_cast<std::uint8_t>(i * 3 % 10), targets[i] = i % 2;
    auto const check_loss = [&](auto const& loss, tensor<double, lanes>& x) {
      auto d = test::poisoned<double, lanes>(x.extent(), images);
      loss(d.view());
      for (int n = 0; n < images; ++n)
        for (int c = 0; c < x.extent().channels; ++c) {
          double const at = x.at(n, c), h = 1e-6;
          x.at(n, c) = at + h;
          double const up = loss({});
          x.at(n, c) = at - h;
          double const down = loss({});
          x.at(n, c) = at;
          CHECK((up - down) / (2 * h) == Approx(d.at(n, c)).margin(1e-8));
        }
      for (int n = images; n < d.cview().blocks() * lanes; ++n) CHECK(d.cview().block(n / lanes)[n % lanes] == 0);
    };
    check_loss(
        [&](tensor_view<double, lanes> d) {
          return nn::cross_entropy(exec::seq{}, logits.cview(), std::span<std::uint8_t const>(labels), d);
        },
        logits);
    auto single = test::noise_tensor<double, lanes>({1, 1, 1}, images, 2);
    check_loss(
        [&](tensor_view<double, lanes> d) {
          return nn::binary_cross_entropy(exec::seq{}, single.cview(), std::span<std::uint8_t const>(targets), d);
        },
        single);
  }
  tensor<double, lanes> huge({1, 1, 1}, 2), d({1, 1, 1}, 2);
  huge.at(0, 0) = 1000, huge.at(1, 0) = -1000;
  std::uint8_t const wrong[] = {0, 1};
  CHECK(nn::binary_cross_entropy(exec::seq{}, huge.cview(), std::span<std::uint8_t const>(wrong), d.view()) ==
        Approx(1000));
  CHECK(d.at(0, 0) == 0.5);
  CHECK(d.at(1, 0) == -0.5);
}
