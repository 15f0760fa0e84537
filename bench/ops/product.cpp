// SPDX-License-Identifier: MIT
// y = W x, W of N x N, for one vector and for panels of 16 and 64: dense, CSR, and two chains (the smallest monotone one of
// two factors, and the dyadic butterfly of log2 N). CSR has as many nonzeros as the chain of two factors has coefficients.
// Baselines: Eigen's dense product, and Eigen's sparse product on the same support as CSR, both with as many threads as
// Eigen takes. FLOP/s count the operations that the structure needs; bytes/s the coefficients, x and y.
#include <context.hpp>
#include <random_values.hpp>

#include <Eigen/Dense>
#include <Eigen/Sparse>

#include <bit>
#include <string>
#include <vector>

#include <papillon/ops/linear_operator.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/tensor/eigen.hpp>

namespace {

using namespace papillon;
using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void count(benchmark::State& state, int n, int columns, double nnz, double bytes_of_structure) {
  bench::count(state, 2 * nnz * columns, bytes_of_structure + 8.0 * n * columns);
  state.counters["nonzeros"] = nnz;
}

template <class Structure>
void product(benchmark::State& state, Structure const& structure, int columns) {
  int const n = structure.rows();
  auto const coefficients = bench::random_values(static_cast<std::size_t>(structure.nnz()), 2);
  linear_operator<Structure, float> const w(structure, {coefficients.begin(), coefficients.end()});
  matrix const x = matrix::Random(n, columns);
  matrix y(n, columns);
  for (auto _ : state) {
    apply(exec::omp{}, w, x, y);
    benchmark::ClobberMemory();
  }
  count(state, n, columns, structure.nnz(), 4.0 * structure.nnz());
}

void eigen_dense(benchmark::State& state, int n, int columns) {
  matrix const w = matrix::Random(n, n);
  if (columns == 1) {
    Eigen::VectorXf const x = Eigen::VectorXf::Random(n);
    Eigen::VectorXf y(n);
    for (auto _ : state) {
      y.noalias() = w * x;
      benchmark::ClobberMemory();
    }
  } else {
    matrix const x = matrix::Random(n, columns);
    matrix y(n, columns);
    for (auto _ : state) {
      y.noalias() = w * x;
      benchmark::ClobberMemory();
    }
  }
  count(state, n, columns, double(n) * n, 4.0 * n * n);
}

void eigen_sparse(benchmark::State& state, csr_mask const& support, int columns) {
  int const n = support.rows();
  std::vector<Eigen::Triplet<float>> entries;
  for (int r = 0; r < n; ++r)
    for (int const c : support.row(r)) entries.emplace_back(r, c, 0.5f);
  Eigen::SparseMatrix<float, Eigen::RowMajor> w(n, n);
  w.setFromTriplets(entries.begin(), entries.end());
  matrix const x = matrix::Random(n, columns);
  matrix y(n, columns);
  for (auto _ : state) {
    y.noalias() = w * x;
    benchmark::ClobberMemory();
  }
  count(state, n, columns, support.nnz(), 8.0 * support.nnz());
}

template <class F>
void add(std::string const& name, int n, int columns, F f) {
  std::string const full = "product/N:" + std::to_string(n) + "/columns:" + std::to_string(columns) + "/" + name;
  benchmark::RegisterBenchmark(full.c_str(), f)->UseRealTime()->Unit(benchmark::kMicrosecond);
}

template <class Structure>
void add_structure(std::string const& name, Structure const& w, int columns) {
  add(name, w.rows(), columns, [=](benchmark::State& state) { product(state, w, columns); });
}

int const registered = [] {
  for (int const n : {256, 512, 1024, 2048, 4096}) {
    auto const chain2 = make_smallest_monotone(n, n, 2);
    auto const dyadic = make_dyadic_butterfly(std::countr_zero(static_cast<unsigned>(n)));
    auto const support = bench::random_support(n, n, chain2.nnz() / (double(n) * n));
    for (int const columns : {1, 16, 64}) {
      add("dense/eigen", n, columns, [=](benchmark::State& state) { eigen_dense(state, n, columns); });
      add_structure("dense", dense(n, n), columns);
      add("csr/eigen", n, columns, [=](benchmark::State& state) { eigen_sparse(state, support, columns); });
      add_structure("csr", support, columns);
      add_structure("chain2", chain2, columns);
      add_structure("dyadic", dyadic, columns);
    }
  }
  return 0;
}();

}  // namespace
