// SPDX-License-Identifier: MIT
// A structure of the user's that lacks one function, in an operator and in layers.
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/operators/linear_operator.hpp>

using namespace papillon;

struct diagonal {
  int size;
  int rows() const { return size; }
  int cols() const { return size; }
  int storage() const { return size; }
#ifndef PAPILLON_SHOULD_FAIL
  template <class F> void for_each_nonzero(F&& f) const {
    for (int i = 0; i < size; ++i) f(i, i, i);
  }
#endif
};

void use(std::vector<float> const& x, std::vector<float>& y) {
  linear_operator<diagonal, float> const w({5}, std::vector<float>(5, 1.0f));
  apply(exec::seq{}, w, x, y);
  apply_adjoint(exec::seq{}, w, x, y);
  nn::linear const full(diagonal{5});
  nn::conv2d const convolution(diagonal{5}, {{5, 3, 3}, 5, 1, 1, 0});
  y.resize(full.macs() + convolution.macs());
}
