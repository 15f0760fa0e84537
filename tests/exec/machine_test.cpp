// SPDX-License-Identifier: MIT
/// A machine's figures: which of them any machine has in which order, the work that measuring them counts, and their
/// units in predicted times, on machines made up. Nothing that is timed is checked.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include <papillon/exec/machine.hpp>
#include <papillon/operators/product_time.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>

using namespace papillon;

namespace {

/// Products small and large, of every form, with few vectors and panels.
template <class T> std::vector<double> predicted(machine const& m) {
  std::vector<double> seconds;
  for (int const vectors : {1, 3, 16, 100}) {
    product_time<T> const time(m, vectors);
    for (int const n : {3, 64, 1500}) {
      seconds.push_back(time(dense(n, n)));
      seconds.push_back(time(make_monarch(6 * n, 4 * n, 2 * n, 2 * n)));
      std::vector<std::uint8_t> keep(static_cast<std::size_t>(n * n));
      for (std::size_t i = 0; i < keep.size(); i += 7) keep[i] = 1;
      seconds.push_back(time(csr_mask(n, n, keep)));
    }
    seconds.push_back(time(make_dyadic_butterfly(10)));
  }
  return seconds;
}

constexpr std::array rates{
    &machine::multiply_adds, &machine::read_first, &machine::read_second, &machine::read_beyond, &machine::gathers};
constexpr std::array times{&machine::call, &machine::start_threads};

}  // namespace

TEST_CASE("the figures by default are those of a machine: the nearer the memory the faster and the smaller it is") {
  machine const m;
  CHECK(m.read_first >= m.read_second);
  CHECK(m.read_second >= m.read_beyond);
  CHECK(m.first_cache < m.second_cache);
  // One value by index is slower than reading registers full of them, and a multiply-add than neither.
  CHECK(m.gathers * sizeof(float) < m.read_first);
  CHECK(m.gathers < m.multiply_adds);
  // Registers of native_lanes<float> values, at a clock between 0.5 and 10 GHz with up to two units.
  CHECK(m.multiply_adds > 0.5e9);
  CHECK(m.multiply_adds < 2 * 16 * 10e9);
  CHECK(m.call < m.start_threads);
}

TEST_CASE("what is measured keeps what is known: threads, caches, and a time per loop only where threads start") {
  machine const one = measure_machine(exec::seq{}), two = measure_machine(exec::omp{2});
  CHECK(one.threads == 1);
  CHECK(two.threads == exec::thread_count(exec::omp{2}));
  CHECK(one.start_threads == machine{}.start_threads);
  CHECK(one.call == machine{}.call);
  CHECK(one.first_cache == two.first_cache);
  CHECK(one.first_cache == probe::cache_bytes(1, machine{}.first_cache));
  CHECK(one.second_cache == probe::cache_bytes(2, machine{}.second_cache));
  CHECK(one.first_cache < one.second_cache);
  for (auto const rate : rates) {
    CHECK(one.*rate > 0);
    CHECK(one.*rate < std::numeric_limits<double>::infinity());
  }
}

TEST_CASE("the time of the shortest try is reported, after as many tries as were asked for") {
  int tries = 0;
  double const seconds = probe::shortest_time(7, [&] { ++tries; });
  CHECK(tries == 7);
  CHECK(seconds >= 0);
  CHECK(probe::shortest_time(0, [&] { ++tries; }) > 1e29);  // none: no time at all
  CHECK(tries == 7);
}

TEST_CASE("the loops that are timed do the work that is counted") {
  using sums = probe::sums;
  // s <- a s + a from s = k = 0 .. 11 with a = 1/2, in every lane: after n steps 12 sums of 1 + (k - 1) / 2^n, exact in
  // float.
  constexpr std::size_t lanes = probe::lanes, vectors = 3 * sums::size();
  for (int const steps : {0, 1, 2, 5}) {
    float want = 0;
    for (std::size_t k = 0; k < sums::size(); ++k)
      want += 1 + (static_cast<float>(k) - 1) / static_cast<float>(1 << steps);
    CHECK(probe::detail::multiply_add_steps(steps, 0.5f, sums{}) == static_cast<float>(lanes) * want);
  }
  // Every value is read, as often as asked.
  buffer<float> values(vectors * lanes);
  float all = 0;
  for (std::size_t i = 0; i < values.size(); ++i) all += values[i] = static_cast<float>(i % 101);
  CHECK(probe::detail::read_steps(values.data(), values.size(), 1, sums{}) == all);
  CHECK(probe::detail::read_steps(values.data(), values.size(), 4, sums{}) == 4 * all);
}

TEST_CASE("figures have the units they are said to have: a machine twice as fast in all takes half the time") {
  machine m, twice;
  m.threads = twice.threads = 3;
  for (auto const rate : rates) twice.*rate = 2 * (m.*rate);
  for (auto const time : times) twice.*time = m.*time / 2;
  auto const check = [&](auto type) {
    using T = decltype(type);
    auto const slow = predicted<T>(m), fast = predicted<T>(twice);
    // Every time is a sum and quotient of the figures, and powers of two are exact.
    for (std::size_t i = 0; i < slow.size(); ++i) CHECK(fast[i] == slow[i] / 2);
  };
  check(float{});
  check(double{});
  check(std::complex<float>{});
}

TEST_CASE("a machine that does one thing faster, or has more cache, is never predicted to be slower") {
  machine const m;
  auto const before = predicted<float>(m);
  auto const compare = [&](double machine::*figure, double factor) {
    machine better = m;
    better.*figure *= factor;
    auto const after = predicted<float>(better);
    for (std::size_t i = 0; i < after.size(); ++i) CHECK(after[i] <= before[i] * (1 + 1e-12));
    return std::inner_product(
        after.begin(), after.end(), before.begin(), 0, std::plus<>(), [](double a, double b) { return a < b ? 1 : 0; });
  };
  // Each figure matters to some of the products.
  CHECK(compare(&machine::multiply_adds, 1.5) > 0);
  CHECK(compare(&machine::read_second, 1.5) > 0);
  CHECK(compare(&machine::read_beyond, 1.5) > 0);
  CHECK(compare(&machine::gathers, 1.5) > 0);
  CHECK(compare(&machine::call, 0.5) > 0);
  CHECK(compare(&machine::first_cache, 4) > 0);
  CHECK(compare(&machine::second_cache, 4) > 0);
}

TEST_CASE("a made-up machine's product takes the seconds that its figures say") {
  // Nothing costs anything but the reading of weights from beyond the caches: 4 bytes each at 1 GB/s.
  machine m;
  m.multiply_adds = m.gathers = m.read_first = m.read_second = 1e30;
  m.call = m.start_threads = 0;
  m.read_beyond = 1e9;
  for (int const n : {1024, 2048}) CHECK(product_time<float>(m)(dense(n, n)) == Approx(4e-9 * n * n).epsilon(0.01));
  CHECK(product_time<double>(m)(dense(1024, 1024)) == Approx(8e-9 * 1024 * 1024).epsilon(0.01));
  // And with everything in cache: nothing.
  CHECK(product_time<float>(m)(dense(32, 32)) < 1e-15);
  // What a product costs however small it is.
  m.call = 1;
  CHECK(product_time<float>(m)(dense(32, 32)) == Approx(1));
  CHECK(product_time<float>(m, 3)(dense(32, 32)) == Approx(2));  // two vectors, then one
}
