// SPDX-License-Identifier: MIT
#include <papillon/random/philox.hpp>

#include <catch2/catch.hpp>

using papillon::random::philox4x32_10;
using papillon::random::philox_block;

// Known answers published with the Random123 library, checked in a constant expression.
static_assert(philox4x32_10({{0, 0, 0, 0}}, 0, 0) == philox_block{{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
static_assert(philox4x32_10({{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, 0xffffffff, 0xffffffff) ==
              philox_block{{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
static_assert(philox4x32_10({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0) ==
              philox_block{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});

TEST_CASE("philox gives the published answers at run time too") {
  volatile std::uint32_t digits[] = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0};
  philox_block const counter{{digits[0], digits[1], digits[2], digits[3]}};
  CHECK(philox4x32_10(counter, digits[4], digits[5]) == philox_block{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
}
