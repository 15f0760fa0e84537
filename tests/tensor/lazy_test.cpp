// SPDX-License-Identifier: MIT
/// A value made once, and memory for a call.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <papillon/tensor/lazy.hpp>
#include <papillon/tensor/scratch.hpp>

using namespace papillon;

TEST_CASE("a lazy value is made once, by whichever thread asks first, and copies share it") {
  lazy<int> const value;
  lazy<int> const copy = value;
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      int const& got = (t % 2 == 0 ? value : copy).get([&] { return ++made + 41; });
      if (got != 42) made = 1000;
    });
  for (std::thread& t : threads) t.join();
  CHECK(made == 1);
  CHECK(&value.get([] { return 0; }) == &copy.get([] { return 0; }));
}

TEST_CASE("scratch memory of any size is aligned and may be written to the last value") {
  for (std::size_t const values : {std::size_t{0}, std::size_t{1}, std::size_t{2048}, std::size_t{2049}, std::size_t{100'000}}) {
    scratch<float> memory(values);
    CHECK(reinterpret_cast<std::uintptr_t>(memory.data()) % alignment == 0);
    for (std::size_t i = 0; i < values; ++i) memory.data()[i] = static_cast<float>(i);
    if (values > 0) CHECK(memory.data()[values - 1] == static_cast<float>(values - 1));
  }
}
