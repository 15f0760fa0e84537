// SPDX-License-Identifier: MIT
/// Products with one vector and a few, on every way in which lanes can read their inputs, against the plain loops.
#include <catch2/catch.hpp>

#include <algorithm>
#include <complex>
#include <limits>
#include <vector>

#include <papillon/operators/linear_operator.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/runtime_chain.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

template <class T> std::vector<T> numbers(std::size_t n, unsigned seed) {
  if constexpr (product::is_complex<T>) {
    auto const parts = test::noise<typename T::value_type>(2 * n, seed);
    std::vector<T> z(n);
    for (std::size_t i = 0; i < n; ++i) z[i] = {parts[2 * i], parts[2 * i + 1]};
    return z;
  } else {
    return test::noise<T>(n, seed);
  }
}

template <class T, class V> matrix_view<T> columns(V& v, int rows, int n) { return {v.data(), rows, n, 1, rows}; }

template <class T, class S> void check(S const& structure, int n) {
  linear_operator<S, T> const w(structure, numbers<T>(static_cast<std::size_t>(structure.nnz()), 1));
  for (bool const adjoint : {false, true}) {
    int const in = adjoint ? w.rows() : w.cols(), out = adjoint ? w.cols() : w.rows();
    auto const x = numbers<T>(static_cast<std::size_t>(in * n), 2);
    std::vector<T> y(static_cast<std::size_t>(out * n), T(std::numeric_limits<float>::quiet_NaN())), want(y.size());
    w.multiply(exec::omp{2}, adjoint, columns<T const>(x, in, n), columns<T>(y, out, n));
    w.multiply(exec::seq{}, adjoint, columns<T const>(x, in, n), columns<T>(want, out, n));
    product::real_of<T> worst = 0, size = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      worst = std::max(worst, std::abs(y[i] - want[i])), size = std::max(size, std::abs(want[i]));
    INFO(structure.rows() << " x " << structure.cols() << ", " << n << " vectors, adjoint " << adjoint);
    // Sums of at most a few hundred terms, in another order.
    CHECK(worst <= 100 * std::numeric_limits<product::real_of<T>>::epsilon() * size);
  }
}

/// One for each way in which a plan for 16, 8, 4 or 2 lanes deals with a factor.
std::vector<pattern> const patterns{
    {1, 3, 2, 64}, {3, 2, 2, 16},                                              // lanes are neighbours; whole registers
    {2, 5, 3, 20}, {1, 2, 2, 17},                                              // ... and a rest
    {2, 40, 7, 1}, {1, 16, 16, 1}, {3, 19, 2, 1},                              // one input for all lanes
    {1, 12, 3, 4}, {3, 9, 5, 2}, {2, 7, 2, 8},                                 // the same few for all registers
    {2, 11, 3, 3}, {1, 5, 4, 7},                                               // other ones for every register
    {32, 2, 2, 1}, {8, 2, 2, 4}, {16, 1, 1, 3}, {20, 3, 2, 1}, {11, 2, 3, 2},  // several blocks to a register
    {8, 2, 18, 1}, {9, 2, 9, 1}, {21, 1, 33, 1}, {5, 4, 16, 1},                // lanes are terms
    {16, 2, 9, 1}, {19, 2, 18, 1}, {9, 4, 18, 1}, {4, 4, 9, 1},                // ... and have a kernel of their own
    {1, 8, 5, 2}, {2, 32, 4, 4}, {1, 8, 3, 8}, {4, 8, 8, 2}, {1, 64, 2, 2},    // inputs that repeat every few lanes
    {4, 4, 4, 2}, {8, 2, 4, 2},                                                // several blocks to a register of inputs
    {9, 1, 30, 2}, {10, 3, 20, 1}, {1, 1, 1, 1}, {1, 2, 3, 1}, {40, 1, 1, 1},  // gathered, or fewer rows than lanes
};

}  // namespace

TEMPLATE_TEST_CASE(
    "a few vectors are multiplied like the definition, whatever the factor", "", float, double, std::complex<float>) {
  for (pattern const p : patterns)
    for (int const n : {1, 2, 3, 11}) check<TestType>(runtime_chain({p}), n);
}

TEST_CASE("a mask with rows of any length and a dense matrix take one vector") {
  std::vector<std::uint8_t> keep(37 * 23);
  for (std::size_t i = 0; i < keep.size(); ++i) keep[i] = i / 23 != 5 && (i * i) % (i / 23 + 2) == 1;
  check<float>(csr_mask(37, 23, keep), 1);
  check<double>(csr_mask(37, 23, keep), 3);
  check<float>(csr_mask(20, 30, std::vector<std::uint8_t>(600)), 1);
  check<float>(dense(50, 33), 1);
  check<float>(dense(3, 70), 4);
}

TEMPLATE_TEST_CASE(
    "neighbouring factors of 2 x 2 blocks are multiplied like the definition, wherever they begin and end, "
    "and whether their distances rise or fall",
    "", float, double, std::complex<float>, std::complex<double>) {
  auto const all = make_dyadic_butterfly(9);
  std::vector<pattern> const factors(all.factors().begin(), all.factors().end());
  for (auto begin = factors.begin(); begin != factors.end(); ++begin)
    for (auto end = begin + 1; end <= factors.end(); ++end) check<TestType>(runtime_chain({begin, end}), 1);
  for (int const n : {2, 3, 11}) check<TestType>(all, n);
  check<TestType>(make_dyadic_butterfly(4), 1);
  // Three, or odd numbers, of a power of two; a factor of another kind between.
  check<TestType>(
      runtime_chain({{3, 2, 2, 32}, {6, 2, 2, 16}, {12, 2, 2, 8}, {24, 2, 2, 4}, {48, 2, 2, 2}, {96, 2, 2, 1}}), 1);
  check<TestType>(runtime_chain({{1, 2, 2, 48}, {2, 2, 2, 24}, {4, 2, 2, 12}, {8, 2, 2, 6}, {16, 2, 2, 3}}), 1);
  check<TestType>(runtime_chain({{1, 2, 2, 64}, {2, 2, 2, 32}, {16, 8, 8, 1}, {2, 2, 2, 32}, {4, 2, 2, 16}}), 1);
}

