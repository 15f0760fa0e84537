// SPDX-License-Identifier: MIT
/// \file loss.hpp
/// What stands after the logits: softmax, mean cross-entropy, mean binary cross-entropy, number of correct answers.
/// Logits are F x 1 x 1; losses are means over the images, formed in double in image order; derivatives are exact
/// for that mean. One implementation for every host policy: the work is a thousandth of a network's.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include <papillon/exec/policy.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {
/// log softmax(x)_c = (x_c - largest) - log_sum of one image. The largest logit keeps the exponentials in range; the
/// two are not added up, since large logits would round the logarithm away.
template <class T>
struct log_normaliser {
  T largest, log_sum;
  [[nodiscard]] T operator()(T logit) const { return (logit - largest) - log_sum; }
};

template <class T, int L>
[[nodiscard]] log_normaliser<T> log_softmax(tensor_view<T const, L> x, int image) {
  T largest = x.at(image, 0);
  for (int c = 1; c < x.extent().channels; ++c) largest = std::max(largest, x.at(image, c));
  T sum{};
  for (int c = 0; c < x.extent().channels; ++c) sum += std::exp(x.at(image, c) - largest);
  return {largest, std::log(sum)};
}
}  // namespace detail

/// probabilities: images x classes, row-major.
template <exec::policy E, class T, int L>
void softmax(E, tensor_view<T const, L> logits, std::span<T> probabilities) {
  int const classes = logits.extent().channels;
  std::size_t k = 0;
  for (int n = 0; n < logits.images(); ++n) {
    T largest = logits.at(n, 0);
    for (int c = 1; c < classes; ++c) largest = std::max(largest, logits.at(n, c));
    T sum{};
    for (int c = 0; c < classes; ++c)
      sum += probabilities[k + static_cast<std::size_t>(c)] = std::exp(logits.at(n, c) - largest);
    for (int c = 0; c < classes; ++c) probabilities[k++] /= sum;
  }
}

/// Mean of -log softmax(logits)[label]; `dlogits` (unless empty) becomes its derivative, (softmax - one-hot) / images.
template <exec::policy E, class T, int L>
T cross_entropy(E, tensor_view<T const, L> logits, std::span<std::uint8_t const> labels, tensor_view<T, L> dlogits) {
  double total = 0;
  for (int n = 0; n < logits.images(); ++n) {
    auto const log_probability = detail::log_softmax(logits, n);
    int const label = labels[static_cast<std::size_t>(n)];
    total -= static_cast<double>(log_probability(logits.at(n, label)));
    if (!dlogits.empty())
      for (int c = 0; c < logits.extent().channels; ++c)
        dlogits.at(n, c) =
            (std::exp(log_probability(logits.at(n, c))) - (c == label ? T{1} : T{})) / static_cast<T>(logits.images());
  }
  if (!dlogits.empty()) clear_padding(dlogits);
  return static_cast<T>(total / logits.images());
}

/// Mean of -t log s(x) - (1 - t) log(1 - s(x)) with s the logistic function and t in {0, 1}; logits are 1 x 1 x 1.
template <exec::policy E, class T, int L>
T binary_cross_entropy(E, tensor_view<T const, L> logits, std::span<std::uint8_t const> targets,
                       tensor_view<T, L> dlogits) {
  double total = 0;
  for (int n = 0; n < logits.images(); ++n) {
    T const x = logits.at(n, 0), t = static_cast<T>(targets[static_cast<std::size_t>(n)]);
    T const small = std::exp(-std::abs(x));  // never overflows
    total += static_cast<double>(std::max(x, T{}) - x * t + std::log1p(small));
    T const sigmoid = x >= T{} ? 1 / (1 + small) : small / (1 + small);
    if (!dlogits.empty()) dlogits.at(n, 0) = (sigmoid - t) / static_cast<T>(logits.images());
  }
  if (!dlogits.empty()) clear_padding(dlogits);
  return static_cast<T>(total / logits.images());
}

/// Class of the largest logit; the first of equals.
template <class T, int L>
[[nodiscard]] int argmax(tensor_view<T const, L> logits, int image) {
  int best = 0;
  for (int c = 1; c < logits.extent().channels; ++c)
    if (logits.at(image, c) > logits.at(image, best)) best = c;
  return best;
}

/// Images whose largest logit is their label's.
template <class T, int L>
[[nodiscard]] int count_correct(tensor_view<T const, L> logits, std::span<std::uint8_t const> labels) {
  int correct = 0;
  for (int n = 0; n < logits.images(); ++n) correct += argmax(logits, n) == labels[static_cast<std::size_t>(n)];
  return correct;
}

}  // namespace papillon::nn
