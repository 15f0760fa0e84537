// SPDX-License-Identifier: MIT
/// \file launch.hpp
/// launch(policy, kernel): runs a kernel under a device policy. For `emulated` and `emulated_threads` it is defined in
/// emulate.hpp; for `cuda` it is only declared here, and defined in exec/cuda_launch.cuh for the compiler of device
/// code, which instantiates it for the kernels that a .cu file lists. A kernel that no .cu file lists is a link error
/// that names it.
#pragma once

#include <papillon/exec/emulate.hpp>
#include <papillon/exec/policy.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

/// Starts the kernel on the policy's stream and returns; throws papillon::error if the device refuses it.
template <block_kernel K> void launch(exec::cuda e, K const& k);

}  // namespace papillon::exec