TEST_CASE("a butterfly of 4,096 takes a few passes, which read every weight once") {
  auto const all = make_dyadic_butterfly(12);
  for (bool const falling : {false, true})
    for (int const lanes : {2, 4, 8, 16}) {
      std::vector<pattern> applied(all.factors().begin(), all.factors().end());
      if (!falling) std::reverse(applied.begin(), applied.end());
      auto const passes = product::make_butterfly_passes(applied, lanes, 3);
      int factors = 0;
      for (auto const& pass : passes) {
        std::vector<int> const index =
            product::butterfly_weight_index(pass, lanes, [&](int level, int i, int j, int k, int l) {
              pattern const p = applied[static_cast<std::size_t>(factors + level)];
              return level * p.nnz() + p.weight(i, j, k, l);
            });
        std::vector<int> sorted = index;
        std::sort(sorted.begin(), sorted.end());
        CHECK(sorted.size() == static_cast<std::size_t>(pass.factors * 8192));
        CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
        CHECK(pass.tiles * pass.registers() * lanes == 4096);
        factors += pass.factors;
      }
      CHECK(factors == 12);
      CHECK(passes.size() <= 4);
    }
}

TEST_CASE("an infinite or undefined input reaches only the outputs that read it") {
  for (pattern const p : patterns) {
    linear_operator<runtime_chain, float> const w(
        runtime_chain({p}), std::vector<float>(static_cast<std::size_t>(p.nnz()), 1.0f));
    std::vector<float> x(static_cast<std::size_t>(p.cols()), 1.0f), y(static_cast<std::size_t>(p.rows()));
    x.back() = std::numeric_limits<float>::infinity();
    apply(exec::omp{}, w, x, y);
    std::vector<float> want(y.size(), static_cast<float>(p.c));
    for (int j = 0; j < p.b; ++j) want[static_cast<std::size_t>(p.row(p.a - 1, j, p.d - 1))] = x.back();
    CHECK(y == want);
  }
}

TEST_CASE("parts of a product make up the whole of it, each value written once, whatever their number") {
  constexpr int lanes = native_lanes<float>;
  auto const check_parts = [&](auto const& factor) {
    product::vector_plan const plan = product::make_vector_plan(factor, false, 0, lanes);
    std::vector<float> packed;
    auto const coefficients = test::noise<float>(static_cast<std::size_t>(factor.storage()), 1);
    for (int const i : plan.weight_index) packed.push_back(i < 0 ? 0.0f : coefficients[static_cast<std::size_t>(i)]);
    std::size_t const room = static_cast<std::size_t>(plan.inputs + lanes);
    std::vector<float> x = test::noise<float>(2 * room, 2);
    for (int m : {0, 1}) std::fill_n(x.begin() + m * static_cast<int>(room) + plan.inputs, lanes, 0.0f);
    auto const product = [&](int parts) {
      std::vector<float> y(2 * static_cast<std::size_t>(plan.outputs), 0.0f);
      for (int p = parts - 1; p >= 0; --p)
        product::multiply_vectors<lanes, 2, float>(
            plan, packed.data(), {x.data(), static_cast<std::ptrdiff_t>(room)}, {y.data(), plan.outputs}, p, parts);
      return y;
    };
    auto const whole = product(1);
    for (int const parts : {2, 3, 7}) CHECK(product(parts) == whole);
  };
  for (pattern const p : patterns) check_parts(p);
  check_parts(pattern{2, 64, 8, 1});
  check_parts(csr_mask(70, 9, std::vector<std::uint8_t>(630, 1)));
}

TEST_CASE("large chains are shared out among threads and give the same bits as one") {
  for (runtime_chain const& structure :
      {runtime_chain({{1, 2, 2, 8192}, {2, 64, 64, 128}, {128, 128, 128, 1}}), make_dyadic_butterfly(14),
          // longer and shorter again, block by block
          runtime_chain({{16, 32, 64, 16}, {16, 64, 16, 16}, {16, 16, 48, 16}, {16, 768, 64, 1}})}) {
    linear_operator<runtime_chain, float> const w(
        structure, test::noise<float>(static_cast<std::size_t>(structure.nnz()), 1));
    auto const x = test::noise<float>(2 * static_cast<std::size_t>(w.cols()), 2);
    std::vector<float> one(2 * static_cast<std::size_t>(w.rows())), many(one.size()), want(one.size());
    // With gaps, so that neither is used in place.
    matrix_view<float const> const in{x.data(), w.cols(), 1, 2, 1};
    auto const to = [&](std::vector<float>& y) { return matrix_view<float>{y.data(), w.rows(), 1, 2, 1}; };
    w.multiply(exec::omp{1}, false, in, to(one));
    w.multiply(exec::seq{}, false, in, to(want));
    float worst = 0, size = 0;
    for (std::size_t i = 0; i < one.size(); ++i)
      worst = std::max(worst, std::abs(one[i] - want[i])), size = std::max(size, std::abs(want[i]));
    CHECK(worst <= 1e-4f * size);
    for (int const threads : {2, 3, 4}) {
      w.multiply(exec::omp{threads}, false, in, to(many));
      CHECK(many == one);
    }
  }
}
