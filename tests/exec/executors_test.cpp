// SPDX-License-Identifier: MIT
/// The executors on kernels that are right, and on kernels with one planted error each. Races need ThreadSanitizer: see
/// the programs in tests/exec/tsan.
#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <papillon/exec/device.hpp>
#include <papillon/exec/memory.hpp>
#include <papillon/exec/recording.hpp>

#include "exec/planted.hpp"

using namespace papillon;

namespace {

using order = exec::emulated::thread_order;

static_assert(exec::block_kernel<test::outside> && !exec::block_kernel<int>);
static_assert(exec::policy<exec::cuda> && exec::device_policy<exec::emulated> && !exec::device_policy<exec::omp>);

std::vector<exec::device> emulations() {
  return {exec::emulated{}, exec::emulated{order::reverse}, exec::emulated{order::shuffled, 1},
      exec::emulated{order::shuffled, 2}, exec::emulated_threads{}, exec::emulated_threads{1}};
}

std::vector<float> counting(int n) {
  std::vector<float> v(static_cast<std::size_t>(n));
  std::iota(v.begin(), v.end(), 1.0f);
  return v;
}

}  // namespace

TEST_CASE("a correct kernel gives the same in every order and with real threads") {
  int const count = 5 * 64;
  auto const in = counting(count);
  for (auto const& d : emulations()) {
    std::vector<float> out(in.size());
    d.launch(test::mirror<true>{in.data(), out.data(), count});
    bool right = true;
    for (std::size_t i = 0; i < out.size(); ++i) right = right && out[i] == in[i / 64 * 64 + 63 - i % 64];
    CHECK(right);
  }
}

TEST_CASE("no blocks, no work") {
  for (auto const& d : emulations()) d.launch(test::mirror<true>{nullptr, nullptr, 0});
}

TEST_CASE("a race between threads of one phase shows in another order") {
  std::vector<float> forward(32), reverse(32);
  exec::launch(exec::emulated{order::forward}, test::phase_race{{forward.data()}});
  exec::launch(exec::emulated{order::reverse}, test::phase_race{{reverse.data()}});
  CHECK(std::isnan(forward[0]));  // thread 1 has not written yet
  CHECK(reverse[0] == 1);
}

TEST_CASE("a race between blocks shows in another order") {
  std::vector<int> forward(32), reverse(32);
  exec::launch(exec::emulated{order::forward}, test::block_race{forward.data()});
  exec::launch(exec::emulated{order::reverse}, test::block_race{reverse.data()});
  CHECK(forward != reverse);
}

TEST_CASE("reading shared memory that nobody wrote gives NaN") {
  for (auto const& d : emulations()) {
    std::vector<float> out(32);
    d.launch(test::unwritten{{out.data()}});
    CHECK(std::isnan(out[5]));
    CHECK(out[4] == 1);
  }
}

TEST_CASE("an access outside a shared array is caught, and the threads of the block end") {
  for (auto const& d : emulations()) CHECK_THROWS_AS(d.launch(test::outside{}), std::out_of_range);
}

TEMPLATE_TEST_CASE("sums of a block have the same bits in every order and with real threads", "", float, double, int) {
  int const blocks = 3, threads = 128;
  std::vector<TestType> in(static_cast<std::size_t>(blocks * threads));
  for (std::size_t i = 0; i < in.size(); ++i)
    in[i] = static_cast<TestType>(1000.0 / (1.0 + static_cast<double>(i * i % 97)));
  std::vector<TestType> first_sums, first_warps;
  for (auto const& d : emulations()) {
    std::vector<TestType> sums(blocks), warps(2 * in.size());
    d.launch(test::block_sums<TestType>{in.data(), sums.data(), warps.data(), blocks});
    if (first_sums.empty()) first_sums = sums, first_warps = warps;
    CHECK(sums == first_sums);
    CHECK(warps == first_warps);
  }
  double plain = 0;
  for (std::size_t i = 0; i < 128; ++i) plain += static_cast<double>(in[i]);
  CHECK(static_cast<double>(first_sums[0]) == Approx(plain).epsilon(1e-5));
  CHECK(first_warps[0] == first_warps[2 * 31]);
}

TEST_CASE("memory starts as NaN and keeps what is uploaded") {
  exec::memory<float> m(exec::emulated{}, 4);
  std::vector<float> v(4);
  m.download(v);
  CHECK(std::isnan(v[0]));
  m.upload(std::vector<float>{1, 2}, 2);
  m.download(std::span(v).first(2), 2);
  CHECK(v[0] == 1);
  exec::memory<float> moved = std::move(m);
  moved.clear();
  moved.download(v);
  CHECK(v == std::vector<float>(4));
  CHECK(exec::memory<int>(exec::emulated{}, 0).view().empty());
}

TEST_CASE("a recording replays its launches on what the memory then holds") {
  for (exec::device const& d : {exec::device(exec::emulated{}), exec::device(exec::emulated_threads{})}) {
    std::vector<float> a = counting(64), b(64), c(64);
    exec::recording const twice(d, [&](exec::device const& on) {
      on.launch(test::mirror<true>{a.data(), b.data(), 64});
      on.launch(test::mirror<true>{b.data(), c.data(), 64});
    });
    CHECK(c == std::vector<float>(64));
    twice.replay();
    CHECK(c == a);
    a[0] = 7;
    twice.replay();
    CHECK(c == a);
  }
  CHECK(exec::recording().empty());
}

TEST_CASE("a program without CUDA says so in one line") {
  if constexpr (exec::cuda_available) return;
  CHECK_THROWS_WITH(exec::device(exec::cuda{}), Catch::Contains("use emulated, omp or seq"));
}
