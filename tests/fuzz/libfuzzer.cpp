// SPDX-License-Identifier: MIT
// A target as a program of libFuzzer, which calls it with one input after the other.
#include <cstddef>
#include <cstdint>

#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  papillon::fuzz::targets().front().run({reinterpret_cast<char const*>(data), size});
  return 0;
}
