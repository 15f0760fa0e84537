// SPDX-License-Identifier: MIT
/// Products of every structure as kernels under emulation, against the reference in double: forward, adjoint and
/// gradient at 1, 17 and 40 images, in several thread orders.
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include <papillon/exec/memory.hpp>
#include <papillon/nn/kernels/convolution.hpp>
#include <papillon/nn/kernels/structured_product.hpp>
#include <papillon/structure/size.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/structure/support.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

constexpr int L = exec::device_lanes;
using order = exec::emulated::thread_order;

struct outcome {
  std::vector<double> y, dx, gradient;
};

template <class T> std::vector<T> padding_of(tensor<T, L> const& t) {
  std::vector<T> v;
  for (int n = t.images(); n < t.cview().blocks() * L; ++n)
    for (int r = 0; r < t.extent().size(); ++r) v.push_back(t.cview().block(n / L)[r * L + n % L]);
  return v;
}

/// Forward, and backward into a dx that already holds numbers if `accumulate`.
template <class Structure>
outcome run(exec::device const& on, nn::convolution_geometry const& g, Structure const& w,
    std::vector<double> const& parameters, bool bias, int images, bool accumulate) {
  nn::structured_product const product(g, w, bias);
  exec::memory<int> const tables(on, product.tables().size());
  tables.upload(product.tables());
  exec::memory<double> scratch(on, product.scratch(images, true));
  auto const x = test::noise_tensor<double, L>(g.input, images, 2),
             dy = test::noise_tensor<double, L>(g.output(), images, 3);
  auto y = test::poisoned<double, L>(g.output(), images);
  auto dx = accumulate ? test::noise_tensor<double, L>(g.input, images, 4) : test::poisoned<double, L>(g.input, images);
  outcome o{{}, {}, std::vector<double>(parameters.size(), 0.5)};
  nn::forward_args<double, L> f;
  f.parameters = parameters;
  f.x = x;
  f.y = y;
  f.scratch = scratch.view();
  f.tables = tables.view();
  product.forward(on, f);
  nn::backward_args<double, L> b;
  b.parameters = parameters;
  b.x = x;
  b.dy = dy;
  b.dx = dx;
  b.accumulate_dx = accumulate;
  b.gradient = o.gradient;
  b.scratch = scratch.view();
  b.tables = tables.view();
  product.backward(on, b);
  o.y.resize(static_cast<std::size_t>(g.output().size() * images));
  o.dx.resize(static_cast<std::size_t>(g.input.size() * images));
  relayout<double, L>(y.cview(), o.y);
  relayout<double, L>(dx.cview(), o.dx);
  for (auto const* t : {&y, &dx})
    for (double const p : padding_of(*t)) CHECK(p == 0);
  return o;
}

template <class Structure>
outcome reference(nn::convolution_geometry const& g, Structure const& w, std::vector<double> const& parameters,
    bool bias, int images, bool accumulate) {
  auto const x = test::noise_tensor<double, 1>(g.input, images, 2),
             dy = test::noise_tensor<double, 1>(g.output(), images, 3);
  auto y = test::poisoned<double, 1>(g.output(), images);
  auto dx = test::noise_tensor<double, 1>(g.input, images, 4);
  outcome o{{}, {}, std::vector<double>(parameters.size(), 0.5)};
  std::size_t const weights = parameters.size() - (bias ? static_cast<std::size_t>(g.outputs) : 0);
  std::span<double const> const all(parameters);
  std::span<double> const gradient(o.gradient);
  nn::convolution_forward<double, 1>(exec::seq{}, g, w, all.first(weights), x.cview(), y.view());
  nn::convolution_backward<double, 1>(
      exec::seq{}, g, w, all.first(weights), x.cview(), dy.cview(), dx.view(), accumulate, gradient.first(weights));
  for (int n = 0; bias && n < images; ++n)
    for (int r = 0; r < g.outputs; ++r) {
      y.at(n, r) += parameters[weights + static_cast<std::size_t>(r)];
      o.gradient[weights + static_cast<std::size_t>(r)] += dy.at(n, r);
    }
  o.y.resize(static_cast<std::size_t>(g.output().size() * images));
  o.dx.resize(static_cast<std::size_t>(g.input.size() * images));
  relayout<double, 1>(y.cview(), o.y);
  relayout<double, 1>(dx.cview(), o.dx);
  return o;
}

