// SPDX-License-Identifier: MIT
/// A context under every policy of the host: the place it hands out, memory, values kept, for_each and for_each_row,
/// work recorded once and run again and again.
#include <catch2/catch.hpp>

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <papillon/exec/context.hpp>

using namespace papillon;

namespace {

using order = exec::emulated::thread_order;

/// Calls f(context) for the policies of the host, kernels in several orders of their threads.
template <class F> void under_every_policy(F const& f) {
  f(exec::context<exec::seq>());
  for (int const threads : {1, 2, 5}) f(exec::context(exec::omp{.threads = threads}));
  f(exec::context<exec::emulated>());
  f(exec::context(exec::emulated{order::reverse}));
  f(exec::context(exec::emulated{order::shuffled, 7}));
}

/// Counts how often an index comes. Indices are taken `Grain` at a time, or as many as is usual.
template <int Grain = 0> struct count_visits {
  static constexpr char const* name = "visits";
  static constexpr int flops = 1, bytes = 4, grain = Grain;
  int* visits;
  PAPILLON_HD void operator()(int i) const { ++visits[i]; }
};
template <> struct count_visits<0> {
  static constexpr char const* name = "visits";
  static constexpr int flops = 1, bytes = 4;
  int* visits;
  PAPILLON_HD void operator()(int i) const { ++visits[i]; }
};

/// y = 2 x + row of the batch, lane by lane; adds, so that a row that comes twice shows.
struct twice_and_row {
  static constexpr char const* name = "twice and row";
  static constexpr int flops = 3, bytes = 24;
  double const* x;
  double* y;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    auto const v = lanes.load(x, row);
    exec::store_or_add(lanes, y, row, v + v + lanes.all(static_cast<double>(row)), true);
  }
};

/// y = the first n lanes of x, zero beyond.
struct first_lanes {
  static constexpr char const* name = "first lanes";
  static constexpr int flops = 0, bytes = 16;
  double const* x;
  double* y;
  int n;
  template <class Lanes> PAPILLON_HD void operator()(Lanes lanes, int row) const {
    lanes.store(y, row, lanes.first(n, lanes.load(x, row)));
  }
};

struct times_two {
  static constexpr char const* name = "times two";
  static constexpr int flops = 1, bytes = 8;
  int* x;
  PAPILLON_HD void operator()(int i) const { x[i] *= 2; }
};
struct plus_one {
  static constexpr char const* name = "plus one";
  static constexpr int flops = 1, bytes = 8;
  int* x;
  PAPILLON_HD void operator()(int i) const { x[i] += 1; }
};

template <int Grain> void check_visits(std::initializer_list<int> counts) {
  under_every_policy([&](auto const& where) {
    for (int const count : counts) {
      INFO(count << " indices, " << Grain << " at a time");
      std::vector<int> visits(static_cast<std::size_t>(count) + 1);
      auto const memory = where.template make<int>(visits.size());
      memory.clear();
      where.for_each(count, count_visits<Grain>{memory.data()});
      where.wait();
      memory.download(visits);
      CHECK(visits.back() == 0);  // nobody goes beyond
      visits.pop_back();
      CHECK(visits == std::vector<int>(static_cast<std::size_t>(count), 1));
    }
  });
}

template <class E> constexpr int row_lanes = exec::device_policy<E> ? exec::device_lanes : native_lanes<double>;

}  // namespace

TEST_CASE("a context hands out the place that algorithms have a version for") {
  static_assert(std::same_as<exec::context<exec::seq>::place_type, exec::seq>);
  static_assert(std::same_as<exec::context<exec::omp>::place_type, exec::omp>);
  static_assert(std::same_as<exec::context<exec::emulated>::place_type, exec::device>);
  static_assert(std::same_as<exec::context<exec::emulated_threads>::place_type, exec::device>);
  static_assert(exec::place<exec::device> && !exec::place<exec::emulated> && !exec::place<int>);
  static_assert(exec::context<exec::omp>::lanes<float> == native_lanes<float> &&
                exec::context<exec::emulated>::lanes<float> == exec::device_lanes);
  static_assert(std::convertible_to<exec::omp, exec::context<exec::omp>> &&
                !std::convertible_to<exec::seq, exec::context<exec::omp>>);
  CHECK(exec::context(exec::omp{.threads = 3}).place().threads == 3);
  CHECK(exec::context<exec::omp>().place().threads == exec::thread_count(exec::omp{}));  // said once and for all
  CHECK(exec::context(exec::emulated{order::reverse}).policy().order == order::reverse);
  CHECK(exec::context(exec::emulated{order::reverse}).place().cuda() == nullptr);
  static_assert(std::same_as<decltype(exec::context<exec::emulated>().host()), exec::seq>);
  CHECK(exec::context(exec::omp{.threads = 2}).host().threads == 2);
}

