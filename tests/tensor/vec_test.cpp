// SPDX-License-Identifier: MIT
/// Registers of values against plain loops: every lane count, native or not, of every type that kernels hold in them.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <vector>

#include <papillon/exec/policy.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/vec.hpp>

#include "support/noise.hpp"

using namespace papillon;

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors wider than the registers, see tensor/vec.hpp

namespace {

template <class T, int L> struct lanes_case {
  using type = T;
  static constexpr int lanes = L;
};
#define ALL_LANES(T)                                                                                   \
  (lanes_case<T, 1>), (lanes_case<T, 2>), (lanes_case<T, 4>), (lanes_case<T, 8>), (lanes_case<T, 16>), \
      (lanes_case<T, 32>)

constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// Whole numbers below 1000, so that sums of a few are exact in any order.
template <class T> std::vector<T> whole_numbers(int n, unsigned seed) {
  std::vector<T> v;
  for (double const x : test::noise<double>(at(n), seed)) v.push_back(static_cast<T>(static_cast<int>(1000 * x)));
  return v;
}

/// Sum by halves: ((v0 + v_{L/2}) + ...), written as a loop.
template <class T> T sum_by_halves(std::vector<T> v) {
  for (std::size_t half = v.size() / 2; half > 0; half /= 2)
    for (std::size_t i = 0; i < half; ++i) v[i] = v[i] + v[i + half];
  return v[0];
}

}  // namespace

TEMPLATE_TEST_CASE("loads, stores and broadcasts move every lane, from any address", "", ALL_LANES(float),
    ALL_LANES(double), ALL_LANES(int)) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  auto const from = whole_numbers<T>(L + 1, 1);
  std::vector<T> to(at(L + 2), T(7));
  store<L>(to.data() + 1, load<L>(from.data() + 1));  // one off any alignment
  CHECK(std::equal(from.begin() + 1, from.end(), to.begin() + 1));
  CHECK(to.front() == T(7));
  CHECK(to.back() == T(7));
  store<L>(to.data(), broadcast<L>(T(-3)));
  CHECK(std::count(to.begin(), to.begin() + L, T(-3)) == L);
}

TEMPLATE_TEST_CASE("streaming stores write what plain stores write", "", ALL_LANES(float), ALL_LANES(double)) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  constexpr int vectors = 5;
  auto const from = whole_numbers<T>(vectors * L, 2);
  buffer<T> to(at((vectors + 1) * L), T(7));
  for (int i = 0; i < vectors; ++i) store_streaming<L>(to.data() + i * L, load<L>(from.data() + i * L));
  streaming_fence();
  CHECK(std::equal(from.begin(), from.end(), to.begin()));
  CHECK(std::count(to.begin() + vectors * L, to.end(), T(7)) == L);
}

TEMPLATE_TEST_CASE("permute takes each lane from the one that it names", "", ALL_LANES(float), ALL_LANES(double)) {
  using T = typename TestType::type;
  using index = lane_index<T>;
  constexpr int L = TestType::lanes;
  auto const values = whole_numbers<T>(L, 3);
  // Reversed, all the same, a rotation, and an odd order with repetitions.
  for (int const order : {0, 1, 2, 3}) {
    std::vector<index> which(at(L));
    for (int l = 0; l < L; ++l)
      which[at(l)] = static_cast<index>((order == 0      ? L - 1 - l
                                            : order == 1 ? L / 2
                                            : order == 2 ? l + 1
                                                         : 3 * l * l + 1) %
                                        L);
    std::vector<T> got(at(L));
    store<L>(got.data(), permute<T, L>(load<L>(values.data()), load<L>(which.data())));
    INFO(L << " lanes, order " << order);
    for (int l = 0; l < L; ++l) CHECK(got[at(l)] == values[at(static_cast<int>(which[at(l)]))]);
  }
}

TEMPLATE_TEST_CASE(
    "load_repeated fills the lanes with what lies there, over and over", "", ALL_LANES(float), ALL_LANES(double)) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  auto const from = whole_numbers<T>(L + 1, 1);
  auto const check = [&]<int Period>() {
    if constexpr (Period < L) {
      std::vector<T> got(at(L));
      store<L>(got.data(), load_repeated<L, Period>(from.data() + 1));
      for (int l = 0; l < L; ++l) CHECK(got[at(l)] == from[at(1 + l % Period)]);
    }
  };
  check.template operator()<1>();
  check.template operator()<2>();
  check.template operator()<4>();
  check.template operator()<8>();
  check.template operator()<16>();
}

TEMPLATE_TEST_CASE("gather reads each lane where its index says", "", ALL_LANES(float), ALL_LANES(double)) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes, size = 100;
  auto const values = whole_numbers<T>(size, 4);
  // Forwards and backwards from the middle: indices may be negative.
  for (int const begin : {0, 50}) {
    std::vector<int> where(at(L));
    for (int l = 0; l < L; ++l) where[at(l)] = l * 37 % size - begin;
    std::vector<T> got(at(L));
    store<L>(got.data(), gather<T, L>(values.data() + begin, load<L>(where.data())));
    for (int l = 0; l < L; ++l) CHECK(got[at(l)] == values[at(where[at(l)] + begin)]);
  }
}

