// SPDX-License-Identifier: MIT
/// \file class_thresholds.hpp
/// One threshold a class, since a score means another thing for cats than for ships: tau_c is the threshold of highest
/// balanced accuracy among the shadow's images of class c, and what is compared between classes is score - tau_y.
/// Song and Mittal 2021. Time O(n log n).
#pragma once

#include <papillon/privacy/metrics.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// The threshold of highest balanced accuracy of `score > threshold`, halfway between two scores; of equals, the
/// highest (+infinity: nobody is a member; -infinity: all whose score is a number). NaN without members or without
/// others.
[[nodiscard]] inline double best_balanced_threshold(
    std::span<double const> scores, std::span<std::uint8_t const> members) {
  roc_curve const curve(scores, members);
  if (curve.members() == 0 || curve.others() == 0) return nan;
  // found / members - wrongly / others, times both, so that equals are equal
  return detail::best_cut(curve, [&](auto const& p) {
    return static_cast<std::int64_t>(p.true_positives * curve.others()) -
           static_cast<std::int64_t>(p.false_positives * curve.members());
  }).threshold;
}

/// Thresholds chosen on the shadow.
struct class_thresholds {
  double global = nan;           ///< of all images
  std::vector<double> of_class;  ///< [classes]; the global one where a class lacks members or others

  /// score - tau_y, [images]: its sign is the decision. -infinity in a class where nobody is taken for a member.
  /// Throws papillon::error (usage) unless scores and labels are as many, and the labels' classes exist.
  /// Labels: a span or vector of integers.
  template <class Labels>
  [[nodiscard]] std::vector<double> relative(std::span<double const> scores, Labels const& labels) const {
    check(scores.size(), labels, of_class.size());
    std::vector<double> differences(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) differences[i] = scores[i] - of_class[labels[i]];
    return differences;
  }

  template <class Labels> static void check(std::size_t scores, Labels const& labels, std::size_t classes) {
    if (scores != labels.size())
      throw error(errc::usage, message("class thresholds: ", scores, " scores and ", labels.size(), " labels"));
    for (auto label : labels)
      if (static_cast<std::size_t>(label) >= classes)
        throw error(errc::usage, message("class thresholds: label ", +label, " (there are ", classes, " classes)"));
  }
};

/// Chooses them: members[i] != 0 where image i, of class labels[i], is a member of the shadow.
/// Throws papillon::error (usage) if the three differ in length, a label is not below `classes`, or all images lack
/// members or others.
template <class Labels>
[[nodiscard]] class_thresholds choose_class_thresholds(
    std::span<double const> scores, std::span<std::uint8_t const> members, Labels const& labels, std::size_t classes) {
  class_thresholds::check(scores.size(), labels, classes);
  class_thresholds chosen;
  chosen.global = best_balanced_threshold(scores, members);
  if (std::isnan(chosen.global))
    throw error(errc::usage, "class thresholds need members and others (one side is empty)");
  struct group {
    std::vector<double> scores;
    std::vector<std::uint8_t> members;
  };
  std::vector<group> groups(classes);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    groups[labels[i]].scores.push_back(scores[i]);
    groups[labels[i]].members.push_back(members[i]);
  }
  for (auto const& g : groups) {
    double const threshold = best_balanced_threshold(g.scores, g.members);
    chosen.of_class.push_back(std::isnan(threshold) ? chosen.global : threshold);
  }
  return chosen;
}

}  // namespace papillon::privacy
