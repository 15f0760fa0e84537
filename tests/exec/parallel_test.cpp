// SPDX-License-Identifier: MIT
/// The one loop over independent indices: every index once, by a thread below thread_count, under every policy.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

#include <papillon/exec/parallel.hpp>

using namespace papillon;

namespace {

/// What a loop did with each of its indices.
struct visits {
  std::vector<int> times, threads;
  std::vector<std::thread::id> ids;
};

template <class E> visits run(E e, int count) {
  auto const n = static_cast<std::size_t>(count);
  visits v{std::vector<int>(n), std::vector<int>(n, -1), std::vector<std::thread::id>(n)};
  exec::parallel_for(e, count, [&](int i, int thread) {
    auto const at = static_cast<std::size_t>(i);
    ++v.times[at];
    v.threads[at] = thread;
    v.ids[at] = std::this_thread::get_id();
  });
  return v;
}

template <class E> void check_every_index(E e, std::initializer_list<int> counts) {
  int const threads = exec::thread_count(e);
  for (int const count : counts) {
    INFO(count << " indices, " << threads << " threads");
    visits const v = run(e, count);
    CHECK(std::count(v.times.begin(), v.times.end(), 1) == count);
    for (int const t : v.threads) {
      CHECK(t >= 0);
      CHECK(t < threads);
    }
    // A number stands for one thread: what a loop keeps for each number is never written by two.
    for (std::size_t i = 1; i < v.ids.size(); ++i)
      CHECK((v.threads[i] == v.threads[i - 1]) == (v.ids[i] == v.ids[i - 1]));
  }
}

}  // namespace

