// SPDX-License-Identifier: MIT
/// \file loss.hpp
/// What stands after the logits: softmax, mean cross-entropy, mean binary cross-entropy, number of correct answers.
/// Logits are F x 1 x 1; losses are means over the images, formed in double in image order; derivatives are exact
/// for that mean. The functions are the reference, on the host; trainers use the functors of the same formulas, one
/// image each, wherever work runs.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include <papillon/exec/policy.hpp>
#include <papillon/tensor/tensor.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

namespace detail {
/// log softmax(x)_c = (x_c - largest) - log_sum of one image. The largest logit keeps the exponentials in range; the
/// two are not added up, since large logits would round the logarithm away.
template <class T> struct log_normaliser {
  T largest, log_sum;
  [[nodiscard]] PAPILLON_HD T operator()(T logit) const { return (logit - largest) - log_sum; }
};

template <class T, int L> [[nodiscard]] log_normaliser<T> log_softmax(tensor_view<T const, L> x, int image) {
  T largest = x.at(image, 0);
  for (int c = 1; c < x.extent().channels; ++c) largest = std::max(largest, x.at(image, c));
  T sum{};
  for (int c = 0; c < x.extent().channels; ++c) sum += std::exp(x.at(image, c) - largest);
  return {largest, std::log(sum)};
}
}  // namespace detail

/// probabilities: images x classes, row-major.
template <exec::policy E, class T, int L> void softmax(E, tensor_view<T const, L> logits, std::span<T> probabilities) {
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
T cross_entropy(E, tensor_view<T const, L> logits, std::span<std::uint8_t const> labels,
    std::type_identity_t<tensor_view<T, L>> dlogits) {
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
    std::type_identity_t<tensor_view<T, L>> dlogits) {
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
template <class T, int L> [[nodiscard]] int argmax(tensor_view<T const, L> logits, int image) {
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

/// A batch whose losses are wanted: logits packed, `lanes` of them side by side.
template <class T> struct loss_batch {
  T const* logits;
  std::uint8_t const* labels;  ///< of image n: labels[indices[n]]
  std::uint32_t const* indices;
  T* dlogits;          ///< null: not wanted
  double* losses;      ///< one an image; null: not wanted
  std::uint8_t* hits;  ///< whether the answer is right, one an image; null: not wanted
  int classes, images, lanes;

  /// Images and padding lanes.
  [[nodiscard]] PAPILLON_HD int count() const { return (images + lanes - 1) / lanes * lanes; }
  /// Where logit c of image n stands.
  [[nodiscard]] PAPILLON_HD std::ptrdiff_t at(int n, int c) const {
    return (static_cast<std::ptrdiff_t>(n / lanes) * classes + c) * lanes + n % lanes;
  }
};

/// Cross-entropy of an image, its derivative for the mean over the batch, and whether the largest logit is the label's.
template <class T> struct cross_entropy_value {
  static constexpr char const* name = "loss";
  static constexpr int flops = 80, bytes = 20 * sizeof(T), grain = 64;
  loss_batch<T> b;

  PAPILLON_HD void operator()(int n) const {
    if (n >= b.images) {
      for (int c = 0; b.dlogits != nullptr && c < b.classes; ++c) b.dlogits[b.at(n, c)] = T{};
      return;
    }
    int const label = b.labels[b.indices[n]];
    int best = 0;
    for (int c = 1; c < b.classes; ++c)
      if (b.logits[b.at(n, c)] > b.logits[b.at(n, best)]) best = c;
    T const largest = b.logits[b.at(n, best)];
    T sum{};
    for (int c = 0; c < b.classes; ++c) sum += std::exp(b.logits[b.at(n, c)] - largest);
    T const log_sum = std::log(sum);
    for (int c = 0; c < b.classes; ++c) {
      T const log_probability = (b.logits[b.at(n, c)] - largest) - log_sum;
      if (b.dlogits != nullptr)
        b.dlogits[b.at(n, c)] = (std::exp(log_probability) - (c == label ? T{1} : T{})) / static_cast<T>(b.images);
      if (c == label && b.losses != nullptr) b.losses[n] = -static_cast<double>(log_probability);
    }
    if (b.hits != nullptr) b.hits[n] = best == label;
  }
};

/// Binary cross-entropy of an image with one logit, its derivative, and whether the logit's sign is the label's.
template <class T> struct binary_cross_entropy_value {
  static constexpr char const* name = "binary loss";
  static constexpr int flops = 20, bytes = 2 * sizeof(T) + 5, grain = 512;
  loss_batch<T> b;

  PAPILLON_HD void operator()(int n) const {
    if (n >= b.images) {
      if (b.dlogits != nullptr) b.dlogits[n] = T{};
      return;
    }
    bool const member = b.labels[b.indices[n]] != 0;
    T const x = b.logits[n], t = member ? T{1} : T{}, small = std::exp(-std::abs(x));  // never overflows
    T const sigmoid = x >= T{} ? 1 / (1 + small) : small / (1 + small);
    if (b.dlogits != nullptr) b.dlogits[n] = (sigmoid - t) / static_cast<T>(b.images);
    if (b.losses != nullptr) b.losses[n] = static_cast<double>((x > T{} ? x : T{}) - x * t + std::log1p(small));
    if (b.hits != nullptr) b.hits[n] = (x > T{}) == member;
  }
};

/// A loss of a training: a functor of one image of a loss_batch.
struct cross_entropy_loss {
  template <class T> using value = cross_entropy_value<T>;
};
struct binary_cross_entropy_loss {
  template <class T> using value = binary_cross_entropy_value<T>;
};
template <class L> concept loss = requires(typename L::template value<float> v) {
  { v.b } -> std::same_as<loss_batch<float>&>;
  v(int{});
};
static_assert(loss<cross_entropy_loss> && loss<binary_cross_entropy_loss> && !loss<int>);

}  // namespace papillon::nn
