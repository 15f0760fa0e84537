// SPDX-License-Identifier: MIT
/// Memory lent to calls: what its copies, its growth and calls at the same time see.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

#include <papillon/tensor/lazy.hpp>
#include <papillon/tensor/scratch.hpp>

using namespace papillon;

TEST_CASE("leases at the same time are distinct, and one of them is kept") {
  scratch<double> const memory;
  std::set<double*> kept;
  {
    auto const a = memory.borrow(10), b = memory.borrow(10), c = memory.borrow(20);
    kept = {a.data(), b.data(), c.data()};
    CHECK(kept.size() == 3);
    for (std::size_t i = 0; i < 10; ++i) a.data()[i] = 1, b.data()[i] = 2;
    std::fill_n(c.data(), 20, 3.0);
    CHECK(std::count(a.data(), a.data() + 10, 1.0) == 10);
    CHECK(std::count(b.data(), b.data() + 10, 2.0) == 10);
  }
  CHECK(kept.count(memory.borrow(10).data()) == 1);
}

TEST_CASE("a copy of scratch begins empty, and assigning one leaves the memory of both alone") {
  scratch<float> const memory;
  float* const first = memory.borrow(100).data();
  scratch<float> copy = memory;  // while the original keeps some
  auto const other = copy.borrow(100);
  CHECK(other.data() != first);
  float* const kept = other.data();
  copy = memory;
  CHECK(other.data() == kept);
  CHECK(memory.borrow(100).data() == first);
  other.data()[99] = 1.0f;  // still its own, as the sanitizer sees
  static_assert(std::is_nothrow_copy_constructible_v<scratch<float>>);
  static_assert(!std::is_copy_constructible_v<scratch<float>::lease>);
}

TEST_CASE("threads that borrow at the same time never see each other's values") {
  scratch<int> const memory;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 200; ++round) {
        std::size_t const n = 1 + static_cast<std::size_t>((round * 7 + t) % 50);
        auto const lease = memory.borrow(n);
        std::fill_n(lease.data(), n, t);
        std::this_thread::yield();
        if (std::count(lease.data(), lease.data() + n, t) != static_cast<std::ptrdiff_t>(n)) ++wrong;
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == 0);
}

TEST_CASE("a lazy value that could not be made is made by the next who asks") {
  lazy<int> const value;
  CHECK_THROWS_AS(value.get([]() -> int { throw std::runtime_error("not now"); }), std::runtime_error);
  CHECK(value.get([] { return 5; }) == 5);
  CHECK(value.get([] { return 6; }) == 5);
}
