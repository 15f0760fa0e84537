// SPDX-License-Identifier: MIT
/// \file config.hpp
/// The only header that looks at compiler macros. Everything else uses the names defined here.
/// PAPILLON_HD marks a function that device code may call, PAPILLON_DEVICE_PASS is 1 while that code is compiled for
/// the device; PAPILLON_UNROLL a loop of device code whose index must become a constant, so that the array it runs over
/// stays in registers; PAPILLON_RESTRICT a pointer that aliases no other.
#pragma once

#include <papillon/version.hpp>

#if defined(__CUDACC__)
#  define PAPILLON_HD __host__ __device__
#  define PAPILLON_CUDACC 1
#  define PAPILLON_UNROLL _Pragma("unroll")
#else
#  define PAPILLON_HD
#  define PAPILLON_CUDACC 0
#  define PAPILLON_UNROLL
#endif

#if defined(__CUDA_ARCH__)
#  define PAPILLON_DEVICE_PASS 1
#else
#  define PAPILLON_DEVICE_PASS 0
#endif

// Linking papillon::cuda defines PAPILLON_WITH_CUDA: kernels for exec::cuda are then part of the program.
#if defined(PAPILLON_WITH_CUDA)
#  define PAPILLON_CUDA_LINKED 1
#else
#  define PAPILLON_CUDA_LINKED 0
#endif

#if defined(_OPENMP)
#  define PAPILLON_OPENMP 1
#else
#  define PAPILLON_OPENMP 0
#endif

// Everything but errors lives in an inline namespace named after the instruction set that it is compiled for: vector
// bytes, and whether there are fused multiply-adds. So files of one program that are compiled for different ones share
// no function.
#if defined(__AVX512F__)
#  define PAPILLON_ISA isa_64_fma
#elif defined(__AVX2__) && defined(__FMA__)
#  define PAPILLON_ISA isa_32_fma
#elif defined(__AVX__)
#  define PAPILLON_ISA isa_32
#elif defined(__ARM_FEATURE_FMA)
#  define PAPILLON_ISA isa_16_fma
#else
#  define PAPILLON_ISA isa_16
#endif

#define PAPILLON_RESTRICT __restrict__
#define PAPILLON_ALWAYS_INLINE inline __attribute__((always_inline))

namespace papillon::inline PAPILLON_ISA {

/// Bytes of the widest vector register that this translation unit is compiled for.
#if defined(__AVX512F__)
inline constexpr int native_vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr int native_vector_bytes = 32;
#else
inline constexpr int native_vector_bytes = 16;
#endif

/// Vector registers of the processor.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr int native_vector_registers = 32;
#else
inline constexpr int native_vector_registers = 16;
#endif

/// Whether the processor multiplies and adds in one instruction.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
inline constexpr bool native_fused_products = true;
#else
inline constexpr bool native_fused_products = false;
#endif

/// Images that fill one native vector register with scalars of type T.
template <class T> inline constexpr int native_lanes = native_vector_bytes / static_cast<int>(sizeof(T));

/// Alignment in bytes of every buffer the library allocates: a cache line and the widest vector.
inline constexpr int alignment = 64;

}  // namespace papillon