template <class Structure> void check(nn::convolution_geometry const& g, Structure const& w, bool bias = false) {
  std::size_t size = bias ? static_cast<std::size_t>(g.outputs) : 0;
  size += coefficients(w);
  auto parameters = test::noise<double>(size, 1);
  if constexpr (std::is_same_v<Structure, product::masked>) {  // zero off the support
    auto const support = papillon::support(*w.support);
    for (std::size_t i = 0; i < support.size(); ++i)
      if (support[i] == 0) parameters[i] = 0;
  }
  for (int images : {1, 17, 40})
    for (bool accumulate : {false, true}) {
      outcome const want = reference(g, w, parameters, bias, images, accumulate);
      outcome const got = run(exec::emulated{}, g, w, parameters, bias, images, accumulate);
      // Sums of at most some thousands of products of numbers below 1, in another order.
      CHECK(test::largest_difference<double>(got.y, want.y) < 1e-11);
      CHECK(test::largest_difference<double>(got.dx, want.dx) < 1e-11);
      CHECK(test::largest_difference<double>(got.gradient, want.gradient) < 1e-11);
      if (accumulate) continue;
      for (exec::device const& on :
          {exec::device(exec::emulated{order::reverse}), exec::device(exec::emulated{order::shuffled, 3})}) {
        outcome const other = run(on, g, w, parameters, bias, images, accumulate);
        CHECK(other.y == got.y);
        CHECK(other.dx == got.dx);
        CHECK(other.gradient == got.gradient);
      }
    }
}

csr_mask mask_of(int rows, int cols, double density) {
  auto const noise = test::noise<double>(static_cast<std::size_t>(rows * cols), 9);
  std::vector<std::uint8_t> keep;
  for (double const n : noise) keep.push_back(std::abs(n) < density);
  return {rows, cols, keep};
}

}  // namespace

TEST_CASE("dense convolutions as kernels equal the reference") {
  check({{3, 5, 6}, 8}, dense(8, 27));
  check({{3, 5, 4}, 5, 3, 2, 1}, dense(5, 27));
  check({{2, 4, 7}, 10, 1, 2, 0}, dense(10, 2));
  check({{1, 3, 3}, 1, 3, 1, 0}, dense(1, 9));
  check({{2, 6, 5}, 3, 5, 3, 2}, dense(3, 50));
}

TEST_CASE("masked convolutions as kernels equal the reference, sparse and dense enough to multiply in full") {
  for (double const density : {0.1, 0.6, 0.0}) {
    csr_mask const mask = mask_of(6, 27, density);
    check({{3, 4, 6}, 6}, product::masked{&mask});
    check({{3, 5, 5}, 6, 3, 2, 1}, product::masked{&mask});
  }
}

TEST_CASE("chain convolutions as kernels equal the reference, fused or not") {
  check({{2, 3, 5}, 6}, runtime_chain({{1, 3, 2, 2}, {2, 2, 9, 1}}));
  check({{4, 5, 4}, 8, 3, 2, 1}, make_smallest_monotone(8, 36, 3));
  check({{2, 3, 3}, 4, 3, 1, 1, nn::unfolding::tap_major}, make_smallest_monotone(4, 18, 2));
  check({{2, 5, 4}, 4, 3, 2, 1, nn::unfolding::shuffled}, make_smallest_monotone(4, 18, 2));
  check({{1, 2, 2}, 2, 1, 1, 0},
      runtime_chain({{1, 2, 2, 1}, {1, 2, 2, 1}, {1, 2, 2, 1}, {1, 2, 2, 1}, {1, 2, 1, 1}}));  // too long to fuse
  check({{1, 2, 3}, 2, 1, 1, 0}, runtime_chain({{1, 2, 60, 1}, {1, 60, 1, 1}}));               // two pixels fit
  check({{1, 2, 3}, 2, 1, 1, 0}, runtime_chain({{1, 2, 100, 1}, {1, 100, 1, 1}}));             // one fits
  check({{1, 2, 3}, 2, 1, 1, 0}, runtime_chain({{1, 2, 200, 1}, {1, 200, 1, 1}}));             // none
}

TEST_CASE("linear layers as kernels equal the reference") {
  auto const g = [](int rows, int cols) { return nn::convolution_geometry{{cols, 1, 1}, rows, 1, 1, 0}; };
  check(g(10, 7), dense(10, 7), true);
  check(g(1, 1), dense(1, 1), true);
  check(g(8, 10), runtime_chain({{1, 4, 3, 2}, {2, 3, 5, 1}}), true);
  csr_mask const mask = mask_of(5, 12, 0.2);
  check(g(5, 12), product::masked{&mask}, true);
}

TEST_CASE("kernels with real threads give the bits of the loops") {
  nn::convolution_geometry const g{{2, 3, 5}, 6};
  runtime_chain const w({{1, 3, 2, 2}, {2, 2, 9, 1}});
  auto const parameters = test::noise<double>(static_cast<std::size_t>(w.nnz()), 1);
  outcome const loops = run(exec::emulated{}, g, w, parameters, false, 17, false),
                threads = run(exec::emulated_threads{}, g, w, parameters, false, 17, false);
  CHECK(threads.y == loops.y);
  CHECK(threads.dx == loops.dx);
  CHECK(threads.gradient == loops.gradient);
}
