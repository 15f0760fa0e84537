// SPDX-License-Identifier: MIT
/// The threaded convolution against the reference, for every structure, lane count, stride and odd batch.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <papillon/nn/kernels/convolution_plan.hpp>
#include <papillon/product/masked.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/size.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

/// Forward and backward under both policies; padding lanes of inputs are zero, of results NaN beforehand.
template <int L, class Structure>
void compare(
    nn::convolution_geometry g, Structure const& w, int images, int threads, std::vector<double> weights = {}) {
  INFO("kernel " << g.kernel << " stride " << g.stride << " images " << images << " lanes " << L << " threads "
                 << threads);
  std::size_t const coefficients = papillon::coefficients(w);
  if (weights.empty()) weights = test::noise<double>(coefficients, 1);
  auto const x = test::noise_tensor<double, L>(g.input, images, 2);
  auto const dy = test::noise_tensor<double, L>(g.output(), images, 3);
  auto y = test::poisoned<double, L>(g.output(), images), y2 = y;
  auto dx = test::poisoned<double, L>(g.input, images), dx2 = dx;
  std::vector<double> dw(coefficients, 0.25), dw2 = dw;

  nn::convolution_forward<double, L>(exec::seq{}, g, w, weights, x.cview(), y.view());
  nn::convolution_backward<double, L>(exec::seq{}, g, w, weights, x.cview(), dy.cview(), dx.view(), false, dw);

  nn::convolution_plan const plan(g, w);
  std::vector<double> scratch(plan.scratch(L, images, threads, true), std::nan(""));
  nn::convolution_plan const& p = plan;
  for (nn::mode how : {nn::mode::train, nn::mode::eval}) {
    p.forward<double, L>(exec::omp{threads}, how, weights, x.cview(), y2.view(), scratch);
    CHECK(test::largest_difference<double>(y.storage(), y2.storage()) < 1e-12);
  }
  p.backward<double, L>(exec::omp{threads}, weights, x.cview(), dy.cview(), dx2.view(), false, dw2, scratch);
  CHECK(test::largest_difference<double>(dx.storage(), dx2.storage()) < 1e-12);
  CHECK(test::largest_difference<double>(dw, dw2) < 1e-11);

  // Accumulation adds to what is there, and no derivative with respect to x is formed where none is wanted.
  p.backward<double, L>(exec::omp{threads}, weights, x.cview(), dy.cview(), dx2.view(), true, dw2, scratch);
  for (double& v : dx.storage()) v *= 2;
  CHECK(test::largest_difference<double>(dx.storage(), dx2.storage()) < 1e-12);
  std::vector<double> dw3(coefficients, 0.25);
  p.backward<double, L>(exec::omp{threads}, weights, x.cview(), dy.cview(), {}, false, dw3, scratch);
  CHECK(test::largest_difference<double>(dw, dw3) < 1e-11);
}

template <class Structure> void compare_everywhere(nn::convolution_geometry const& g, Structure const& w) {
  for (int images : {1, 17, 40}) {
    compare<1>(g, w, images, 1);
    compare<native_lanes<double>>(g, w, images, 2);
    compare<16>(g, w, images, 3);
  }
}

}  // namespace

TEST_CASE("dense convolutions of any stride, kernel and padding agree with the reference") {
  struct {
    int kernel, stride, padding, height, width;
  } const cases[] = {{3, 1, 1, 5, 9}, {3, 2, 1, 6, 6}, {3, 2, 1, 5, 7}, {1, 2, 0, 6, 5}, {1, 1, 0, 3, 4},
      {3, 1, 0, 3, 5}, {5, 3, 2, 7, 8}, {2, 2, 1, 4, 4}, {3, 1, 1, 1, 1}, {1, 1, 1, 2, 2}};
  for (auto const& c : cases) {
    nn::convolution_geometry const g{{3, c.height, c.width}, 5, c.kernel, c.stride, c.padding};
    compare_everywhere(g, dense(5, g.columns()));
  }
}

