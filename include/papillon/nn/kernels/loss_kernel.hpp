// SPDX-License-Identifier: MIT
/// \file loss_kernel.hpp
/// Mean cross-entropy, its derivative and the number of correct answers as one kernel; formulas in nn/kernels/loss.hpp.
/// One thread block for the whole batch: the work is a thousandth of a network's, and its sums then have one order.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <papillon/exec/block.hpp>
#include <papillon/exec/shared_array.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

/// What a step of training reports.
struct loss_result {
  double loss;
  double correct;
};

template <class T>
struct cross_entropy_loss {
  static constexpr int threads = 256;
  struct shared {
    exec::shared_array<double, threads / exec::warp> partial;
  };
  T const* logits;             ///< classes x 1 x 1, packed
  std::uint8_t const* labels;  ///< of image n: labels[indices[n]]
  std::uint32_t const* indices;
  T* dlogits;  ///< null: not wanted
  loss_result* result;
  int classes, images;

  [[nodiscard]] char const* name() const { return "loss"; }
  [[nodiscard]] exec::cost work() const { return {8.0 * classes * images, 2.0 * sizeof(T) * classes * images}; }
  [[nodiscard]] PAPILLON_HD int blocks() const { return 1; }
  template <class Block>
  PAPILLON_HD void operator()(Block& block, shared& s) const {
    typename Block::template per_thread<double> loss, correct;
    block.phase_nosync([&](int t) {
      double sum = 0, hits = 0;
      for (int n = t; n < exec::blocks_for(images, exec::warp) * exec::warp; n += threads) {
        std::ptrdiff_t const first =
            static_cast<std::ptrdiff_t>(n / exec::warp) * classes * exec::warp + n % exec::warp;
        auto const at = [&](int c) { return first + c * exec::warp; };
        if (n >= images) {
          for (int c = 0; dlogits != nullptr && c < classes; ++c) dlogits[at(c)] = T{};
          continue;
        }
        int const label = labels[indices[n]];
        int best = 0;
        for (int c = 1; c < classes; ++c)
          if (logits[at(c)] > logits[at(best)]) best = c;
        T const largest = logits[at(best)];
        T exponentials{};
        for (int c = 0; c < classes; ++c) exponentials += std::exp(logits[at(c)] - largest);
        T const log_sum = std::log(exponentials);
        for (int c = 0; c < classes; ++c) {
          T const log_probability = (logits[at(c)] - largest) - log_sum;
          if (dlogits != nullptr)
            dlogits[at(c)] = (std::exp(log_probability) - (c == label ? T{1} : T{})) / static_cast<T>(images);
          if (c == label) sum -= static_cast<double>(log_probability);
        }
        if (best == label) hits += 1;
      }
      loss[t] = sum;
      correct[t] = hits;
    });
    double const total = exec::sum(block, loss, s.partial), hits = exec::sum(block, correct, s.partial);
    block.phase_nosync([&](int t) {
      if (t == 0) *result = {total / images, hits};
    });
  }
};

}  // namespace papillon::nn
