// SPDX-License-Identifier: MIT
/// \file roc_figure.hpp
/// ROC curves of an audit, on linear and on logarithmic axes (Carlini et al. 2022: what matters stands at few false
/// alarms), with the line of chance. The curve of the strongest attack has a band of 95 % Clopper-Pearson intervals.
#pragma once

#include <string>

#include <papillon/privacy/audit_result.hpp>
#include <report/figure.hpp>

namespace papillon::audit {

/// The strongest attack and those next to it by the area under the curve, eight at most.
[[nodiscard]] report::figure roc_figure(privacy::audit_result const& found, std::string const& name);

}  // namespace papillon::audit
