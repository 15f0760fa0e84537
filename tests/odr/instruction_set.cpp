// SPDX-License-Identifier: MIT
// One of two objects of a program: compiled for an instruction set of its own, with an entry point named after it
// (PAPILLON_TEST_ENTRY) that multiplies with a structured matrix in both of the library's ways.
#include <cmath>
#include <vector>

#include <papillon/operators/linear_operator.hpp>
#include <papillon/structure/chain.hpp>

#include "instruction_sets.hpp"

int PAPILLON_TEST_ENTRY() {
  using namespace papillon;
  using weight = chain<pattern{1, 16, 16, 4}, pattern{16, 4, 9, 1}>;
  linear_operator<weight, float> const w(std::vector<float>(static_cast<std::size_t>(weight::nnz), 0.25f));
  // Every output sums 16 * 9 products of 1/4 * 1/4 and the number of the column: exact in float.
  for (int const columns : {1, 3, 40}) {
    auto const n = static_cast<std::size_t>(columns);
    std::vector<float> x(weight::cols * n), y(weight::rows * n), z(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % n);
    matrix_view<float const> const in{x.data(), weight::cols, columns, columns, 1};
    matrix_view<float> const out{y.data(), weight::rows, columns, columns, 1};
    matrix_view<float> const back{z.data(), weight::cols, columns, columns, 1};
    auto const right = [&](std::vector<float> const& v, float factor) {
      for (std::size_t i = 0; i < v.size(); ++i)
        if (v[i] != factor * static_cast<float>(i % n)) return false;
      return true;
    };
    float const forward = 16 * 9 / 16.0f, adjoint = forward * 16 * 4 / 16;
    w.multiply(exec::seq{}, false, in, out);
    if (!right(y, forward)) return 0;
    w.multiply(exec::omp{2}, false, in, out);
    if (!right(y, forward)) return 0;
    w.multiply(exec::omp{2}, true, matrix_view<float const>{y.data(), weight::rows, columns, columns, 1}, back);
    if (!right(z, adjoint)) return 0;
  }
  std::vector<float> const x(weight::cols, 1.0f);
  std::vector<float> y(weight::rows);
  apply(exec::omp{1}, w, x, y);
  for (float const v : y)
    if (v != 16 * 9 / 16.0f) return 0;
  try {
    apply(exec::omp{1}, w, y, y);
  } catch (error const& e) {
    return e.code() == errc::usage ? native_vector_bytes : 0;
  }
  return 0;
}
