// SPDX-License-Identifier: MIT
/// \file philox.hpp
/// Philox4x32-10: a bijection of 128-bit counters for every 64-bit key, whose outputs pass for random.
/// Ten rounds; a round multiplies two of the four words by constants and mixes high halves, the other two words and the
/// key. J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
/// Pure integer arithmetic: the same bits from every compiler, on host and device, and in constant expressions.
#pragma once

#include <cstdint>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::random {

/// The four words of a counter, and of the block of random bits that belongs to it.
struct philox_block {
  std::uint32_t word[4];

  friend constexpr bool operator==(philox_block const&, philox_block const&) = default;
};

/// The 128 random bits of `counter` under the key (key0, key1).
[[nodiscard]] PAPILLON_HD constexpr philox_block philox4x32_10(
    philox_block counter, std::uint32_t key0, std::uint32_t key1) {
  std::uint32_t x0 = counter.word[0], x1 = counter.word[1], x2 = counter.word[2], x3 = counter.word[3];
  for (int round = 0; round < 10; ++round) {
    std::uint64_t const product0 = std::uint64_t{0xD2511F53u} * x0;
    std::uint64_t const product1 = std::uint64_t{0xCD9E8D57u} * x2;
    x0 = static_cast<std::uint32_t>(product1 >> 32) ^ x1 ^ key0;
    x1 = static_cast<std::uint32_t>(product1);
    x2 = static_cast<std::uint32_t>(product0 >> 32) ^ x3 ^ key1;
    x3 = static_cast<std::uint32_t>(product0);
    key0 += 0x9E3779B9u;  // the golden ratio
    key1 += 0xBB67AE85u;  // sqrt(3) - 1
  }
  return {{x0, x1, x2, x3}};
}

}  // namespace papillon::random
