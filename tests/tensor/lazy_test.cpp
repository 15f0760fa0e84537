// SPDX-License-Identifier: MIT
/// A value made once, and memory lent to calls.
#include <catch2/catch.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
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

TEST_CASE("a lazy value lives as long as whoever shares it") {
  std::shared_ptr<std::vector<int> const> held;
  {
    lazy<std::vector<int>> const value;
    held = value.share([] { return std::vector<int>{1, 2}; });
    CHECK(held.get() == &value.get([] { return std::vector<int>(); }));
  }
  CHECK(*held == std::vector<int>{1, 2});
}

TEST_CASE("scratch memory of any size is aligned, kept for the next call, and never lent twice at a time") {
  scratch<float> const memory;
  float* kept = nullptr;
  for (std::size_t const values : {std::size_t{1}, std::size_t{100'000}, std::size_t{2048}}) {
    auto const lease = memory.borrow(values);
    CHECK(reinterpret_cast<std::uintptr_t>(lease.data()) % alignment == 0);
    for (std::size_t i = 0; i < values; ++i) lease.data()[i] = static_cast<float>(i);
    if (values == 2048) CHECK(lease.data() == kept);  // large enough already
    kept = lease.data();
    auto const other = memory.borrow(values);
    CHECK(other.data() != lease.data());
    other.data()[0] = -1.0f;
    CHECK(lease.data()[values - 1] == static_cast<float>(values - 1));
  }
}
