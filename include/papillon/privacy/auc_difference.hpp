// SPDX-License-Identifier: MIT
/// \file auc_difference.hpp
/// The difference of two attacks' areas under the ROC curve on the same images. The areas go up and down together, so
/// the variance of the difference is var(a) + var(b) - 2 cov(a, b), with the covariance of their placements: E. DeLong,
/// D. DeLong and D. Clarke-Pearson, "Comparing the areas under two or more correlated ROC curves", Biometrics 44
/// (1988).
#pragma once

#include <papillon/privacy/roc.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Of attacks a and b; NaN where an area or its error does not exist.
struct auc_difference {
  auc_estimate a, b;
  double covariance = nan;

  [[nodiscard]] double value() const noexcept { return a.value - b.value; }

  [[nodiscard]] double standard_error() const noexcept {
    double const variance = a.standard_error * a.standard_error + b.standard_error * b.standard_error - 2 * covariance;
    return std::isnan(variance) ? nan : std::sqrt(std::max(0.0, variance));
  }

  /// value +- z standard errors.
  [[nodiscard]] interval limits(double level = 0.95) const {
    double const half = normal_quantile(0.5 + level / 2) * standard_error();
    return {value() - half, value() + half};
  }

  /// Two-sided, for equal areas; 1 where the two attacks order all images alike.
  [[nodiscard]] double p() const {
    double const error = standard_error();
    if (error > 0 || std::isnan(error)) return 2 * normal_distribution(-std::abs(value()) / error);
    return value() == 0 ? 1 : 0;
  }
};

namespace detail {

/// For each image its placement: of a member the share of others below it, of an other that of members above it.
template <class Score>
std::vector<double> placements(
    roc_curve const& curve, std::span<Score const> scores, std::span<std::uint8_t const> members) {
  auto const points = curve.points();  // the first lies above all scores
  std::vector<double> r(scores.size());
  for (std::size_t i = 0; i < r.size(); ++i) {
    auto score = static_cast<double>(scores[i]);
    if (std::isnan(score)) score = -std::numeric_limits<double>::infinity();
    auto const here = std::lower_bound(
        points.begin() + 1, points.end(), score, [](roc_curve::point const& p, double s) { return p.score > s; });
    roc_curve::point const &at = here[0], &above = here[-1];
    auto const share = [](std::size_t twice, std::size_t n) {
      return static_cast<double>(twice) / (2 * static_cast<double>(n));
    };
    r[i] = members[i] != 0 ? 1 - share(at.false_positives + above.false_positives, curve.others())
                           : share(at.true_positives + above.true_positives, curve.members());
  }
  return r;
}

}  // namespace detail

/// Compares two attacks on the same images, whose scores may be of different types and scales: members[i] != 0 where
/// image i is a member. An error where the numbers of scores and labels differ.
template <class A, class B>
[[nodiscard]] auc_difference compare_auc(
    std::span<A const> a, std::span<B const> b, std::span<std::uint8_t const> members) {
  roc_curve const curve_a(a, members), curve_b(b, members);
  auc_difference r{curve_a.auc(), curve_b.auc(), nan};
  if (curve_a.members() < 2 || curve_a.others() < 2) return r;
  auto const va = detail::placements(curve_a, a, members), vb = detail::placements(curve_b, b, members);
  double products[2] = {0, 0};  // of others, of members
  for (std::size_t i = 0; i < va.size(); ++i) products[members[i] != 0] += (va[i] - r.a.value) * (vb[i] - r.b.value);
  auto const n1 = static_cast<double>(curve_a.members()), n0 = static_cast<double>(curve_a.others());
  r.covariance = products[1] / (n1 * (n1 - 1)) + products[0] / (n0 * (n0 - 1));
  return r;
}

}  // namespace papillon::privacy
