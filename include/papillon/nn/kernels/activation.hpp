// SPDX-License-Identifier: MIT
/// \file activation.hpp
/// ReLU y = max(0, x), and its derivative read off y > 0 (zero at zero, as in PyTorch).
#pragma once

#include <algorithm>

#include <papillon/exec/parallel.hpp>
#include <papillon/tensor/tensor_view.hpp>
#include <papillon/tensor/vec.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

template <class T, int L>
void relu_forward(exec::seq, tensor_view<T const, L> x, tensor_view<T, L> y) {
  for (int b = 0; b < x.blocks(); ++b)
    for (int i = 0; i < x.extent().size() * L; ++i) y.block(b)[i] = std::max(x.block(b)[i], T{});
}

/// dx = dy where y > 0, else 0 (added to dx if `accumulate`).
template <class T, int L>
void relu_backward(exec::seq, tensor_view<T const, L> y, tensor_view<T const, L> dy, tensor_view<T, L> dx,
                   bool accumulate) {
  for (int b = 0; b < y.blocks(); ++b)
    for (int i = 0; i < y.extent().size() * L; ++i) {
      T const d = y.block(b)[i] > T{} ? dy.block(b)[i] : T{};
      dx.block(b)[i] = accumulate ? dx.block(b)[i] + d : d;
    }
}

template <class T, int L>
void relu_forward(exec::omp e, tensor_view<T const, L> x, tensor_view<T, L> y) {
  exec::parallel_for(
      e, x.blocks(),
      [&](int b, int) {
        vec<T, L> const zero{};
        for (int r = 0; r < x.extent().size(); ++r) {
          vec<T, L> const v = load<L>(x.block(b) + r * L);
          store<L>(y.block(b) + r * L, v > zero ? v : zero);
        }
      });
}

template <class T, int L>
void relu_backward(exec::omp e, tensor_view<T const, L> y, tensor_view<T const, L> dy, tensor_view<T, L> dx,
                   bool accumulate) {
  exec::parallel_for(
      e, y.blocks(),
      [&](int b, int) {
        vec<T, L> const zero{};
        for (int r = 0; r < y.extent().size(); ++r) {
          vec<T, L> const d = load<L>(y.block(b) + r * L) > zero ? load<L>(dy.block(b) + r * L) : zero;
          store<L>(dx.block(b) + r * L, accumulate ? load<L>(dx.block(b) + r * L) + d : d);
        }
      });
}

}  // namespace papillon::nn