TEST_CASE("memory keeps what is uploaded, through a move and at an offset") {
  under_every_policy([](auto const& where) {
    auto m = where.template make<int>(5);
    m.upload(std::vector<int>{1, 2, 3, 4, 5});
    m.upload(std::vector<int>{7, 8}, 1);
    auto const moved = std::move(m);
    std::vector<int> all(5), two(2);
    moved.download(all);
    moved.download(two, 3);
    CHECK(all == std::vector<int>{1, 7, 8, 4, 5});
    CHECK(two == std::vector<int>{4, 5});
    moved.download_from(moved.data() + 2, std::span(two));
    CHECK(two == std::vector<int>{8, 4});
    moved.clear();
    moved.download(all);
    CHECK(all == std::vector<int>(5));
    CHECK(where.template make<int>(0).view().empty());
  });
}

TEST_CASE("values are kept where they are on the host, and copied for a device") {
  std::vector<float> values{1, 2, 3};
  std::span<float const> const view(values);
  CHECK(exec::context<exec::seq>().keep(view).data() == values.data());
  CHECK(exec::context<exec::omp>().keep(view).data() == values.data());
  auto const kept = exec::context<exec::emulated>().keep(view);
  REQUIRE(kept.data() != values.data());
  values[1] = 7;
  CHECK(kept.data()[1] == 2);
}

TEST_CASE("for_each calls once for each index, whatever the policy, the order and the grain") {
  check_visits<0>({0, 1, 8191, 8192, 8193, 100000});
  check_visits<1>({0, 1, 255, 256, 257});
  check_visits<100>({99, 100, 101, 1000});
}

TEST_CASE("for_each_row calls once for each row, with all of its lanes") {
  under_every_policy([](auto const& where) {
    constexpr int L = row_lanes<typename std::remove_cvref_t<decltype(where)>::policy_type>;
    for (int const rows : {0, 1, 7, 1023, 1024, 1025, 5000}) {
      INFO(rows << " rows of " << L << " lanes");
      std::size_t const size = static_cast<std::size_t>(rows) * L;
      std::vector<double> x(size), got(size + L), want(size + L, 0.5);
      std::iota(x.begin(), x.end(), 1.0);
      auto const in = where.template make<double>(size), out = where.template make<double>(size + L);
      in.upload(x);
      out.upload(want);  // what stands beyond the last row stays
      exec::for_each_row<L>(where.place(), rows, twice_and_row{in.data(), out.data()});
      where.wait();
      out.download(got);
      for (std::size_t i = 0; i < size; ++i) want[i] += 2 * x[i] + static_cast<double>(i / L);
      CHECK(got == want);
    }
  });
}

TEST_CASE("lanes beyond the first n are zero in what a row stores") {
  under_every_policy([](auto const& where) {
    constexpr int L = row_lanes<typename std::remove_cvref_t<decltype(where)>::policy_type>;
    std::vector<double> const x(3 * L, 4.0);
    auto const in = where.template make<double>(x.size()), out = where.template make<double>(x.size());
    in.upload(x);
    for (int const n : {0, 1, L}) {
      std::vector<double> got(x.size());
      exec::for_each_row<L>(where.place(), 3, first_lanes{in.data(), out.data(), n});
      where.wait();
      out.download(got);
      for (std::size_t i = 0; i < got.size(); ++i) REQUIRE(got[i] == (static_cast<int>(i % L) < n ? 4.0 : 0.0));
    }
  });
}

TEST_CASE("what is recorded runs at every run, in its order and on what the memory then holds") {
  under_every_policy([](auto const& where) {
    auto const m = where.template make<int>(1000);
    m.upload(std::vector<int>(1000, 3));
    auto const recorded = where.record([&](auto const& at) {
      exec::for_each(at, 1000, times_two{m.data()});
      exec::for_each(at, 999, plus_one{m.data()});
    });
    std::vector<int> now(1000);
    m.download(now);
    CHECK(now == std::vector<int>(1000, 3));  // recording runs nothing
    CHECK(!recorded.empty());
    for (auto const& [want, last] : {std::pair{7, 6}, {15, 12}, {31, 24}}) {
      recorded.run();
      where.wait();
      m.download(now);
      CHECK(now[0] == want);
      CHECK(now[998] == want);
      CHECK(now[999] == last);
    }
    m.upload(std::vector<int>(1000, 10));
    recorded.run();
    where.wait();
    m.download(now);
    CHECK(now[0] == 21);
    CHECK(now[999] == 20);
    CHECK(typename std::remove_cvref_t<decltype(recorded)>().empty());
  });
}

TEST_CASE("a kernel is launched where a device is") {
  exec::context<exec::emulated> const where;
  auto const m = where.make<int>(300);
  m.clear();
  where.launch(exec::index_kernel<plus_one>{{m.data()}, 300});
  where.wait();
  std::vector<int> now(300);
  m.download(now);
  CHECK(now == std::vector<int>(300, 1));
  exec::index_kernel<plus_one> const k{{m.data()}, 300};
  CHECK(k.blocks() == 2);
  CHECK(k.work().flops == 300);
}
