// SPDX-License-Identifier: MIT
/// \file audit_result.hpp
/// What an audit found: one entry an attack, each with its scores, so that anything else can be computed from it.
#pragma once

#include <algorithm>
#include <string>

#include <papillon/privacy/confusion.hpp>
#include <papillon/privacy/roc.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// Where the threshold of a decision comes from.
enum class threshold_source {
  fixed,            ///< it is part of the attack
  transferred,      ///< best on the shadow: what an attacker can have
  cross_validated,  ///< each fifth of the images is judged by the threshold that is best on the others
  oracle,           ///< best on these very images: no attacker has it, and with few images it flatters
};

/// One attack on the target.
struct audit_attack {
  std::string name;
  std::vector<double> scores;  ///< [images], higher for members; NaN: below all others
  auc_estimate auc;
  operating_point at_one_percent;  ///< members found where at most 1 % of the others are taken for members
  operating_point at_tenth;        ///< ... where at most 0.1 % are
  confusion decisions;             ///< at the threshold
  double threshold = nan;  ///< member where score > threshold; cross-validated: the one that is best on all images
  threshold_source source = threshold_source::oracle;

  /// Balanced accuracy of the decisions, 0 to 1: the accuracy if there were as many members as others.
  [[nodiscard]] double accuracy() const { return decisions.balanced_accuracy(); }
  [[nodiscard]] interval accuracy_limits(double level = 0.95) const {
    return decisions.members.total == decisions.others.total ? decisions.accuracy().limits(level)
                                                             : decisions.balanced_accuracy_limits(level);
  }
};

/// All attacks on one network, in the order in which they are listed in audit.hpp.
struct audit_result {
  std::vector<std::uint8_t> members;  ///< [images], 1 or 0
  std::vector<audit_attack> attacks;
  std::vector<std::string> warnings;  ///< sentences: what may be wrong with what was given

  /// The attack of the largest area under the curve, the first of equals. There is at least one.
  [[nodiscard]] audit_attack const& strongest() const {
    return *std::max_element(
        attacks.begin(), attacks.end(), [](auto const& a, auto const& b) { return a.auc.value < b.auc.value; });
  }
};

}  // namespace papillon::privacy
