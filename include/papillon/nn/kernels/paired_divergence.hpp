// SPDX-License-Identifier: MIT
/// \file paired_divergence.hpp
/// The penalty of the defence PPB, which makes what a network answers about different images alike: of each pair of
/// images (i, i + pairs) of a batch, pairs = images / 2, KL(q | p) = sum over j of q_j (log q_j - log p_j), p and q the
/// softmax of their logits, each sorted from the largest down; mean over pairs. With a and b the sorted logits,
///   dKL/da_j = p_j - q_j,  dKL/db_j = q_j (log q_j - log p_j - KL).
/// X. Yuan, L. Zhang, "Membership inference attacks and defenses in neural network pruning", 2022.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include <papillon/nn/kernels/loss.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// weight times the mean over pairs; weight times its derivative is added to `dlogits` (unless empty), which then holds
/// that of the whole loss. A last odd image is left out; 0 without a pair. On the host, a reference.
template <exec::policy E, class T, int L>
T paired_divergence(E, double weight, tensor_view<T const, L> logits, std::type_identity_t<tensor_view<T, L>> dlogits) {
  int const classes = logits.extent().channels, pairs = logits.images() / 2;
  std::vector<int> order_a(static_cast<std::size_t>(classes)), order_b(order_a);
  auto const sort_classes = [&](std::vector<int>& order, int image) {
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(
        order.begin(), order.end(), [&](int c, int d) { return logits.at(image, c) > logits.at(image, d); });
  };
  double total = 0;
  for (int n = 0; n < pairs; ++n) {
    sort_classes(order_a, n);
    sort_classes(order_b, n + pairs);
    auto const log_p = detail::log_softmax(logits, n), log_q = detail::log_softmax(logits, n + pairs);
    auto const each = [&](auto const& f) {  // f(class of a, class of b, log p, log q)
      for (std::size_t j = 0; j < order_a.size(); ++j) {
        int const a = order_a[j], b = order_b[j];
        f(a, b, static_cast<double>(log_p(logits.at(n, a))), static_cast<double>(log_q(logits.at(n + pairs, b))));
      }
    };
    double divergence = 0;
    each([&](int, int, double lp, double lq) { divergence += std::exp(lq) * (lq - lp); });
    total += divergence;
    if (dlogits.empty()) continue;
    each([&](int a, int b, double lp, double lq) {
      double const q = std::exp(lq), scale = weight / pairs;
      dlogits.at(n, a) += static_cast<T>(scale * (std::exp(lp) - q));
      dlogits.at(n + pairs, b) += static_cast<T>(scale * q * (lq - lp - divergence));
    });
  }
  return pairs > 0 ? static_cast<T>(weight * total / pairs) : T{};
}

}  // namespace papillon::nn
