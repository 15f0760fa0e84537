// SPDX-License-Identifier: MIT
/// \file working_ways.hpp
/// What a person may choose of how a study is worked on (executor.hpp), and how long a worker waits for what.
#pragma once

#include <chrono>

#include <study/claim.hpp>

namespace papillon::study {

/// How a worker goes about it.
struct working_ways {
  bool stop_at_error = false;  ///< the first error of a task ends the work
  bool retry_failed = false;   ///< what failed for good is tried anew
  bool mix = false;            ///< goes on with trainings that others began with other lanes or another device
  std::chrono::milliseconds beat = claims::usual_beat;
  std::chrono::milliseconds first_wait{1'000}, longest_wait{30'000};  ///< for others, doubling
  std::chrono::milliseconds pause{2'000};                             ///< after a failure that may pass, doubling
};

}  // namespace papillon::study
