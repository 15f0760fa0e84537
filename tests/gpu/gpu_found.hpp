// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>

#include <papillon/error.hpp>
#include <papillon/exec/cuda_runtime.hpp>

namespace papillon::test {

/// Whether there is a CUDA device; says why not, in the words by which a test counts as skipped.
inline bool gpu_found() {
  try {
    exec::cuda_runtime::require_device();
    return true;
  } catch (error const& e) {
    std::printf("[skipped] %s\n", e.what());
    return false;
  }
}

}  // namespace papillon::test