TEMPLATE_TEST_CASE("transpose exchanges lanes and registers", "", ALL_LANES(float), ALL_LANES(double)) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  auto const values = whole_numbers<T>(L * L, 5);
  vec<T, L> v[L];
  for (int k = 0; k < L; ++k) v[k] = load<L>(values.data() + k * L);
  transpose<T, L>(v);
  bool right = true;
  for (int k = 0; k < L; ++k)
    for (int l = 0; l < L; ++l) right = right && v[k][l] == values[at(l * L + k)];
  CHECK(right);
}

// Noise, not whole numbers: a sum in another order would have other bits.
TEMPLATE_TEST_CASE("a horizontal sum adds by halves, one register or as many as there are lanes", "", ALL_LANES(float),
    ALL_LANES(double)) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  auto const values = test::noise<T>(at(L * L), 6);
  std::vector<T> want;
  vec<T, L> v[L];
  for (int k = 0; k < L; ++k) {
    want.push_back(sum_by_halves(std::vector<T>(values.begin() + k * L, values.begin() + (k + 1) * L)));
    v[k] = load<L>(values.data() + k * L);
    CHECK(horizontal_sum<T, L>(v[k]) == want.back());
  }
  std::vector<T> got(at(L));
  store<L>(got.data(), horizontal_sums<T, L>(v));
  CHECK(got == want);
}

TEST_CASE("the order of a horizontal sum shows where the order matters") {
  // 2^24 + 1 is no float: added to 2^24 the ones are lost one by one, but not their sum.
  float const big = 16'777'216.0f;
  std::array<float, 4> const halves{big, 1, -big, 1};      // (big + -big) + (1 + 1)
  std::array<float, 4> const neighbours{big, -big, 1, 1};  // (big + 1) + (-big + 1)
  CHECK(horizontal_sum<float, 4>(load<4>(halves.data())) == 2.0f);
  CHECK(horizontal_sum<float, 4>(load<4>(neighbours.data())) == 1.0f);
}

TEMPLATE_TEST_CASE("fold adds the halves of segments and takes those of two registers in turn", "",
    (lanes_case<float, 4>), (lanes_case<float, 8>), (lanes_case<float, 32>), (lanes_case<double, 2>),
    (lanes_case<double, 8>), (lanes_case<double, 16>)) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  auto const a = whole_numbers<T>(L, 7), b = whole_numbers<T>(L, 8);
  auto const check = [&]<int Segment>(std::integral_constant<int, Segment>) {
    std::vector<T> got(at(L)), want(at(L));
    store<L>(got.data(),
        detail::fold<T, L, Segment>(load<L>(a.data()), load<L>(b.data()), std::make_integer_sequence<int, L>{}));
    constexpr int half = Segment / 2;
    for (int s = 0; s < L / Segment; ++s)
      for (int i = 0; i < half; ++i) {
        int const first = s * Segment + i, second = first + half;
        want[at(first)] = a[at(first)] + a[at(second)];
        want[at(second)] = b[at(first)] + b[at(second)];
      }
    INFO("segments of " << Segment);
    CHECK(got == want);
  };
  check(std::integral_constant<int, L>{});
  check(std::integral_constant<int, 2>{});
}

TEMPLATE_TEST_CASE("only_lanes keeps what the mask names and makes the rest zero, whatever stood there", "",
    ALL_LANES(float), ALL_LANES(double)) {
  using T = typename TestType::type;
  using index = lane_index<T>;
  constexpr int L = TestType::lanes;
  for (int const kept : {0, 1, L / 2, L - 1, L}) {
    auto values = whole_numbers<T>(L, 9);
    std::vector<index> mask(at(L), 0);
    for (int l = 0; l < L; ++l)
      if (l < kept) mask[at(l)] = -1;
      else values[at(l)] = std::numeric_limits<T>::quiet_NaN();
    std::vector<T> got(at(L), T(7));
    store<L>(got.data(), only_lanes<T, L>(load<L>(values.data()), load<L>(mask.data())));
    for (int l = 0; l < L; ++l) CHECK(got[at(l)] == (l < kept ? values[at(l)] : T{}));
  }
}

TEST_CASE("a buffer is aligned to a cache line, a large one to a huge page") {
  for (std::size_t const n : {std::size_t{1}, std::size_t{17}, std::size_t{1} << 20}) {
    buffer<float> const b(n, 1.0f);
    std::size_t const want = n * sizeof(float) >= std::size_t{1} << 21 ? std::size_t{1} << 21 : alignment;
    CHECK(reinterpret_cast<std::uintptr_t>(b.data()) % want == 0);
    CHECK(b.back() == 1.0f);
  }
  static_assert(aligned_allocator<float>{} == aligned_allocator<double>{});
}
