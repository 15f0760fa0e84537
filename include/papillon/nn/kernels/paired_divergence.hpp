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

#include <papillon/exec/for_each.hpp>
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

/// Classes of each image from the largest logit down, of equals the first first. The order of logits that are no
/// numbers is what `order` held before: of zeros, class 0.
template <class T> struct sorted_classes {
  static constexpr char const* name = "order of classes";
  static constexpr int flops = 200, bytes = 30 * sizeof(T), grain = 16;
  T const* logits;  ///< packed, `lanes` images side by side
  int* order;       ///< [image][class]
  int classes, lanes;

  PAPILLON_HD void operator()(int n) const {
    auto const logit = [&](int c) {
      return logits[(static_cast<std::ptrdiff_t>(n / lanes) * classes + c) * lanes + n % lanes];
    };
    for (int c = 0; c < classes; ++c) {
      int before = 0;
      T const mine = logit(c);
      for (int d = 0; d < classes; ++d) before += logit(d) > mine || (logit(d) == mine && d < c) ? 1 : 0;
      order[static_cast<std::ptrdiff_t>(n) * classes + before] = c;
    }
  }
};

/// The derivative of one pair's share, added to that of the loss, wherever work runs, from the classes as
/// sorted_classes orders them.
template <class T> struct paired_divergence_derivative {
  static constexpr char const* name = "paired divergence";
  static constexpr int flops = 1500, bytes = 60 * sizeof(T), grain = 8;
  T const* logits;  ///< packed, `lanes` images side by side
  T* dlogits;
  int const* order;
  T weight;
  int classes, images, lanes;

  [[nodiscard]] PAPILLON_HD std::ptrdiff_t at(int n, int c) const {
    return (static_cast<std::ptrdiff_t>(n / lanes) * classes + c) * lanes + n % lanes;
  }
  /// Of an image, largest logit and log of the sum of exponentials of the differences to it.
  PAPILLON_HD detail::log_normaliser<T> normaliser(int n, int largest) const {
    T sum{};
    for (int c = 0; c < classes; ++c) sum += std::exp(logits[at(n, c)] - logits[at(n, largest)]);
    return {logits[at(n, largest)], std::log(sum)};
  }

  PAPILLON_HD void operator()(int n) const {
    int const pairs = images / 2, m = n + pairs;
    int const* const a = order + static_cast<std::ptrdiff_t>(n) * classes;
    int const* const b = order + static_cast<std::ptrdiff_t>(m) * classes;
    auto const log_p = normaliser(n, a[0]), log_q = normaliser(m, b[0]);
    T divergence{};
    for (int j = 0; j < classes; ++j) {
      T const lq = log_q(logits[at(m, b[j])]);
      divergence += std::exp(lq) * (lq - log_p(logits[at(n, a[j])]));
    }
    T const scale = weight / static_cast<T>(pairs);
    for (int j = 0; j < classes; ++j) {
      T const lp = log_p(logits[at(n, a[j])]), lq = log_q(logits[at(m, b[j])]), q = std::exp(lq);
      dlogits[at(n, a[j])] += scale * (std::exp(lp) - q);
      dlogits[at(m, b[j])] += scale * q * (lq - lp - divergence);
    }
  }
};

}  // namespace papillon::nn
