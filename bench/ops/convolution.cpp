// SPDX-License-Identifier: MIT
// A 3x3 convolution of ResNet-20, forward and backward, 64 images: dense, CSR at 17.3 % and the study's chains. The
// baseline is the textbook way on the same layout as most libraries': unfold into memory, then one product by Eigen.
// FLOP/s count the operations that the structure needs; bytes/s the images in and out.
#include <context.hpp>
#include <random_values.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <string>
#include <vector>

#include <papillon/ops/convolution_plan.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/tensor/tensor.hpp>

namespace {

using namespace papillon;
constexpr int images = 64;
constexpr int lanes = exec::native_lanes<float>;

struct layer_shape {
  int in, out, side, stride;
  [[nodiscard]] ops::convolution_geometry geometry() const { return {{in, side, side}, out, 3, stride, 1}; }
  [[nodiscard]] std::string name() const {
    return std::to_string(in) + "->" + std::to_string(out) + "/side:" + std::to_string(side) + "/stride:" + std::to_string(stride);
  }
  [[nodiscard]] double pixels() const { return double(images) * geometry().output().pixels(); }
  [[nodiscard]] double bytes() const { return double(images) * (geometry().input.size() + geometry().output().size()) * 4; }
};
constexpr layer_shape shapes[] = {{16, 16, 32, 1}, {16, 32, 32, 2}, {32, 32, 16, 1}, {32, 64, 16, 2}, {64, 64, 8, 1}};

tensor<float> random_images(shape extent, std::uint64_t item) {
  tensor<float> x(extent, images);
  auto const values = bench::random_values(static_cast<std::size_t>(images) * static_cast<std::size_t>(extent.size()), item);
  relayout<float, lanes>(std::span<float const>(values), x.view());
  return x;
}

template <class Structure>
void forward(benchmark::State& state, layer_shape s, Structure const& w) {
  ops::convolution_plan const plan(s.geometry(), w);
  int const threads = exec::thread_count(exec::omp{});
  auto const x = random_images(s.geometry().input, 1);
  tensor<float> y(s.geometry().output(), images);
  auto const coefficients = bench::random_values(static_cast<std::size_t>(w.nnz()), 2);
  buffer<float> scratch(plan.scratch(lanes, images, threads, false));
  for (auto _ : state) {
    plan.forward<float, lanes>(exec::omp{}, threads, coefficients, x.cview(), y.view(), scratch);
    benchmark::ClobberMemory();
  }
  bench::count(state, 2 * s.pixels() * w.nnz(), s.bytes());
}

template <class Structure>
void backward(benchmark::State& state, layer_shape s, Structure const& w) {
  ops::convolution_plan const plan(s.geometry(), w);
  int const threads = exec::thread_count(exec::omp{});
  auto const x = random_images(s.geometry().input, 1);
  auto const dy = random_images(s.geometry().output(), 3);
  tensor<float> dx(s.geometry().input, images);
  auto const coefficients = bench::random_values(static_cast<std::size_t>(w.nnz()), 2);
  buffer<float> gradient(coefficients.size());
  buffer<float> scratch(plan.scratch(lanes, images, threads, true));
  for (auto _ : state) {
    plan.backward<float, lanes>(exec::omp{}, threads, coefficients, x.cview(), dy.cview(), dx.view(), false, gradient, scratch);
    benchmark::ClobberMemory();
  }
  // The adjoint and the gradient; a chain forms its intermediates again, which is not counted.
  bench::count(state, 4 * s.pixels() * w.nnz(), 2 * s.bytes());
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
          else for (int ox = begin; ox < end; ++ox) to[ox] = row[ox * s.stride];
          std::fill(to + end, to + out.width, 0.0f);
        }
      }
      y[static_cast<std::size_t>(n)].noalias() = w * p;
    });
    benchmark::ClobberMemory();
  }
  bench::count(state, 2 * s.pixels() * static_cast<double>(values.size()), s.bytes());
}

template <class Structure>
void add(layer_shape s, std::string const& name, Structure const& w) {
  benchmark::RegisterBenchmark(("convolution/forward/" + s.name() + "/" + name).c_str(),
                               [=](benchmark::State& state) { forward(state, s, w); })->UseRealTime();
  benchmark::RegisterBenchmark(("convolution/backward/" + s.name() + "/" + name).c_str(),
                               [=](benchmark::State& state) { backward(state, s, w); })->UseRealTime();
}

int const registered = [] {
  for (layer_shape const s : shapes) {
    benchmark::RegisterBenchmark(("convolution/forward/" + s.name() + "/unfold+eigen").c_str(),
                                 [=](benchmark::State& state) { unfold_and_eigen(state, s); })->UseRealTime();
    int const columns = 9 * s.in;
    add(s, "dense", dense(s.out, columns));
    add(s, "csr17.3%", bench::random_support(s.out, columns, 0.173));
    add(s, "chain2", make_smallest_monotone(s.out, columns, 2));
    add(s, "chain3", make_smallest_monotone(s.out, columns, 3));
  }
  return 0;
}();

}  // namespace
