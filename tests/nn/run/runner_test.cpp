// SPDX-License-Identifier: MIT
/// A runner runs where it was planned for: no call takes a policy, and forward and backward agree with the reference
/// under every one.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/run/runner.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int lanes = exec::device_lanes;
using network = nn::network<double, lanes>;
using view = tensor_view<double const, lanes>;

template <class E> using runner = nn::runner<E, double, lanes>;

/// Whether a runner planned for P can be told to run under E, in any of the places where a policy could stand.
template <class P, class E>
concept told_where_to_run = requires(runner<P>& run, E e, nn::weights<double>& w, view x, std::span<double> g) {
  run.forward(e, w, nn::mode::train, x);
}
|| requires(runner<P>& run, E e, nn::weights<double>& w, view x) { run.forward(w, nn::mode::train, x, e); }
|| requires(runner<P>& run, E e, nn::weights<double> const& w, view x) { run.forward(e, w, x); }
|| requires(runner<P>& run, E e, nn::weights<double> const& w, view x) { run.forward(w, x, e); }
|| requires(runner<P>& run, E e, nn::weights<double> const& w, view d, std::span<double> g) {
  run.backward(e, w, d, g);
}
|| requires(runner<P>& run, E e, nn::weights<double> const& w, view d, std::span<double> g) {
  run.backward(w, d, g, e);
};

/// What is started rather than run takes a place, which has to be one of the runner's own kind.
template <class P, class E>
concept started_at = requires(runner<P>& run, E e, std::span<double const> w, std::span<double> s, view x) {
  run.launch_forward(e, w, s, nn::mode::train, x);
  run.launch_backward(e, w, x, s);
};

template <class P, class... Es>
constexpr bool runs_only_where_planned = (!told_where_to_run<P, Es> && ...) &&
                                         ((started_at<P, Es> ==
                                             std::same_as<exec::place_of<P>, exec::place_of<Es>>)&&...);
template <class P>
constexpr bool checked =
    runs_only_where_planned<P, exec::seq, exec::omp, exec::emulated, exec::emulated_threads, exec::cuda>;

static_assert(checked<exec::seq> && checked<exec::omp> && checked<exec::emulated> && checked<exec::emulated_threads>);
// The calls themselves are there, or the concepts above would hold of anything.
static_assert(requires(runner<exec::omp> & run, nn::weights<double>& w, view x, std::span<double> g) {
  run.forward(w, nn::mode::train, x);
  run.forward(std::as_const(w), x);
  run.backward(w, x, g);
});
static_assert(std::same_as<exec::place_of<exec::emulated>, exec::place_of<exec::emulated_threads>>);

/// A residual block whose norms are merged, deferred, and applied by the sum.
network make_network() {
  network net({2, 4, 3});
  shape const s{4, 4, 3};
  int const first = net.add("conv1", nn::conv2d(dense(4, 18), {{2, 4, 3}, 4}));
  int const block = net.add("bn1", nn::batch_norm(s, {.relu = true}), first);
  net.add("conv2", nn::conv2d(dense(4, 36), {s, 4}), block);
  net.add("bn2", nn::batch_norm(s, {.relu = true}));
  net.add("conv3", nn::conv2d(dense(4, 36), {s, 4}));
  net.add("bn3", nn::batch_norm(s, {.relu = true}), network::none, block);
  net.add("pool", nn::global_average_pool(s));
  net.add("fc", nn::linear(dense(3, 4)));
  return net;
}

struct outcome {
  std::vector<double> logits, gradient, state, evaluated;
  friend bool operator==(outcome const&, outcome const&) = default;
};

