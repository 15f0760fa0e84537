// SPDX-License-Identifier: MIT
/// \file policy.hpp
/// Where work runs. A policy is a small value passed first to every algorithm, as in <execution>:
/// `seq` is the plain-loop reference, `omp` the vectorised, threaded CPU backend.
/// Lanes: how many images lie side by side in memory, see tensor/tensor.hpp.
#pragma once

#include <concepts>

#include <papillon/config.hpp>

namespace papillon::exec {

/// Images that fill one native vector register with scalars of type T.
template <class T>
inline constexpr int native_lanes = native_vector_bytes / static_cast<int>(sizeof(T));

/// One thread, plain loops that read like the formula: the reference that every other policy is tested against.
struct seq {};

/// OpenMP threads over blocks of images, vector registers over the images of a block.
/// Inside a parallel region of the caller it runs on the calling thread alone.
struct omp {
  int threads = 0;  ///< 0: OpenMP's default
};

template <class E>
concept policy = std::same_as<E, seq> || std::same_as<E, omp>;

}  // namespace papillon::exec
