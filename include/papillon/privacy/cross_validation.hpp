// SPDX-License-Identifier: MIT
/// \file cross_validation.hpp
/// Thresholds without a shadow: the images are dealt into folds at random, members and others apart, and each fold is
/// judged by what is best on the others. So no image has a say in its own decision, and the accuracy is what an
/// attacker reaches who knows the membership of images like these. The deal is the same in every run.
#pragma once

#include <algorithm>
#include <numeric>

#include <papillon/privacy/class_thresholds.hpp>
#include <papillon/privacy/confusion.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

class cross_validation {
 public:
  /// members[i] != 0 where image i is a member; at least two folds.
  explicit cross_validation(std::span<std::uint8_t const> members, std::size_t folds = 5)
      : members_(members.begin(), members.end()), fold_(members.size()), folds_(folds) {
    std::vector<std::uint32_t> order(members.size());
    std::iota(order.begin(), order.end(), 0u);
    random::engine engine(random::stream{0, 0, random::purpose::holdout});
    random::shuffle(engine, order);
    std::size_t dealt[2] = {};
    for (auto const i : order) fold_[i] = dealt[members_[i] != 0 ? 1 : 0]++ % folds;
    fewest_ = std::min(dealt[0], dealt[1]);
  }

  /// Whether every fold has members and others.
  [[nodiscard]] bool possible() const { return fewest_ >= folds_; }

  /// What becomes of the images when each fold is judged by the threshold of best balanced accuracy on the others.
  /// scores [images].
  [[nodiscard]] confusion decide(std::span<double const> scores) const {
    confusion sum;
    for_each_fold([&](std::vector<std::uint32_t> const& judged, std::vector<std::uint32_t> const& rest) {
      auto const threshold = best_balanced_threshold(pick(scores, rest), pick<std::uint8_t>(members_, rest));
      auto const found =
          confusion_at(std::span<double const>(pick(scores, judged)), pick<std::uint8_t>(members_, judged), threshold);
      add(sum.members, found.members);
      add(sum.others, found.others);
    });
    return sum;
  }

  /// score - tau of the image's class, tau the threshold of best balanced accuracy among the other folds' images of
  /// that class (class_thresholds.hpp): above 0 for members. scores and labels [images], labels below `classes`.
  [[nodiscard]] std::vector<double> relative_to_class(
      std::span<double const> scores, std::span<std::uint32_t const> labels, std::size_t classes) const {
    std::vector<double> relative(scores.size());
    for_each_fold([&](std::vector<std::uint32_t> const& judged, std::vector<std::uint32_t> const& rest) {
      auto const thresholds =
          choose_class_thresholds(pick(scores, rest), pick<std::uint8_t>(members_, rest), pick(labels, rest), classes);
      auto const of_fold = thresholds.relative(pick(scores, judged), pick(labels, judged));
      for (std::size_t k = 0; k < judged.size(); ++k) relative[judged[k]] = of_fold[k];
    });
    return relative;
  }

 private:
  template <class T>
  [[nodiscard]] static std::vector<T> pick(std::span<T const> values, std::vector<std::uint32_t> const& images) {
    std::vector<T> picked;
    picked.reserve(images.size());
    for (auto const i : images) picked.push_back(values[i]);
    return picked;
  }
  static void add(proportion& sum, proportion const& more) {
    sum.count += more.count;
    sum.total += more.total;
  }
  /// Calls f(images of the fold, all other images).
  template <class F> void for_each_fold(F const& f) const {
    for (std::size_t k = 0; k < folds_; ++k) {
      std::vector<std::uint32_t> judged, rest;
      for (std::uint32_t i = 0; i < fold_.size(); ++i) (fold_[i] == k ? judged : rest).push_back(i);
      f(judged, rest);
    }
  }

  std::vector<std::uint8_t> members_;
  std::vector<std::size_t> fold_;
  std::size_t folds_, fewest_ = 0;
};

}  // namespace papillon::privacy