/// Two steps in the same runner, then an evaluation in it.
template <class E> outcome run_network(exec::context<E> const& where, network const& net, int images) {
  auto w = nn::initialise(net, {.seed = 1, .what = random::purpose::initialisation});  // norms that kill no channel
  auto const x = test::noise_tensor<double, lanes>(net.input(), images, 2);
  auto const d = test::noise_tensor<double, lanes>(net.output(), images, 3);
  nn::runner run(where, net, images + 1, nn::mode::train);
  outcome o;
  o.logits.resize(static_cast<std::size_t>(net.output().size() * images));
  o.evaluated = o.logits;
  for (int step = 0; step < 2; ++step) {
    o.gradient.assign(net.parameter_count(), std::nan(""));
    relayout<double, lanes>(run.forward(w, nn::mode::train, x), o.logits);
    run.backward(w, d, o.gradient);
  }
  o.state = w.state;
  relayout<double, lanes>(run.forward(std::as_const(w), x), o.evaluated);
  return o;
}

}  // namespace

TEMPLATE_TEST_CASE("forward and backward in the same runner are the reference's, batch norm's gradients among them", "",
    exec::omp, exec::emulated, exec::emulated_threads) {
  auto const net = make_network();
  for (int const images : {5, 33}) {
    INFO(images << " images");
    outcome const want = run_network<exec::seq>({}, net, images), got = run_network<TestType>({}, net, images);
    // Sums of at most 33 * 12 products of size 1 in another order: 400 roundings of 1e-16, a hundred times that after
    // three norms.
    CHECK(test::largest_difference<double>(got.logits, want.logits) < 1e-11);
    CHECK(test::largest_difference<double>(got.gradient, want.gradient) < 1e-9);
    CHECK(test::largest_difference<double>(got.state, want.state) < 1e-12);
    CHECK(test::largest_difference<double>(got.evaluated, want.evaluated) < 1e-11);
    for (auto const& s : net.parameters()) {
      if (s.kind != nn::slot_kind::norm_weight && s.kind != nn::slot_kind::norm_bias) continue;
      INFO(s.name);  // zero only in channels that ReLU has closed
      auto const first = got.gradient.begin() + static_cast<std::ptrdiff_t>(s.offset);
      CHECK(
          std::any_of(first, first + static_cast<std::ptrdiff_t>(s.size), [](double g) { return std::abs(g) > 1e-6; }));
    }
  }
}

TEST_CASE("runners of one context share it and run by themselves") {
  auto const net = make_network();
  exec::context<exec::emulated> const where;
  outcome const want = run_network(where, net, 5);
  CHECK(run_network(where, net, 5) == want);
  exec::context<exec::omp> const threads(exec::omp{.threads = 2});
  CHECK(run_network(threads, net, 5) == run_network(exec::context<exec::omp>(exec::omp{.threads = 1}), net, 5));
}

TEST_CASE("launches on a device that is not the runner's are refused") {
  exec::context<exec::emulated> const where;
  auto const net = make_network();
  auto const w = nn::initialise(net, {.what = random::purpose::test});
  runner<exec::emulated> run(where, net, 2, nn::mode::train);
  tensor<double, lanes> const x(net.input(), 2);
  std::vector<double> gradient(net.parameter_count());
  auto state = w.state;
  exec::device const other(exec::emulated_threads{});
  CHECK_THROWS_WITH(run.launch_forward(other, w.parameters, state, nn::mode::train, x.cview()),
      Catch::Contains("a device that is not its runner's"));
  auto const logits = run.launch_forward(where.place(), w.parameters, state, nn::mode::train, x.cview());
  CHECK_THROWS_AS(run.launch_backward(other, w.parameters, logits, gradient), error);
}

TEST_CASE("a batch that does not fit is refused, and the runner goes on working") {
  auto const net = make_network();
  nn::weights<double> const w{test::noise<double>(net.parameter_count(), 1), std::vector<double>(net.state_count(), 1)};
  nn::runner run(exec::omp{.threads = 2}, net, 3, nn::mode::eval);
  tensor<double, lanes> const x(net.input(), 3), many(net.input(), 4), none(net.input(), 0), other({2, 3, 4}, 3);
  for (auto const* wrong : {&many, &none, &other})
    CHECK_THROWS_WITH(run.forward(w, *wrong), Catch::Contains("does not fit"));
  CHECK(run.forward(w, x).images() == 3);
}
