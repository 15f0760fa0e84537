// SPDX-License-Identifier: MIT
/// Which layers become one step, what is never stored, and that merged networks of odd wiring agree with the reference.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

template <int L> using net_of = nn::network<double, L>;

nn::conv2d<dense> convolution(shape in, int outputs, int stride = 1) {
  return {dense(outputs, in.channels * 9), nn::convolution_geometry{in, outputs, 3, stride, 1}};
}

/// Two residual blocks; the first with a projection, whose norm nobody applies but the sum.
template <int L> net_of<L> residual() {
  net_of<L> net({3, 7, 5});
  shape const small{4, 4, 3};
  int at = net.add("conv1", convolution({3, 7, 5}, 4), 0);
  at = net.add("bn1", nn::batch_norm({4, 7, 5}, {.relu = true}), at);
  int const block = at;
  at = net.add("a.conv1", convolution({4, 7, 5}, 4, 2), block);
  at = net.add("a.bn1", nn::batch_norm(small, {.relu = true}), at);
  int const second = net.add("a.conv2", convolution(small, 4), at);
  int shortcut = net.add("a.down", nn::conv2d<dense>(dense(4, 4), {{4, 7, 5}, 4, 1, 2, 0}), block);
  shortcut = net.add("a.down_bn", nn::batch_norm(small), shortcut);
  at = net.add("a.bn2", nn::batch_norm(small, {.relu = true}), second, shortcut);
  int const identity = at;
  at = net.add("b.conv1", convolution(small, 4), identity);
  at = net.add("b.bn1", nn::batch_norm(small, {.relu = true}), at);
  at = net.add("b.conv2", convolution(small, 4), at);
  at = net.add("b.bn2", nn::batch_norm(small, {.relu = true}), at, identity);
  at = net.add("pool", nn::global_average_pool(small), at);
  net.add("fc", nn::linear<dense>(dense(3, 4)), at);
  return net;
}

/// A shortcut that the convolution itself reads, a convolution with two readers, one without a norm, a norm after a
/// ReLU, one with two convolutions as readers, and a network that ends with a norm.
template <int L> net_of<L> odd() {
  shape const s{4, 5, 6};
  net_of<L> net(s);
  int const a = net.add("a", convolution(s, 4), 0);
  int const b = net.add("b", nn::batch_norm(s), a, 0);
  int const c = net.add("c", convolution(s, 4), b);
  int const d = net.add("d", nn::batch_norm(s, {.relu = true}), c, b);
  int const e = net.add("e", convolution(s, 4), d);
  int const f = net.add("f", nn::relu(s), e);
  int const g = net.add("g", nn::batch_norm(s), f, e);
  int const h = net.add("h", convolution(s, 4), g);
  int const i = net.add("i", nn::batch_norm(s, {.relu = true}), h);
  int const j = net.add("j", convolution(s, 4), i);
  int const k = net.add("k", convolution(s, 4), i);
  int const l = net.add("l", nn::batch_norm(s), j);
  int const m = net.add("m", nn::batch_norm(s, {.relu = true}), k, l);
  int const n = net.add("n", convolution(s, 2), m);
  net.add("o", nn::batch_norm({2, 5, 6}), n);
  return net;
}

/// Nothing in it works by rows.
template <int L> net_of<L> vectors() {
  net_of<L> net({7, 1, 1});
  net.add("hidden", nn::linear<dense>(dense(9, 7)));
  net.add("relu", nn::relu({9, 1, 1}));
  net.add("fc", nn::linear<dense>(dense(3, 9)));
  return net;
}

struct result {
  std::vector<double> output, gradient, state, evaluated;
};

