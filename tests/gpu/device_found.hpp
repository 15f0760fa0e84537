// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>

#include <papillon/error.hpp>
#include <papillon/kernel/cuda_runtime.hpp>

namespace papillon::test {

/// Whether there is a CUDA device; says why not, in the words by which a test counts as skipped.
inline bool device_found() {
  try {
    kernel::cuda_runtime::require_device();
    return true;
  } catch (error const& e) {
    std::printf("[skipped] %s\n", e.what());
    return false;
  }
}

}  // namespace papillon::test
