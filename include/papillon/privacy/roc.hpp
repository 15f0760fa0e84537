// SPDX-License-Identifier: MIT
/// \file roc.hpp
/// The ROC curve of scores that are to tell members from others, and what is read off it. A score is any number that is
/// higher the more an image looks like a member; NaN is lower than all others. Equal scores cannot be told apart: they
/// are one step of the curve. Rates and areas lie between 0 and 1. Standard errors of areas after E. DeLong, D. DeLong
/// and D. Clarke-Pearson, "Comparing the areas under two or more correlated ROC curves", Biometrics 44 (1988).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <papillon/privacy/intervals.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Scores from the highest to the lowest, each with whose it is; NaN as the lowest. Made once, it gives the curves of
/// many resamples of its images.
class ranking {
 public:
  struct entry {
    double score;
    std::uint32_t image;
    bool member;
  };

  ranking() = default;

  /// members[i] != 0 where image i is a member. Scores of any arithmetic type; an error where the numbers differ.
  template <class Score> ranking(std::span<Score const> scores, std::span<std::uint8_t const> members) {
    if (scores.size() != members.size())
      throw error(errc::usage,
          message("scores and membership labels differ in number (", scores.size(), " and ", members.size(), ")"));
    entries_.reserve(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
      auto const s = static_cast<double>(scores[i]);
      entries_.push_back({std::isnan(s) ? -std::numeric_limits<double>::infinity() : s, static_cast<std::uint32_t>(i),
          members[i] != 0});
    }
    std::sort(entries_.begin(), entries_.end(), [](auto const& a, auto const& b) { return a.score > b.score; });
  }

  [[nodiscard]] std::span<entry const> entries() const noexcept { return entries_; }

 private:
  std::vector<entry> entries_;
};

/// An area under a curve: the chance that a member scores above a non-member, ties one half.
struct auc_estimate {
  double value = nan;           ///< NaN without members or without others
  double standard_error = nan;  ///< by DeLong; NaN with less than two members or two others

  /// value +- z standard errors, cut to [0, 1].
  [[nodiscard]] interval limits(double level = 0.95) const {
    double const half = normal_quantile(0.5 + level / 2) * standard_error;
    if (std::isnan(half)) return {};
    return {std::max(0.0, value - half), std::min(1.0, value + half)};
  }
};

/// What is found when no more than a given share of the other side may be taken wrongly.
struct operating_point {
  proportion found;   ///< of the side that is looked for
  proportion wrong;   ///< of the other side, taken for it
  bool shown = true;  ///< whether the share allows for at least one wrong image, or for none by its wording (0)
};

/// The curve: its points lie between groups of equal scores, the first at (0, 0), the last at (1, 1).
class roc_curve {
 public:
  /// Where all scores from the highest down to `score` are taken for members.
  struct point {
    double score;
    std::size_t true_positives, false_positives;
  };

  /// The curve of all images; with `weights`, of weights[i] copies of each image i.
  explicit roc_curve(ranking const& ranked, std::span<std::uint32_t const> weights = {}) {
    auto const all = ranked.entries();
    if (!weights.empty() && weights.size() != all.size())
      throw error(
          errc::usage, message("weights and images differ in number (", weights.size(), " and ", all.size(), ")"));
    points_.reserve(all.size() + 1);
    point p{std::numeric_limits<double>::infinity(), 0, 0};
    points_.push_back(p);
    for (std::size_t i = 0; i < all.size();) {
      for (p.score = all[i].score; i < all.size() && all[i].score == p.score; ++i)
        (all[i].member ? p.true_positives : p.false_positives) += weights.empty() ? 1 : weights[all[i].image];
      points_.push_back(p);
    }
  }

  template <class Score>
  roc_curve(std::span<Score const> scores, std::span<std::uint8_t const> members)
      : roc_curve(ranking(scores, members)) {}

  [[nodiscard]] std::span<point const> points() const noexcept { return points_; }
  [[nodiscard]] std::size_t members() const noexcept { return points_.back().true_positives; }
  [[nodiscard]] std::size_t others() const noexcept { return points_.back().false_positives; }

  /// The area, with DeLong's standard error: its variance is s^2(V10) / members + s^2(V01) / others, where V10 of a
  /// member is the share of others below it, V01 of an other that of members above it, ties one half.
  [[nodiscard]] auc_estimate auc() const {
    double const n1 = real(members()), n0 = real(others());
    double pairs = 0;  // twice the number of (member, other) in the right order
    for_each_step([&](point const& a, point const& b) {
      pairs += real(b.false_positives - a.false_positives) * real(a.true_positives + b.true_positives);
    });
    auc_estimate r{pairs / (2 * n1 * n0), nan};
    if (members() < 2 || others() < 2) return r;
    double squares10 = 0, squares01 = 0;
    for_each_step([&](point const& a, point const& b) {
      double const v10 = 1 - real(a.false_positives + b.false_positives) / (2 * n0) - r.value;
      double const v01 = real(a.true_positives + b.true_positives) / (2 * n1) - r.value;
      squares10 += real(b.true_positives - a.true_positives) * v10 * v10;
      squares01 += real(b.false_positives - a.false_positives) * v01 * v01;
    });
    r.standard_error = std::sqrt(squares10 / (n1 * (n1 - 1)) + squares01 / (n0 * (n0 - 1)));
    return r;
  }

  /// The most members found with at most `share` of the others taken for members, without interpolation.
  [[nodiscard]] operating_point true_positive_rate_at(double share) const {
    std::size_t const allowed = allowed_errors(share, others());
    auto const last = std::partition_point(points_.begin(), points_.end(), [allowed](point const& p) {
      return p.false_positives <= allowed;
    }) - 1;  // the first point has no false positive
    return {{last->true_positives, members()}, {last->false_positives, others()}, share == 0 || allowed > 0};
  }

  /// Its mirror image: the most others ruled out with at most `share` of the members taken for others.
  [[nodiscard]] operating_point true_negative_rate_at(double share) const {
    std::size_t const allowed = allowed_errors(share, members()), all = members();
    auto const first = std::partition_point(points_.begin(), points_.end(), [allowed, all](point const& p) {
      return all - p.true_positives > allowed;
    });  // the last point has no false negative
    return {
        {others() - first->false_positives, others()}, {all - first->true_positives, all}, share == 0 || allowed > 0};
  }

  /// The largest true positive rate - false positive rate: no attacker knows its threshold. NaN without one side.
  [[nodiscard]] double advantage() const {
    if (members() == 0 || others() == 0) return nan;
    double best = 0;
    for (auto const& p : points_)
      best = std::max(best, real(p.true_positives) / real(members()) - real(p.false_positives) / real(others()));
    return best;
  }

 private:
  static double real(std::size_t n) { return static_cast<double>(n); }

  /// floor(share n), where the rounding of a product such as .29 * 100 does not cost an image.
  static std::size_t allowed_errors(double share, std::size_t n) {
    if (!(share >= 0 && share <= 1))
      throw error(errc::usage, message("no share ", share, " (it lies between 0 and 1)"));
    return static_cast<std::size_t>(share * real(n) * (1 + 4 * std::numeric_limits<double>::epsilon()));
  }

  template <class Visit> void for_each_step(Visit visit) const {
    for (std::size_t k = 1; k < points_.size(); ++k) visit(points_[k - 1], points_[k]);
  }

  std::vector<point> points_;
};

}  // namespace papillon::privacy
