// SPDX-License-Identifier: MIT
/// \file cuda_runtime.hpp
/// What host code asks of CUDA without seeing a CUDA header: memory, copies, streams and recorded sequences of
/// launches. Defined by papillon::cuda. Every call is checked; where there is no driver or no device, all of them throw
/// the same papillon::error (failed), one line that says so and what to use instead.
#pragma once

#include <cstddef>
#include <string>

#include <papillon/exec/policy.hpp>

namespace papillon::exec::cuda_runtime {

/// Throws unless a CUDA device can be used.
void require_device();
/// Name, compute capability and memory of the current device.
[[nodiscard]] std::string describe_device();

[[nodiscard]] void* allocate(std::size_t bytes);
void release(void* p) noexcept;
/// Copies return when the host's memory may be used again.
void copy_to_device(exec::cuda e, void* to, void const* from, std::size_t bytes);
void copy_to_host(exec::cuda e, void* to, void const* from, std::size_t bytes);
/// Every byte of a range of device memory.
void fill_bytes(exec::cuda e, void* p, int byte, std::size_t bytes);
/// Waits for all that was started on the stream, and throws if any of it failed.
void wait(exec::cuda e);

/// A stream of its own: recording is not possible on the default one.
[[nodiscard]] exec::cuda make_stream();
void release_stream(exec::cuda e) noexcept;

/// Between the two calls launches on the stream are recorded, not run; the result replays them.
void begin_recording(exec::cuda e);
[[nodiscard]] void* end_recording(exec::cuda e);
void replay(exec::cuda e, void* recording);
void release_recording(void* recording) noexcept;

}  // namespace papillon::exec::cuda_runtime
