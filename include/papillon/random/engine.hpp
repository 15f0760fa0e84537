// SPDX-License-Identifier: MIT
/// \file engine.hpp
/// The random words of one (stream, epoch, item): Philox4x32-10 with
///   key     = seed (64 bits)
///   counter = word 0: index of the block of four words;  word 1: item, low 32 bits;  word 2: epoch;
///             word 3: item bits 32..39 | round (12 bits) | purpose (8) | role (4), from bit 0 up.
/// So distinct (seed, role < 16, purpose < 256, round < 4096, epoch < 2^32, item < 2^40) never share a block: Philox is
/// a bijection of the counter, and an engine has 2^34 words before it repeats. Usable on the device.
#pragma once

#include <cassert>
#include <limits>

#include <papillon/random/philox.hpp>
#include <papillon/random/stream.hpp>

namespace papillon::inline PAPILLON_ISA::random {

/// A uniform random bit generator (as in `<random>`) of 32-bit words; cheap to make, one for each item.
class engine {
 public:
  using result_type = std::uint32_t;

  PAPILLON_HD constexpr explicit engine(stream const& s, std::uint32_t epoch = 0, std::uint64_t item = 0)
      : key0_(static_cast<std::uint32_t>(s.seed)),
        key1_(static_cast<std::uint32_t>(s.seed >> 32)), counter_{{0, static_cast<std::uint32_t>(item), epoch,
                                                             static_cast<std::uint32_t>(item >> 32) | s.round << 8 |
                                                                 static_cast<std::uint32_t>(s.what) << 20 |
                                                                 s.role << 28}} {
    assert(s.role < 16 && s.round < 4096 && static_cast<std::uint32_t>(s.what) < 256 && item >> 40 == 0);
  }

  /// The next 32 random bits.
  PAPILLON_HD constexpr std::uint32_t operator()() {
    if (used_ == 4) {
      words_ = next_block();
      used_ = 0;
    }
    return words_.word[used_++];
  }

  /// The next 128 random bits at once; what is left of a block begun with operator() stays for operator().
  PAPILLON_HD constexpr philox_block next_block() {
    philox_block const words = philox4x32_10(counter_, key0_, key1_);
    ++counter_.word[0];
    return words;
  }

  /// Passes over blocks that next_block() would give.
  PAPILLON_HD constexpr void skip_blocks(std::uint32_t n) { counter_.word[0] += n; }

  [[nodiscard]] static constexpr std::uint32_t min() { return 0; }
  [[nodiscard]] static constexpr std::uint32_t max() { return std::numeric_limits<std::uint32_t>::max(); }

 private:
  std::uint32_t key0_, key1_;
  philox_block counter_;
  philox_block words_{};
  int used_ = 4;
};

}  // namespace papillon::random