TEST_CASE("a thread that is held up holds up none of the others' work") {
  if (!exec::omp_available) return;
  // The first index waits until all but a few are done: dealt in advance, those of the same thread never would be.
  constexpr int count = 64;
  std::atomic<int> done{0};
  std::atomic<bool> waited{false};
  exec::parallel_for(exec::omp{2}, count, [&](int i, int) {
    if (i == 0) {
      auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (done < count - 2 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
      waited = done >= count - 2;
    }
    ++done;
  });
  CHECK(waited);
}

TEST_CASE("every index is visited once, by threads whose numbers are below thread_count") {
  for (int const threads : {1, 2, 3, 5})
    check_every_index(exec::omp{threads}, {0, 1, threads - 1, threads, threads + 1, 1000});
  check_every_index(exec::omp{}, {0, 1, 1000});
  check_every_index(exec::seq{}, {0, 1, 1000});
  check_every_index(exec::emulated{}, {0, 1, 1000});
  check_every_index(exec::emulated_threads{}, {0, 1, 1000});
  check_every_index(exec::cuda{}, {0, 1, 1000});  // a loop of arbitrary code runs on the host
}

TEST_CASE("as many threads as there are indices can take part, at most as many as were asked for") {
  CHECK(exec::thread_count(exec::omp{3}) == 3);
  if (!exec::omp_available) return;
  for (int const count : {1, 2, 3, 1000}) {
    // The first indices wait for one another, each on a thread of its own.
    int const wanted = std::min(3, count);
    std::atomic<int> begun{0};
    std::vector<int> threads(static_cast<std::size_t>(count), -1);
    exec::parallel_for(exec::omp{3}, count, [&](int i, int thread) {
      ++begun;
      auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
      while (begun < wanted && std::chrono::steady_clock::now() < until) std::this_thread::yield();
      threads[static_cast<std::size_t>(i)] = thread;
    });
    CHECK(std::set<int>(threads.begin(), threads.end()).size() == static_cast<std::size_t>(wanted));
  }
}

TEST_CASE("seq, one thread and one index run on the calling thread, in order") {
  auto const here = std::this_thread::get_id();
  auto const check = [&](auto e, int count) {
    std::vector<int> order;  // not guarded: nobody else writes it
    bool all_here = true;
    exec::parallel_for(e, count, [&](int i, int thread) {
      order.push_back(i);
      all_here = all_here && thread == 0 && std::this_thread::get_id() == here;
    });
    CHECK(all_here);
    CHECK(order.size() == static_cast<std::size_t>(count));
    CHECK(std::is_sorted(order.begin(), order.end()));
  };
  CHECK(exec::thread_count(exec::seq{}) == 1);
  check(exec::seq{}, 1000);
  check(exec::emulated{}, 40);
  check(exec::emulated_threads{}, 40);
  check(exec::omp{1}, 1000);
  check(exec::omp{4}, 1);
}

#if PAPILLON_OPENMP
TEST_CASE("inside a parallel region of the caller a loop runs on the calling thread alone") {
  constexpr int callers = 3, count = 50;
  std::atomic<int> wrong = 0, visited = 0, regions = 0;
#  pragma omp parallel num_threads(callers)
  {
    if (omp_get_num_threads() > 1) ++regions;
    auto const here = std::this_thread::get_id();
    if (exec::thread_count(exec::omp{4}) != 1 || exec::thread_count(exec::omp{}) != 1) ++wrong;
    int next = 0;
    exec::parallel_for(exec::omp{4}, count, [&](int i, int thread) {
      if (thread != 0 || i != next++ || std::this_thread::get_id() != here) ++wrong;
      ++visited;
    });
  }
  if (regions == 0) {
    WARN("OpenMP gave one thread: nothing was nested");
    return;
  }
  CHECK(wrong == 0);
  CHECK(visited == regions * count);
  CHECK(exec::thread_count(exec::omp{4}) == 4);  // outside again
}

TEST_CASE("a loop within a loop is serial") {
  std::atomic<int> wrong = 0, visited = 0;
  exec::parallel_for(exec::omp{3}, 3, [&](int, int) {
    auto const here = std::this_thread::get_id();
    exec::parallel_for(exec::omp{3}, 7, [&](int, int thread) {
      if (thread != 0 || std::this_thread::get_id() != here) ++wrong;
      ++visited;
    });
  });
  CHECK(wrong == 0);
  CHECK(visited == 21);
}

TEST_CASE("without a number OpenMP's own default counts") {
  int const before = omp_get_max_threads();
  for (int const threads : {1, 3}) {
    omp_set_num_threads(threads);
    CHECK(exec::thread_count(exec::omp{}) == threads);
    CHECK(exec::thread_count(exec::cuda{}) == threads);
    CHECK(exec::thread_count(exec::omp{2}) == 2);
  }
  omp_set_num_threads(before);
}
#endif

TEST_CASE("the host's share of the work is the policy itself, one thread under emulation, all threads beside a GPU") {
  static_assert(std::is_same_v<decltype(exec::host_of(exec::seq{})), exec::seq>);
  static_assert(std::is_same_v<decltype(exec::host_of(exec::omp{})), exec::omp>);
  static_assert(std::is_same_v<decltype(exec::host_of(exec::emulated{})), exec::seq>);
  static_assert(std::is_same_v<decltype(exec::host_of(exec::emulated_threads{})), exec::seq>);
  static_assert(std::is_same_v<decltype(exec::host_of(exec::cuda{})),
      std::conditional_t<exec::omp_available, exec::omp, exec::seq>>);
  CHECK(exec::host_of(exec::omp{3}).threads == 3);
  CHECK(exec::thread_count(exec::emulated{}) == 1);
  CHECK(exec::thread_count(exec::emulated_threads{4}) == 1);
}

TEST_CASE("lanes fill a register of the host, and are a warp wherever kernels run") {
  static_assert(native_lanes<float> == 2 * native_lanes<double>);
  static_assert(native_lanes<float> * sizeof(float) == native_vector_bytes);
  static_assert(exec::lanes_of<exec::omp, double> == native_lanes<double>);
  static_assert(exec::lanes_of<exec::emulated, float> == 32 && exec::lanes_of<exec::cuda, double> == 32);
  static_assert(exec::policy<exec::seq> && exec::policy<exec::cuda> && !exec::policy<int>);
  static_assert(exec::device_policy<exec::emulated_threads> && !exec::device_policy<exec::omp> &&
                !exec::device_policy<exec::seq>);
}
