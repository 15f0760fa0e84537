// SPDX-License-Identifier: MIT
/// Winograd's filtering: its transforms against the correlation they stand for, and rounding errors in float against
/// double, which are those of other programs' or smaller.
#include <catch2/catch.hpp>

#include <cmath>
#include <vector>

#include <papillon/nn/kernels/convolution_plan.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

/// One value a register, so that transforms can be written as sums over numbers.
using number = vec<double, 1>;

template <int N> std::array<double, N> values(unsigned seed) {
  auto const all = test::noise<double>(N, seed);
  std::array<double, N> some;
  std::copy_n(all.begin(), N, some.begin());
  return some;
}
template <int From, int To, class Transform>
std::array<double, To> transformed(std::array<double, From> const& from, Transform const& transform) {
  number in[From], out[To];
  for (int i = 0; i < From; ++i) in[i] = number{from[static_cast<std::size_t>(i)]};
  transform(in, out);
  std::array<double, To> to;
  for (int i = 0; i < To; ++i) to[static_cast<std::size_t>(i)] = out[i][0];
  return to;
}
template <std::size_t N> double dot(std::array<double, N> const& a, std::array<double, N> const& b) {
  double sum = 0;
  for (std::size_t i = 0; i < N; ++i) sum += a[i] * b[i];
  return sum;
}

template <int M> void check_transforms() {
  using tile = nn::winograd_tile<M>;
  constexpr int side = tile::side;
  auto const d = values<side>(1);
  auto const g = values<3>(2);
  auto const v = transformed<side, side>(
      d, [](auto const& in, auto& out) { tile::template input<double, 1>(in, out); });
  auto const u = transformed<3, side>(g, [](auto const& in, auto& out) { tile::template weight<double, 1>(in, out); });
  std::array<double, side> products;
  for (std::size_t i = 0; i < side; ++i) products[i] = u[i] * v[i];
  auto const output = [](auto const& in, auto& out) { tile::template output<double, 1>(in, out); };
  auto const y = transformed<side, M>(products, output);
  for (std::size_t i = 0; i < M; ++i)
    CHECK(y[i] == Approx(d[i] * g[0] + d[i + 1] * g[1] + d[i + 2] * g[2]).margin(1e-14));

  // Adjoints: <A^T m, y> = <m, A y> and <G g, m> = <g, G^T m>.
  auto const m = values<side>(3);
  auto const e = values<M>(4);
  auto const spread = transformed<M, side>(
      e, [](auto const& in, auto& out) { tile::template output_adjoint<double, 1>(in, out); });
  auto const folded =
      transformed<side, 3>(m, [](auto const& in, auto& out) { tile::template weight_adjoint<double, 1>(in, out); });
  CHECK(dot(transformed<side, M>(m, output), e) == Approx(dot(m, spread)).margin(1e-14));
  CHECK(dot(u, m) == Approx(dot(g, folded)).margin(1e-14));
}

/// Norm of the difference over the norm.
double relative_error(std::span<float const> found, std::span<double const> expected) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    difference += std::pow(static_cast<double>(found[i]) - expected[i], 2);
    size += std::pow(expected[i], 2);
  }
  return std::sqrt(difference / size);
}

template <class To, class T, int L> tensor<To, L> converted(tensor<T, L> const& from) {
  tensor<To, L> to(from.cview().extent(), from.cview().images());
  std::ranges::transform(from.storage(), to.storage().begin(), [](T v) { return static_cast<To>(v); });
  return to;
}

}  // namespace

TEST_CASE("transforms of both tiles form a correlation, and adjoints are adjoint") {
  check_transforms<2>();
  check_transforms<4>();
}

namespace {

constexpr int lanes = native_lanes<float>;

/// What a layer forms in both modes, of its input, its weights and a derivative.
template <class T> struct outcome {
  tensor<T, lanes> y, evaluated, dx;
  std::vector<T> dw;
};
template <class T>
outcome<T> run(nn::convolution_geometry const& g, std::vector<T> const& weights, tensor<T, lanes> const& x,
    tensor<T, lanes> const& dy) {
  int const images = x.cview().images();
  nn::convolution_plan const plan(g, dense(g.outputs, g.columns()));
  std::vector<T> scratch(plan.scratch(lanes, images, 2, true));
  outcome<T> o{tensor<T, lanes>(g.output(), images), tensor<T, lanes>(g.output(), images),
      tensor<T, lanes>(g.input, images), std::vector<T>(weights.size())};
  std::span<T const> const w(weights);
  plan.template forward<T, lanes>(exec::omp{2}, nn::mode::train, w, x.cview(), o.y.view(), scratch);
  plan.template forward<T, lanes>(exec::omp{2}, nn::mode::eval, w, x.cview(), o.evaluated.view(), scratch);
  plan.template backward<T, lanes>(exec::omp{2}, w, x.cview(), dy.cview(), o.dx.view(), false, o.dw, scratch);
  return o;
}

}  // namespace

TEST_CASE("in float each of ResNet-20's shapes is within 2e-6 of double, either algorithm and mode") {
  using enum nn::convolution_algorithm;
  for (int channels : {16, 32, 64}) {
    int const side = 512 / channels;
    nn::convolution_geometry g{{channels, side, side}, channels};
    // Both precisions start from the same numbers.
    auto const weights = test::noise<float>(static_cast<std::size_t>(channels * g.columns()), 1);
    auto x = test::noise_tensor<float, lanes>(g.input, lanes, 2);
    for (float& v : x.storage()) v = std::abs(v);  // as after ReLU
    auto const dy = test::noise_tensor<float, lanes>(g.output(), lanes, 3);
    g.algorithm = direct;
    auto const exact = run<double>(g, {weights.begin(), weights.end()}, converted<double>(x), converted<double>(dy));
    for (auto algorithm : {direct, winograd}) {
      g.algorithm = algorithm;
      auto const o = run<float>(g, weights, x, dy);
      double const errors[] = {relative_error(o.y.storage(), exact.y.storage()),
          relative_error(o.evaluated.storage(), exact.evaluated.storage()),
          relative_error(o.dx.storage(), exact.dx.storage()), relative_error(o.dw, exact.dw)};
      INFO(channels << " channels, " << (algorithm == direct ? "direct" : "Winograd") << ": forward " << errors[0]
                    << ", evaluation " << errors[1] << ", input " << errors[2] << ", weights " << errors[3]);
      for (double const e : errors) CHECK(e < 2e-6);
      CHECK(errors[1] < 5e-7);  // what attacks measure
      CHECK(errors[0] > 0);
    }
  }
}
