// SPDX-License-Identifier: MIT
/// \file confusion.hpp
/// What becomes of members and others when the images with score > threshold are taken for members; a NaN score never
/// is. The threshold is given, so every rate is that of independent trials and has limits by Clopper and Pearson.
/// Rates lie between 0 and 1; NaN where there is nothing to count.
#pragma once

#include <cstdint>
#include <span>

#include <papillon/privacy/intervals.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// The confusion matrix.
struct confusion {
  proportion members;  ///< taken for members, of the members: true positives
  proportion others;   ///< taken for others, of the others: true negatives

  [[nodiscard]] proportion accuracy() const noexcept {
    return {members.count + others.count, members.total + others.total};
  }

  /// Mean of the rates of both sides: the accuracy if there were as many members as others.
  [[nodiscard]] double balanced_accuracy() const noexcept { return 0.5 * (members.rate() + others.rate()); }

  /// Limits of the balanced accuracy: the means of those of both sides, each at half the risk, so that both hold at
  /// once with at least the chance `level`.
  [[nodiscard]] interval balanced_accuracy_limits(double level = 0.95) const {
    if (members.total == 0 || others.total == 0) return {};
    interval const a = members.limits((1 + level) / 2), b = others.limits((1 + level) / 2);
    return {0.5 * (a.low + b.low), 0.5 * (a.high + b.high)};
  }

  /// True positive rate - false positive rate.
  [[nodiscard]] double advantage() const noexcept { return members.rate() + others.rate() - 1; }
};

/// Counts `score > threshold`; is_member[i] != 0 where image i is a member. An error where the numbers differ.
template <class Score>
[[nodiscard]] confusion confusion_at(
    std::span<Score const> scores, std::span<std::uint8_t const> is_member, double threshold) {
  if (scores.size() != is_member.size())
    throw error(errc::usage,
        message("scores and membership labels differ in number (", scores.size(), " and ", is_member.size(), ")"));
  confusion r;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    bool const taken = static_cast<double>(scores[i]) > threshold, member = is_member[i] != 0;
    proportion& side = member ? r.members : r.others;
    ++side.total;
    side.count += taken == member;
  }
  return r;
}

}  // namespace papillon::privacy
