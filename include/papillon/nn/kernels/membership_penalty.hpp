// SPDX-License-Identifier: MIT
/// \file membership_penalty.hpp
/// What stands between a network and an adversary in its training who tells members from others by the network's answer
/// p, the softmax of its logits, beside the label as a one-hot vector: the adversary's input; the penalty
/// weight * mean over the batch of log h, h = 1 / (1 + exp(-z)) for the adversary's logit z of an image; and its
/// derivative, weight (1 - h) / images for z, and for logit c of the network p_c (g_c - sum_j p_j g_j) with g the
/// derivative for p. Log h is formed from z and stays finite where h is 0 or 1 in its type.
#pragma once

#include <papillon/exec/for_each.hpp>
#include <papillon/nn/kernels/loss.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// weight * mean over the images of log h, from the adversary's logits (1 x 1 x 1). On the host, a reference.
template <exec::policy E, class T, int L> T membership_penalty(E, double weight, tensor_view<T const, L> z) {
  double total = 0;
  for (int n = 0; n < z.images(); ++n) {
    double const x = z.at(n, 0);
    total += std::min(x, 0.0) - std::log1p(std::exp(-std::abs(x)));
  }
  return static_cast<T>(weight * total / z.images());
}

/// The adversary's input of an image: p, then the one-hot label. Images from `first` on of the adversary's batch; what
/// is left of their last block becomes zero.
template <class T> struct membership_input {
  static constexpr char const* name = "membership input";
  static constexpr int flops = 70, bytes = 40 * sizeof(T), grain = 64;
  T const* logits;             ///< of the network, packed, `lanes` images side by side
  std::uint8_t const* labels;  ///< of image n: labels[indices[n]]
  std::uint32_t const* indices;
  T* x;                   ///< [block][2 classes][lane]
  std::uint32_t* answer;  ///< what the adversary should say of each image of its batch
  std::uint32_t member;
  int classes, images, lanes, first;

  [[nodiscard]] PAPILLON_HD int count() const { return (first + images + lanes - 1) / lanes * lanes - first; }
  PAPILLON_HD void operator()(int n) const {
    int const to = first + n;
    T* const mine = x + static_cast<std::ptrdiff_t>(to / lanes) * 2 * classes * lanes + to % lanes;
    if (n >= images) {
      for (int c = 0; c < 2 * classes; ++c) mine[static_cast<std::ptrdiff_t>(c) * lanes] = T{};
      return;
    }
    T const* const z = logits + static_cast<std::ptrdiff_t>(n / lanes) * classes * lanes + n % lanes;
    int const label = labels[indices[n]];
    T largest = z[0];
    for (int c = 1; c < classes; ++c) {
      T const one = z[static_cast<std::ptrdiff_t>(c) * lanes];
      largest = one > largest ? one : largest;
    }
    T sum{};
    for (int c = 0; c < classes; ++c) sum += std::exp(z[static_cast<std::ptrdiff_t>(c) * lanes] - largest);
    for (int c = 0; c < classes; ++c) {
      mine[static_cast<std::ptrdiff_t>(c) * lanes] =
          std::exp(z[static_cast<std::ptrdiff_t>(c) * lanes] - largest) / sum;
      mine[static_cast<std::ptrdiff_t>(classes + c) * lanes] = c == label ? T{1} : T{};
    }
    answer[to] = member;
  }
};

/// The penalty's derivative for the adversary's logit of an image, zero in padding lanes.
template <class T> struct membership_penalty_derivative {
  static constexpr char const* name = "membership penalty";
  static constexpr int flops = 15, bytes = 2 * sizeof(T), grain = 512;
  T const* z;
  T* dz;
  T const* weight;
  int images, lanes;

  [[nodiscard]] PAPILLON_HD int count() const { return (images + lanes - 1) / lanes * lanes; }
  PAPILLON_HD void operator()(int n) const {
    if (n >= images) {
      dz[n] = T{};
      return;
    }
    T const small = std::exp(-std::abs(z[n]));  // never overflows
    dz[n] = *weight / static_cast<T>(images) * (z[n] >= T{} ? small / (1 + small) : 1 / (1 + small));
  }
};

/// From the derivative for p, which the adversary's backward pass leaves, to that for the network's logits, to which it
/// is added.
template <class T> struct add_softmax_derivative {
  static constexpr char const* name = "softmax derivative";
  static constexpr int flops = 50, bytes = 60 * sizeof(T), grain = 64;
  T const *x, *dx;  ///< the adversary's input and its derivative: [block][2 classes][lane]
  T* dlogits;       ///< packed
  int classes, lanes;

  PAPILLON_HD void operator()(int n) const {
    std::ptrdiff_t const from = static_cast<std::ptrdiff_t>(n / lanes) * 2 * classes * lanes + n % lanes;
    T* const to = dlogits + static_cast<std::ptrdiff_t>(n / lanes) * classes * lanes + n % lanes;
    T mean{};
    for (int c = 0; c < classes; ++c) {
      std::ptrdiff_t const at = from + static_cast<std::ptrdiff_t>(c) * lanes;
      mean += x[at] * dx[at];
    }
    for (int c = 0; c < classes; ++c) {
      std::ptrdiff_t const at = from + static_cast<std::ptrdiff_t>(c) * lanes;
      to[static_cast<std::ptrdiff_t>(c) * lanes] += x[at] * (dx[at] - mean);
    }
  }
};

}  // namespace papillon::nn
