// SPDX-License-Identifier: MIT
/// \file cuda_runtime.cuh
/// Defines what exec/cuda_runtime.hpp declares, in the one .cu file of a program that includes it.
#pragma once

#include <papillon/error.hpp>
#include <papillon/exec/cuda_launch.cuh>
#include <papillon/exec/cuda_runtime.hpp>

namespace papillon::exec::cuda_runtime {

namespace {

using detail::check_cuda;

cudaStream_t stream_of(exec::cuda e) { return static_cast<cudaStream_t>(e.stream); }

}  // namespace

void require_device() {
  int count = 0;
  check_cuda(cudaGetDeviceCount(&count), "looking for a device");
  if (count < 1) check_cuda(cudaErrorNoDevice, "looking for a device");
}

std::string describe_device() {
  require_device();
  int current = 0;
  cudaDeviceProp p{};
  check_cuda(cudaGetDevice(&current), "asking for the device");
  check_cuda(cudaGetDeviceProperties(&p, current), "asking for the device's properties");
  return message(p.name, ", compute capability ", p.major, ".", p.minor, ", ", p.totalGlobalMem >> 20, " MiB");
}

void* allocate(std::size_t bytes) {
  void* p = nullptr;
  check_cuda(cudaMalloc(&p, bytes), "allocating memory");
  return p;
}

void release(void* p) noexcept { static_cast<void>(cudaFree(p)); }

void copy_to_device(exec::cuda e, void* to, void const* from, std::size_t bytes) {
  check_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_of(e)), "copying to the device");
  wait(e);
}

void copy_to_host(exec::cuda e, void* to, void const* from, std::size_t bytes) {
  check_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_of(e)), "copying from the device");
  wait(e);
}

void fill_bytes(exec::cuda e, void* p, int byte, std::size_t bytes) {
  check_cuda(cudaMemsetAsync(p, byte, bytes, stream_of(e)), "filling memory");
}

void wait(exec::cuda e) { check_cuda(cudaStreamSynchronize(stream_of(e)), "running kernels"); }

exec::cuda make_stream() {
  require_device();
  cudaStream_t s = nullptr;
  check_cuda(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking), "making a stream");
  return {s};
}

void release_stream(exec::cuda e) noexcept { static_cast<void>(cudaStreamDestroy(stream_of(e))); }

void begin_recording(exec::cuda e) {
  check_cuda(cudaStreamBeginCapture(stream_of(e), cudaStreamCaptureModeThreadLocal), "recording launches");
}

void* end_recording(exec::cuda e) {
  cudaGraph_t graph = nullptr;
  check_cuda(cudaStreamEndCapture(stream_of(e), &graph), "recording launches");
  cudaGraphExec_t runnable = nullptr;
  cudaError_t const status = cudaGraphInstantiate(&runnable, graph, 0);
  static_cast<void>(cudaGraphDestroy(graph));
  check_cuda(status, "preparing recorded launches");
  return runnable;
}

void replay(exec::cuda e, void* recording) {
  check_cuda(cudaGraphLaunch(static_cast<cudaGraphExec_t>(recording), stream_of(e)), "replaying launches");
}

void release_recording(void* recording) noexcept {
  static_cast<void>(cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(recording)));
}

}  // namespace papillon::exec::cuda_runtime
