// SPDX-License-Identifier: MIT
/// \file limits.hpp
/// What an audit may find at most, for checks that run on their own: `auc=0.6`, `tpr@0.01=0.05` (share of the members
/// found at a share of false alarms), `accuracy=0.55`. A limit is exceeded where the lower end of an attack's 95 %
/// interval lies above it: chance alone seldom gets there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <papillon/privacy/audit_result.hpp>

namespace papillon::audit {

struct limit {
  enum class quantity { auc, tpr, accuracy };

  quantity what = quantity::auc;
  double fpr = 0;    ///< of tpr: the share of false alarms, 0 to 1
  double value = 0;  ///< 0 to 1
};

/// "auc=.6", "tpr@.01=.05", "accuracy=.55". Throws errc::usage.
[[nodiscard]] limit parse_limit(std::string_view text);

/// A sentence for each attack that exceeds a limit; a rate that so few others cannot tell is errc::usage.
[[nodiscard]] std::vector<std::string> exceeded(privacy::audit_result const& found, std::vector<limit> const& limits);

}  // namespace papillon::audit
