// SPDX-License-Identifier: MIT
// The convolutions of ResNet-20 on 256 images, forward, backward (both gradients) and the weight gradient alone: dense,
// CSR at the densities of the 8th and 16th round of pruning (17.3 % and 3.4 %) and the study's chains, as a network
// runs them. The baseline is the textbook way on the same layout as most libraries': unfold into memory, then one
// product by Eigen. FLOP/s count the operations that the structure needs; bytes/s the images in and out.
#include <context.hpp>
#include <layer_run.hpp>
#include <layer_shapes.hpp>
#include <random_values.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <string>
#include <vector>

#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/structure/smallest_monotone.hpp>

namespace {

using namespace papillon;
using bench::images;
using bench::layer_shape;

double bytes(nn::convolution_geometry const& g) { return 4.0 * images * (g.input.size() + g.output().size()); }

/// In evaluation, or in training, whose algorithm may be another.
template <class Structure>
void forward(benchmark::State& state, nn::convolution_geometry const& g, Structure const& w, nn::mode how) {
  bench::layer_run run({nn::conv2d<Structure>(w, g)}, how);
  for (auto _ : state) {
    run.forward();
    benchmark::ClobberMemory();
  }
  bench::count(state, run.flops(), bytes(g));
}

/// The adjoint and the gradient; a chain forms its intermediates again, which is not counted.
template <class Structure>
void backward(benchmark::State& state, nn::convolution_geometry const& g, Structure const& w) {
  bench::layer_run run({nn::conv2d<Structure>(w, g)}, nn::mode::train);
  for (auto _ : state) {
    run.backward();
    benchmark::ClobberMemory();
  }
  bench::count(state, 2 * run.flops(), 2 * bytes(g));
}

template <class Structure>
void weight_gradient(benchmark::State& state, nn::convolution_geometry const& g, Structure const& w) {
  bench::layer_run run({nn::conv2d<Structure>(w, g)}, nn::mode::train, false, false);
  for (auto _ : state) {
    run.backward();
    benchmark::ClobberMemory();
  }
  bench::count(state, run.flops(), bytes(g));
}

/// One image after another: its patches as columns, then W times them.
void unfold_and_eigen(benchmark::State& state, layer_shape s) {
  auto const g = s.geometry();
  shape const in = g.input, out = g.output();
  auto const x = bench::random_values(static_cast<std::size_t>(images) * static_cast<std::size_t>(in.size()), 1);
  auto const values = bench::random_values(static_cast<std::size_t>(s.out) * static_cast<std::size_t>(g.columns()), 2);
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<matrix const> const w(values.data(), s.out, g.columns());
  std::vector<matrix> y(images, matrix(s.out, out.pixels()));
  int const threads = exec::thread_count(exec::omp{});
  std::vector<matrix> patches(static_cast<std::size_t>(threads), matrix(g.columns(), out.pixels()));
  for (auto _ : state) {
    exec::parallel_for(exec::omp{}, images, [&](int n, int thread) {
      matrix& p = patches[static_cast<std::size_t>(thread)];
      float const* const image = x.data() + static_cast<std::ptrdiff_t>(n) * in.size();
      for (int column = 0; column < g.columns(); ++column) {
        int const c = column / 9, ky = column % 9 / 3, kx = column % 3;
        // Outputs ox for which ix = ox * stride + kx - 1 lies inside the image: begin <= ox < end.
        int const begin = kx == 0 ? 1 : 0, end = std::min(out.width, (in.width - kx) / s.stride + 1);
        float* to = p.row(column).data();
        for (int oy = 0; oy < out.height; ++oy, to += out.width) {
          int const iy = oy * s.stride + ky - 1;
          if (iy < 0 || iy >= in.height) {
            std::fill_n(to, out.width, 0.0f);
            continue;
          }
          float const* const row = image + (c * in.height + iy) * in.width + kx - 1;
          std::fill_n(to, begin, 0.0f);
          if (s.stride == 1) std::copy(row + begin, row + end, to + begin);
          else
            for (int ox = begin; ox < end; ++ox) to[ox] = row[ox * s.stride];
          std::fill(to + end, to + out.width, 0.0f);
        }
      }
      y[static_cast<std::size_t>(n)].noalias() = w * p;
    });
    benchmark::ClobberMemory();
  }
  bench::count(state, 2.0 * images * out.pixels() * static_cast<double>(values.size()), bytes(g));
}

template <class Structure>
void add(layer_shape s, std::string const& name, Structure const& w,
    nn::convolution_algorithm algorithm = nn::convolution_algorithm::winograd) {
  auto g = s.geometry();
  g.algorithm = algorithm;
  auto const add_pass = [&](std::string const& pass, auto f) {
    benchmark::RegisterBenchmark(
        ("convolution/" + pass + "/" + s.name() + "/" + name).c_str(), [=](benchmark::State& state) { f(state, g, w); })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
  };
  auto const forward_in = [](nn::mode how) {
    return [how](benchmark::State& state, nn::convolution_geometry const& of, Structure const& weights) {
      forward(state, of, weights, how);
    };
  };
  add_pass("forward", forward_in(nn::mode::eval));
  add_pass("training_forward", forward_in(nn::mode::train));
  add_pass("backward", backward<Structure>);
  add_pass("weight_gradient", weight_gradient<Structure>);
}

int const registered = [] {
  for (layer_shape const s : bench::layer_shapes) {
    if (s.kernel == 3)
      benchmark::RegisterBenchmark(("convolution/forward/" + s.name() + "/unfold+eigen").c_str(),
          [=](benchmark::State& state) { unfold_and_eigen(state, s); })
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    add(s, "dense", dense(s.out, s.columns()));
    add(s, "direct", dense(s.out, s.columns()), nn::convolution_algorithm::direct);
    add(s, "csr17.3%", bench::random_support(s.out, s.columns(), 0.173));
    add(s, "csr3.4%", bench::random_support(s.out, s.columns(), 0.034));
    if (s.kernel == 1 || s.in == 3) continue;  // never a chain in the study
    add(s, "chain2", make_smallest_monotone(s.out, s.columns(), 2));
    add(s, "chain3", make_smallest_monotone(s.out, s.columns(), 3));
  }
  return 0;
}();

}  // namespace
