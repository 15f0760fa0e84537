// SPDX-License-Identifier: MIT
/// \file policy.hpp
/// Where work runs. A policy is a small value passed first to every algorithm, as in `<execution>`:
/// `seq` is the plain-loop reference, `omp` the vectorised, threaded CPU backend. Kernels written for a GPU run under
/// `cuda` on the GPU, under `emulated` and `emulated_threads` on the host, so that they are executed in every run of
/// the tests. Lanes: how many images lie side by side in memory, see tensor/tensor.hpp.
#pragma once

#include <concepts>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

/// One thread, plain loops that read like the formula: the reference that every other policy is tested against.
struct seq {};

/// OpenMP threads over blocks of images, vector registers over the images of a block.
/// Inside a parallel region of the caller it runs on the calling thread alone.
struct omp {
  int threads = 0;  ///< 0: OpenMP's default
};

/// Kernels on the host: a thread block is a loop over its threads, phase by phase. Other orders than `forward` expose
/// what should not depend on the order. One host thread.
struct emulated {
  enum class thread_order { forward, reverse, shuffled };
  thread_order order = thread_order::forward;
  unsigned seed = 0;  ///< of the shuffled order
  friend constexpr bool operator==(emulated const&, emulated const&) = default;
};

/// Kernels on the host, a std::thread for each device thread: slow, and what ThreadSanitizer needs to see a race.
struct emulated_threads {
  int workers = 2;  ///< thread blocks that run at the same time
  friend constexpr bool operator==(emulated_threads const&, emulated_threads const&) = default;
};

/// Kernels on the CUDA device that is current. Needs papillon::cuda to be linked, see cuda_available.
struct cuda {
  void* stream = nullptr;  ///< a cudaStream_t; null: the default stream
  friend constexpr bool operator==(cuda const&, cuda const&) = default;
};

/// Whether this translation unit belongs to a program that papillon::cuda is linked to.
inline constexpr bool cuda_available = PAPILLON_CUDA_LINKED != 0;

/// Images side by side wherever kernels run: a lane is a thread of a warp.
inline constexpr int device_lanes = 32;

/// Policies that run kernels (exec/block.hpp).
template <class E>
concept device_policy = std::same_as<E, emulated> || std::same_as<E, emulated_threads> || std::same_as<E, cuda>;

template <class E> concept host_policy = std::same_as<E, seq> || std::same_as<E, omp>;
template <class E> concept policy = host_policy<E> || device_policy<E>;

/// Lanes of the networks that a policy runs best; a device policy runs no other.
template <policy E, class T> inline constexpr int lanes_of = device_policy<E> ? device_lanes : native_lanes<T>;

}  // namespace papillon::exec