template <int L, class E> result train_and_evaluate(E e, net_of<L> const& net, int images) {
  nn::weights<double> w{test::noise<double>(net.parameter_count(), 1), std::vector<double>(net.state_count(), 0.5)};
  auto const x = test::noise_tensor<double, L>(net.input(), images, 2);
  auto const d = test::noise_tensor<double, L>(net.output(), images, 3);
  nn::runner run(e, net, images + 1, nn::mode::train);
  result r;
  r.gradient.assign(net.parameter_count(), std::nan(""));
  r.output.resize(static_cast<std::size_t>(net.output().size()) * static_cast<std::size_t>(images));
  r.evaluated = r.output;
  relayout<double, L>(run.forward(w, nn::mode::train, x), r.output);
  run.backward(w, d, r.gradient);
  r.state = w.state;
  relayout<double, L>(run.forward(std::as_const(w), x), r.evaluated);
  nn::runner only_evaluates(e, net, images + 1, nn::mode::eval);
  std::vector<double> again(r.evaluated.size());
  relayout<double, L>(only_evaluates.forward(std::as_const(w), x), again);
  CHECK(again == r.evaluated);
  return r;
}

template <int L> void compare(net_of<L> const& net, int images) {
  INFO(images << " images, " << L << " lanes");
  result const a = train_and_evaluate<L>(exec::seq{}, net, images),
               b = train_and_evaluate<L>(exec::omp{2}, net, images);
  CHECK(test::largest_difference<double>(a.output, b.output) < 1e-11);
  CHECK(test::largest_difference<double>(a.gradient, b.gradient) < 1e-9);
  CHECK(test::largest_difference<double>(a.state, b.state) < 1e-12);
  CHECK(test::largest_difference<double>(a.evaluated, b.evaluated) < 1e-11);
  result const one = train_and_evaluate<L>(exec::omp{1}, net, images);
  CHECK(one.gradient == b.gradient);
  CHECK(one.evaluated == b.evaluated);
}

}  // namespace

TEST_CASE("without merging every layer is a step that stores its output") {
  auto const net = residual<4>();
  nn::step_list const steps(net, false, true);
  CHECK(steps.size() == net.size());
  for (nn::step const& s : steps.steps()) CHECK((s.first == s.last && s.stored && !s.rows && !s.norm && !s.deferred));
}

TEST_CASE("a convolution and its norm are one step; a norm that only a convolution reads is never in memory") {
  auto const net = residual<4>();
  nn::step_list const steps(net, true, true);
  CHECK(steps.size() == 8);  // 6 convolutions with norms, the pool, the linear layer
  auto const named = [&](std::string const& name) {
    for (nn::step const& s : steps.steps())
      if (net.at(s.last).name == name) return s;
    FAIL("no step ends with " << name);
    return nn::step{};
  };
  CHECK((named("a.bn1").deferred && !named("a.bn1").stored));
  CHECK((named("b.bn1").deferred && !named("b.bn1").stored));
  CHECK((named("bn1").deferred && named("bn1").stored));  // the shortcut reads it too
  CHECK((!named("a.down_bn").deferred && !named("b.bn2").deferred));
  CHECK((named("a.bn2").shared_derivative && named("b.bn2").shared_derivative));
}

TEST_CASE("norms that only a convolution reads are never in memory") {
  shape const s{2, 20, 20};
  net_of<4> net(s);
  for (int block = 0; block < 4; ++block) {
    net.add("conv", convolution(s, 2));
    net.add("bn", nn::batch_norm(s, {.relu = true}));
  }
  net.add("fc", nn::conv2d<dense>(dense(1, 800), {s, 1, 20, 1, 0}));
  nn::runner const merged(exec::omp{1}, net, 64, nn::mode::train);
  nn::runner const apart(exec::seq{}, net, 64, nn::mode::train);
  // All four norms are deferred to the convolution that follows; what they leave free, threads' scratch may use by
  // half.
  CHECK(merged.bytes() + 2 * sizeof(double) * static_cast<std::size_t>(64 * s.size()) < apart.bytes());
}

TEST_CASE("networks under omp agree with the reference, whatever the wiring, batch and lanes; threads change no bit") {
  for (int images : {1, 5, 17}) {
    compare<4>(residual<4>(), images);
    compare<4>(odd<4>(), images);
    compare<4>(vectors<4>(), images);
    compare<native_lanes<double>>(odd<native_lanes<double>>(), images);
  }
}
