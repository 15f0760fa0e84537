// SPDX-License-Identifier: MIT
/// \file metrics.hpp
/// How well scores tell members from non-members. A score is any number that is higher the more an image looks like a
/// member; the attack says "member" where score > threshold. NaN scores count as lower than all others: never a member.
/// Rates are in percent, the area under the ROC curve is the chance that a member scores above a non-member, ties one
/// half.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <papillon/config.hpp>
#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Of numbers that do not exist.
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What an attack reached on members and non-members; NaN: does not exist (an empty side).
struct attack_metrics {
  double accuracy = nan;            ///< %
  double balanced_accuracy = nan;   ///< %, mean of the rates on members and on non-members
  double auc = nan;                 ///< area under the ROC curve, 0 to 1
  double true_positive_rate = nan;  ///< %, of members found when at most 1 % of the others are taken for members
};

/// Defence of a network against an attack of accuracy A, both in percent: D = 200 - 2 A. Guessing (50) gives 100.
[[nodiscard]] constexpr double defence(double attack_accuracy) noexcept { return 200.0 - 2.0 * attack_accuracy; }

namespace detail {

/// Scores with their labels from the highest to the lowest; NaN as the lowest.
struct labelled_score {
  double score;
  bool member;
};

template <class Score>
std::vector<labelled_score> descending(std::span<Score const> scores, std::span<std::uint8_t const> members) {
  if (scores.size() != members.size())
    throw error(errc::usage,
        message("scores and membership labels differ in number (", scores.size(), " and ", members.size(), ")"));
  std::vector<labelled_score> all(scores.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const s = static_cast<double>(scores[i]);
    all[i] = {std::isnan(s) ? -std::numeric_limits<double>::infinity() : s, members[i] != 0};
  }
  std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.score > b.score; });
  return all;
}

/// Calls visit(score, members so far, others so far) after each group of equal scores, from the highest score down.
template <class Visit> void for_each_level(std::vector<labelled_score> const& all, Visit&& visit) {
  std::size_t members = 0, others = 0;
  for (std::size_t i = 0; i < all.size();) {
    double const level = all[i].score;
    for (; i < all.size() && all[i].score == level; ++i) (all[i].member ? members : others) += 1;
    visit(level, members, others);
  }
}

}  // namespace detail

/// All metrics of `score > threshold` on labelled images: members[i] != 0 where image i is a member.
template <class Score>
[[nodiscard]] attack_metrics evaluate_attack(
    std::span<Score const> scores, std::span<std::uint8_t const> members, double threshold) {
  auto const all = detail::descending(scores, members);
  attack_metrics m;
  if (all.empty()) return m;
  std::size_t member_count = 0, found = 0, wrongly = 0;
  for (auto const& s : all) {
    member_count += s.member;
    if (s.score > threshold) (s.member ? found : wrongly) += 1;
  }
  std::size_t const other_count = all.size() - member_count;
  auto const real = [](std::size_t n) { return static_cast<double>(n); };
  m.accuracy = 100.0 * real(found + other_count - wrongly) / real(all.size());
  if (member_count == 0 || other_count == 0) return m;
  m.balanced_accuracy = 50.0 * (real(found) / real(member_count) + real(other_count - wrongly) / real(other_count));

  double pairs = 0, best_found = 0;  // pairs: twice the number of (member, other) in the right order
  std::size_t members_above = 0, others_above = 0;
  detail::for_each_level(all, [&](double, std::size_t members_so_far, std::size_t others_so_far) {
    pairs += real(others_so_far - others_above) * real(members_above + members_so_far);
    members_above = members_so_far;
    others_above = others_so_far;
    if (100 * others_so_far <= other_count) best_found = real(members_so_far);
  });
  m.auc = pairs / (2.0 * real(member_count) * real(other_count));
  m.true_positive_rate = 100.0 * best_found / real(member_count);
  return m;
}

/// The threshold of highest accuracy of `score > threshold`, halfway between two scores (-infinity: everyone is a
/// member); of equals, the highest. The accuracy it reaches on these very scores is optimistic.
struct best_threshold_result {
  double threshold = std::numeric_limits<double>::infinity();
  double accuracy = nan;  ///< %, on the scores it was chosen on
};

template <class Score>
[[nodiscard]] best_threshold_result best_threshold(
    std::span<Score const> scores, std::span<std::uint8_t const> members) {
  auto const all = detail::descending(scores, members);
  best_threshold_result best;
  if (all.empty()) return best;
  auto const other_count =
      static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](auto const& s) { return !s.member; }));
  std::size_t best_right = other_count;  // threshold +infinity: nobody is a member
  detail::for_each_level(all, [&](double level, std::size_t members_so_far, std::size_t others_so_far) {
    std::size_t const next = members_so_far + others_so_far;
    std::size_t const right = members_so_far + other_count - others_so_far;
    if (right <= best_right) return;
    best_right = right;
    double const below = next < all.size() ? all[next].score : -std::numeric_limits<double>::infinity();
    double const halfway = below + (level - below) / 2;
    best.threshold = halfway < level ? halfway : below;  // neighbouring numbers have none between them
  });
  best.accuracy = 100.0 * static_cast<double>(best_right) / static_cast<double>(all.size());
  return best;
}

}  // namespace papillon::privacy
