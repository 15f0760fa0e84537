// SPDX-License-Identifier: MIT
/// \file metrics.hpp
/// How well scores tell members from non-members. A score is any number that is higher the more an image looks like a
/// member; the attack says "member" where score > threshold. NaN scores count as lower than all others: never a member.
/// Rates are in percent, the area under the ROC curve is the chance that a member scores above a non-member, ties one
/// half.
#pragma once

#include <papillon/privacy/confusion.hpp>
#include <papillon/privacy/roc.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// What an attack reached on members and non-members; NaN: does not exist (an empty side).
struct attack_metrics {
  double accuracy = nan;            ///< %
  double balanced_accuracy = nan;   ///< %, mean of the rates on members and on non-members
  double auc = nan;                 ///< area under the ROC curve, 0 to 1
  double true_positive_rate = nan;  ///< %, of members found when at most 1 % of the others are taken for members
};

/// Defence of a network against an attack of accuracy A, both in percent: D = 200 - 2 A. Guessing (50) gives 100.
[[nodiscard]] constexpr double defence(double attack_accuracy) noexcept { return 200.0 - 2.0 * attack_accuracy; }

/// All metrics of `score > threshold` on labelled images: members[i] != 0 where image i is a member.
template <class Score>
[[nodiscard]] attack_metrics evaluate_attack(
    std::span<Score const> scores, std::span<std::uint8_t const> members, double threshold) {
  auto const decided = confusion_at(scores, members, threshold);
  attack_metrics m;
  m.accuracy = decided.accuracy().percent();
  m.balanced_accuracy = 100.0 * decided.balanced_accuracy();
  if (decided.members.total == 0 || decided.others.total == 0) return m;
  roc_curve const curve(scores, members);
  m.auc = curve.auc().value;
  m.true_positive_rate = curve.true_positive_rate_at(0.01).found.percent();
  return m;
}

namespace detail {

/// A threshold, and what it is worth.
template <class Value> struct best_cut_result {
  double threshold;
  Value value;
};

/// The threshold, halfway between two scores, that leaves the point of the curve of highest value(point) above it; of
/// equals, the highest: +infinity where nobody had better be a member, -infinity where everyone had.
template <class Value> [[nodiscard]] auto best_cut(roc_curve const& curve, Value value) {
  auto const points = curve.points();
  double const lowest = -std::numeric_limits<double>::infinity();
  best_cut_result<decltype(value(points[0]))> best{std::numeric_limits<double>::infinity(), value(points[0])};
  for (std::size_t k = 1; k < points.size(); ++k) {
    auto const worth = value(points[k]);
    if (worth <= best.value) continue;
    double const level = points[k].score, below = k + 1 < points.size() ? points[k + 1].score : lowest;
    double const halfway = below + (level - below) / 2;
    best = {halfway < level ? halfway : below, worth};  // neighbouring numbers have none between them
  }
  return best;
}

}  // namespace detail

/// The threshold of highest accuracy of `score > threshold`, halfway between two scores (-infinity: everyone is a
/// member); of equals, the highest. The accuracy it reaches on these very scores is optimistic.
struct best_threshold_result {
  double threshold = std::numeric_limits<double>::infinity();
  double accuracy = nan;  ///< %, on the scores it was chosen on
};

template <class Score>
[[nodiscard]] best_threshold_result best_threshold(
    std::span<Score const> scores, std::span<std::uint8_t const> members) {
  roc_curve const curve(scores, members);
  if (scores.empty()) return {};
  auto const best =
      detail::best_cut(curve, [&](auto const& p) { return p.true_positives + curve.others() - p.false_positives; });
  return {best.threshold, proportion{best.value, scores.size()}.percent()};
}

}  // namespace papillon::privacy
