// SPDX-License-Identifier: MIT
/// \file cuda_launch.cuh
/// The executor of kernels on a CUDA device, for .cu files only: defines launch(exec::cuda, kernel), and
/// PAPILLON_INSTANTIATE_KERNEL(K), a line of a .cu file that compiles kernel K for the device.
#pragma once

#include <papillon/config.hpp>
#if !PAPILLON_CUDACC
#  error \
      "papillon/exec/cuda_launch.cuh is for .cu files (the compiler of device code reads it); host code includes papillon/exec/device.hpp"
#endif

#include <string>

#include <papillon/error.hpp>
#include <papillon/exec/block.hpp>
#include <papillon/exec/policy.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

namespace detail {

/// Throws papillon::error (failed) for anything but success. Without a driver the runtime answers 35 (34 if only the
/// stub library is there), without a device 100: all three mean that there is no GPU to use.
inline void check_cuda(cudaError_t status, char const* what) {
  int const code = static_cast<int>(status);
  if (code == 34 || code == 35 || code == 100)
    throw error(errc::failed,
        message("no usable CUDA device (", cudaGetErrorString(status), ") use --device omp, or exec::omp in code"));
  if (status != cudaSuccess)
    throw error(errc::failed, message("CUDA: ", what, " failed (", cudaGetErrorString(status), ") try --device omp"));
}

/// A thread block on the device. The body of a kernel is compiled for the host too but never run there with this block.
class cuda_block {
 public:
  template <class T> class per_thread {
   public:
    PAPILLON_HD T& operator[](int) { return v_; }

   private:
    T v_{};
  };

  PAPILLON_HD int index() const {
#if PAPILLON_DEVICE_PASS
    return static_cast<int>(blockIdx.x);
#else
    return 0;
#endif
  }
  template <class F> PAPILLON_HD void phase(F&& f) {
    phase_nosync(f);
#if PAPILLON_DEVICE_PASS
    __syncthreads();
#endif
  }
  template <class F> PAPILLON_HD void phase_nosync(F&& f) {
#if PAPILLON_DEVICE_PASS
    f(static_cast<int>(threadIdx.x));
#else
    f(0);
#endif
  }
  template <class T, int N> PAPILLON_HD void sum_lanes(per_thread<values<T, N>>& v) {
    PAPILLON_UNROLL
    for (int i = 0; i < N; ++i) add_others(v[0][i]);
  }
  template <class T> PAPILLON_HD void sum_lanes(per_thread<T>& v) { add_others(v[0]); }

 private:
  /// v[i] + v[i ^ 16], then 8, 4, 2, 1: in lane 0 the sums by halves, and since addition commutes the same in every
  /// lane.
  template <class T> PAPILLON_HD static void add_others([[maybe_unused]] T& v) {
#if PAPILLON_DEVICE_PASS
    for (int half = warp / 2; half > 0; half /= 2) v += __shfl_xor_sync(0xFFFFFFFFu, v, half);
#endif
  }
};

/// One block a multiprocessor is enough for the compiler: with no number it may spill registers to fit in more of them.
template <class K> __global__ void __launch_bounds__(K::threads, 1) run_kernel(K const k) {
  __shared__ typename K::shared shared;
  cuda_block block;
  k(block, shared);
}

}  // namespace detail

template <block_kernel K> void launch(exec::cuda e, K const& k) {
  detail::run_kernel<<<static_cast<unsigned>(k.blocks()), static_cast<unsigned>(K::threads), 0,
      static_cast<cudaStream_t>(e.stream)>>>(k);
  detail::check_cuda(cudaGetLastError(), "launching a kernel");
}

}  // namespace papillon::exec

/// Compiles a kernel for the device, so that host code can launch it. Once for each kernel, at the top level of a .cu
/// file.
#define PAPILLON_INSTANTIATE_KERNEL(...) \
  template void papillon::exec::launch<__VA_ARGS__>(papillon::exec::cuda, __VA_ARGS__ const&)
