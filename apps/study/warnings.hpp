// SPDX-License-Identifier: MIT
/// \file warnings.hpp
/// What a reader has to know before the numbers of a study, a sentence each: configurations that are compared although
/// they were trained for other lengths or with another weight decay (and which control tells the two effects apart),
/// an attack of the paper that guessing "member where the network is right" beats, and how few seeds there are.
#pragma once

#include <string>
#include <vector>

#include <study/results.hpp>

namespace papillon::study {

/// The warnings of a study whose configurations are summarised.
[[nodiscard]] std::vector<std::string> warnings_of(results const& study);

}  // namespace papillon::study