TEST_CASE("dense 3 x 3 convolutions of stride 1 agree with the reference by Winograd's algorithm, and directly") {
  struct {
    int channels, outputs, height, width;
  } const cases[] = {{3, 5, 8, 12}, {5, 3, 4, 4}, {2, 7, 6, 10}, {1, 1, 2, 2}, {9, 4, 12, 8}, {17, 33, 4, 8}};
  for (auto const& c : cases)
    for (auto algorithm : {nn::convolution_algorithm::winograd, nn::convolution_algorithm::direct}) {
      nn::convolution_geometry g{{c.channels, c.height, c.width}, c.outputs};
      g.algorithm = algorithm;
      compare_everywhere(g, dense(c.outputs, g.columns()));
    }
  nn::convolution_geometry g{{4, 8, 8}, 7};
  for (auto order : {nn::unfolding::tap_major, nn::unfolding::shuffled}) {
    g.order = order;
    compare_everywhere(g, dense(7, g.columns()));
  }
}

TEST_CASE("CSR-masked convolutions agree with the reference, empty rows and columns included") {
  for (nn::convolution_geometry const g :
      {nn::convolution_geometry{{4, 5, 6}, 7, 3, 2, 1}, nn::convolution_geometry{{4, 8, 6}, 7}}) {
    std::vector<std::uint8_t> keep(static_cast<std::size_t>(7 * g.columns()));
    for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = i % 5 == 1 && i / 36 != 3;
    csr_mask const mask(7, g.columns(), keep);
    compare_everywhere(g, mask);
    // Coefficients off the support are zero, as training keeps them.
    for (int every : {2, 5}) {
      for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = every == 2 ? i % 7 != 3 : i % 5 == 1;
      csr_mask const support(7, g.columns(), keep);
      auto weights = test::noise<double>(keep.size(), 1);
      for (std::size_t i = 0; i < keep.size(); ++i) weights[i] *= keep[i];
      compare<native_lanes<double>>(g, product::masked{&support}, 17, 2, weights);
      compare<1>(g, product::masked{&support}, 5, 1, weights);
    }
  }
}

TEST_CASE("chains of one to four factors agree with the reference, in every order of the columns") {
  for (auto order : {nn::unfolding::channel_major, nn::unfolding::tap_major})
    for (int stride : {1, 2}) {
      nn::convolution_geometry const g{{4, 6, 5}, 8, 3, stride, 1, order};
      compare_everywhere(g, runtime_chain({{1, 4, 4, 2}, {4, 2, 9, 1}}));
      compare_everywhere(g, runtime_chain({{1, 2, 2, 4}, {2, 2, 2, 2}, {4, 2, 9, 1}}));
      compare_everywhere(g, runtime_chain({{1, 8, 36, 1}}));
      compare_everywhere(g, runtime_chain({{2, 4, 3, 1}, {1, 2, 2, 3}, {1, 3, 2, 2}, {2, 2, 18, 1}}));
      compare<native_lanes<double>>(g, chain<pattern{1, 2, 2, 4}, pattern{2, 2, 2, 2}, pattern{4, 2, 9, 1}>{}, 17, 2);
    }
  for (int stride : {1, 2})
    compare<native_lanes<double>>(
        {{4, 6, 5}, 8, 3, stride, 1, nn::unfolding::shuffled}, runtime_chain({{1, 4, 4, 2}, {4, 2, 9, 1}}), 17, 2);
}

TEST_CASE("a chain's convolution is the dense convolution with its product") {
  runtime_chain const w({{1, 4, 4, 2}, {4, 2, 9, 1}});
  nn::convolution_geometry const g{{4, 6, 5}, 8};
  auto const coefficients = test::noise<double>(static_cast<std::size_t>(w.nnz()), 5);
  std::vector<double> product(static_cast<std::size_t>(8 * g.columns()));
  for (int c = 0; c < g.columns(); ++c) {
    std::vector<double> unit(static_cast<std::size_t>(g.columns()), 0.0);
    unit[static_cast<std::size_t>(c)] = 1;
    auto const column = product::apply_factors<double>(w, coefficients, unit).front();
    for (int r = 0; r < 8; ++r)
      product[static_cast<std::size_t>(r * g.columns() + c)] = column[static_cast<std::size_t>(r)];
  }
  auto const x = test::noise_tensor<double, 4>(g.input, 6, 2);
  tensor<double, 4> y(g.output(), 6), y2(g.output(), 6);
  nn::convolution_forward<double, 4>(exec::seq{}, g, w, coefficients, x.cview(), y.view());
  nn::convolution_forward<double, 4>(exec::seq{}, g, dense(8, g.columns()), product, x.cview(), y2.view());
  CHECK(test::largest_difference<double>(y.storage(), y2.storage()) < 1e-13);
}

