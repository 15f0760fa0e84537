// SPDX-License-Identifier: MIT
/// \file instruction_sets.hpp
/// The instruction sets that a compiler may use on its own: an index, the macro that says it does, and the processor's
/// name for it; of those that not every compiler can ask the processor for by name, the function of cpuid and the bit
/// of ecx that tell.
#pragma once

// X(index, macro, name)
#define PAPILLON_INSTRUCTION_SETS(X) \
  X(0, __SSE3__, "sse3")             \
  X(1, __SSSE3__, "ssse3")           \
  X(2, __SSE4_1__, "sse4.1")         \
  X(3, __SSE4_2__, "sse4.2")         \
  X(4, __POPCNT__, "popcnt")         \
  X(5, __AVX__, "avx")               \
  X(6, __AVX2__, "avx2")             \
  X(7, __FMA__, "fma")               \
  X(8, __BMI__, "bmi")               \
  X(9, __BMI2__, "bmi2")             \
  X(10, __AVX512F__, "avx512f")      \
  X(11, __AVX512BW__, "avx512bw")    \
  X(12, __AVX512CD__, "avx512cd")    \
  X(13, __AVX512DQ__, "avx512dq")    \
  X(14, __AVX512VL__, "avx512vl")    \
  X(15, __AVX512ER__, "avx512er")    \
  X(16, __SSE4A__, "sse4a")          \
  X(17, __FMA4__, "fma4")            \
  X(18, __XOP__, "xop")

// X(index, macro, name, function, bit)
#define PAPILLON_INSTRUCTION_SETS_BY_BIT(X)  \
  X(19, __F16C__, "f16c", 0x00000001U, 29)   \
  X(20, __MOVBE__, "movbe", 0x00000001U, 22) \
  X(21, __LZCNT__, "lzcnt", 0x80000001U, 5)

/// Bit i is set if the rest of the program is compiled for instruction set i.
extern "C" unsigned const papillon_required_instruction_sets;