TEST_CASE("the order of the columns only says which column of the weight is which") {
  int const rows = 5;
  nn::convolution_geometry g{{4, 5, 6}, rows};
  auto const columns = static_cast<std::size_t>(g.columns());
  auto const weight = test::noise<double>(rows * columns, 5);  // as PyTorch has it
  auto const x = test::noise_tensor<double, 4>(g.input, 6, 2);
  tensor<double, 4> y(g.output(), 6), y2(g.output(), 6);
  nn::convolution_forward<double, 4>(exec::seq{}, g, dense(rows, g.columns()), weight, x.cview(), y.view());
  for (auto order : {nn::unfolding::channel_major, nn::unfolding::tap_major, nn::unfolding::shuffled}) {
    g.order = order;
    auto const places = nn::column_order(order, rows, 4, 9);
    REQUIRE(std::ranges::is_permutation(places, nn::column_order(nn::unfolding::channel_major, rows, 4, 9)));
    std::vector<double> ordered;
    for (std::size_t r = 0; r < rows; ++r)
      for (auto const place : places) ordered.push_back(weight[r * columns + place]);
    nn::convolution_forward<double, 4>(exec::seq{}, g, dense(rows, g.columns()), ordered, x.cview(), y2.view());
    CHECK(test::largest_difference<double>(y.storage(), y2.storage()) < 1e-13);
  }
}

TEST_CASE("the shuffled order is one permutation for every size of weight, on every machine") {
  // Fisher-Yates on words of Philox, computed by another program.
  CHECK(nn::column_order(nn::unfolding::shuffled, 8, 2, 9) ==
        std::vector<std::uint32_t>{15, 9, 6, 11, 12, 8, 16, 0, 2, 10, 7, 3, 17, 14, 4, 1, 13, 5});
  auto const first_nine = [](int outputs, int channels) {
    auto columns = nn::column_order(nn::unfolding::shuffled, outputs, channels, 9);
    columns.resize(9);
    return columns;
  };
  CHECK(first_nine(9, 2) == std::vector<std::uint32_t>{0, 6, 17, 7, 11, 8, 5, 3, 2});
  CHECK(first_nine(16, 16) == std::vector<std::uint32_t>{58, 130, 75, 67, 115, 46, 97, 73, 1});
}

TEST_CASE("one and two threads give the same bits") {
  constexpr int lanes = native_lanes<float>;
  auto const side = GENERATE(8, 9);  // by Winograd's algorithm, and directly
  nn::convolution_geometry const g{{8, side, side}, 12};
  nn::convolution_plan const plan(g, dense(12, g.columns()));
  auto const weights = test::noise<float>(static_cast<std::size_t>(12 * g.columns()), 1);
  auto const x = test::noise_tensor<float, lanes>(g.input, 37, 2);
  auto const dy = test::noise_tensor<float, lanes>(g.output(), 37, 3);
  std::vector<float> results[2];
  for (int threads : {1, 2}) {
    std::vector<float> scratch(plan.scratch(lanes, 37, threads, true)), dw(weights.size());
    tensor<float, lanes> dx(g.input, 37);
    plan.backward<float, lanes>(exec::omp{threads}, weights, x.cview(), dy.cview(), dx.view(), false, dw, scratch);
    results[threads - 1] = dw;
    results[threads - 1].insert(results[threads - 1].end(), dx.storage().begin(), dx.storage().end());
  }
  CHECK(results[0] == results[1]);
}

TEST_CASE("an impossible geometry is refused") {
  CHECK_THROWS_AS(nn::convolution_plan({{3, 2, 2}, 4, 5, 1, 0}, dense(4, 75)), error);
  CHECK_THROWS_AS(nn::convolution_plan({{3, 8, 8}, 4}, dense(4, 26)), error);
}
