// SPDX-License-Identifier: MIT
/// \file structure_test.cpp
/// What the compiler itself can check of the structures: definitions, the study's chains and parameter totals.
#include <array>
#include <catch2/catch.hpp>
#include <type_traits>

#include <papillon/structure/chain.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/fuse.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/smallest_monotone.hpp>

namespace papillon {
namespace {

template <class W, pattern... Ps> constexpr bool is = std::is_same_v<W, chain<Ps...>>;

// --- one factor -----------------------------------------------------------------
constexpr pattern k{2, 3, 5, 7};
static_assert(k.rows() == 42 && k.cols() == 70 && k.nnz() == 210);
static_assert(k.row(1, 2, 6) == 1 * 3 * 7 + 2 * 7 + 6 && k.col(1, 4, 6) == 1 * 5 * 7 + 4 * 7 + 6);
static_assert(k.weight(1, 2, 4, 6) == k.nnz() - 1);
static_assert(transposed(k) == pattern{2, 5, 3, 7} && transposed(transposed(k)) == k);
static_assert(is_valid(k) && !is_valid({0, 1, 1, 1}) && !is_valid({1, 1, 1, -1}));
static_assert(is_valid({1, 1, 2147483647, 1}) && !is_valid({2, 1, 2147483647, 1}));
static_assert(!is_valid({65536, 65536, 65536, 65536}));  // abcd wraps to 0 in 64 bits

// --- neighbours -----------------------------------------------------------------
static_assert(fused({2, 2, 2, 4}, {4, 2, 2, 2}) == pattern{2, 4, 4, 2});
static_assert(paths_per_entry({2, 2, 2, 4}, {4, 2, 2, 2}) == 1);
static_assert(fused(dense_pattern(3, 5), dense_pattern(5, 2)) == dense_pattern(3, 2));
static_assert(paths_per_entry(dense_pattern(3, 5), dense_pattern(5, 2)) == 5);
static_assert(link_between({1, 2, 3, 1}, {1, 4, 2, 1}) == factor_link::sizes_differ);
static_assert(link_between({2, 1, 3, 1}, {3, 2, 1, 1}) == factor_link::a_indivisible);
static_assert(link_between({1, 1, 3, 2}, {1, 2, 1, 3}) == factor_link::d_indivisible);
static_assert(link_between({1, 1, 3, 2}, {2, 3, 1, 1}) == factor_link::paths_broken);
static_assert(composable({1, 1, 3, 2}, {2, 3, 1, 1}) && !chainable({1, 1, 3, 2}, {2, 3, 1, 1}));

// --- generators -----------------------------------------------------------------
static_assert(is<dyadic_butterfly<1>, pattern{1, 2, 2, 1}>);
static_assert(is<dyadic_butterfly<3>, pattern{1, 2, 2, 4}, pattern{2, 2, 2, 2}, pattern{4, 2, 2, 1}>);
static_assert(dyadic_butterfly<10>::rows == 1024 && dyadic_butterfly<10>::nnz == 10 * 2 * 1024);
static_assert(dyadic_butterfly<25>::nnz == 25 * (1 << 26));
static_assert(is_chainable(dyadic_butterfly<10>{}));
static_assert(is<monarch<21, 16, 3, 4>, pattern{1, 3, 4, 7}, pattern{4, 7, 4, 1}>);
static_assert(is<monarch<16, 16, 4, 4>, pattern{1, 4, 4, 4}, pattern{4, 4, 4, 1}>);
static_assert(monarch<21, 16, 3, 4>::rows == 21 && monarch<21, 16, 3, 4>::cols == 16);

// --- the smallest monotone chains -------------------------------------------------
static_assert(is<smallest_monotone<2, 2, 2, input_factor::any>, pattern{1, 1, 1, 2}, pattern{1, 2, 2, 1}>);
static_assert(is<smallest_monotone<2, 3, 2, input_factor::any>, pattern{1, 1, 1, 2}, pattern{1, 2, 3, 1}>);
static_assert(is<smallest_monotone<3, 4, 2, input_factor::any>, pattern{1, 1, 1, 3}, pattern{1, 3, 4, 1}>);
static_assert(is<smallest_monotone<1, 1, 1, input_factor::any>, pattern{1, 1, 1, 1}>);
static_assert(is<smallest_monotone<5, 7, 1>, pattern{1, 5, 7, 1}>);

using w16x144_2 = smallest_monotone<16, 144, 2>;
using w16x144_3 = smallest_monotone<16, 144, 3>;
using w32x144_2 = smallest_monotone<32, 144, 2>;
using w32x144_3 = smallest_monotone<32, 144, 3>;
using w32x288_2 = smallest_monotone<32, 288, 2>;
using w32x288_3 = smallest_monotone<32, 288, 3>;
using w64x288_2 = smallest_monotone<64, 288, 2>;
using w64x288_3 = smallest_monotone<64, 288, 3>;
using w64x576_2 = smallest_monotone<64, 576, 2>;
using w64x576_3 = smallest_monotone<64, 576, 3>;
static_assert(is<w16x144_2, pattern{1, 8, 8, 2}, pattern{8, 2, 18, 1}>);
static_assert(is<w32x144_2, pattern{1, 16, 16, 2}, pattern{16, 2, 9, 1}>);
static_assert(is<w32x288_2, pattern{1, 16, 16, 2}, pattern{16, 2, 18, 1}>);
static_assert(is<w64x288_2, pattern{1, 16, 16, 4}, pattern{16, 4, 18, 1}>);
static_assert(is<w64x576_2, pattern{1, 32, 32, 2}, pattern{32, 2, 18, 1}>);
static_assert(is<w16x144_3, pattern{1, 2, 2, 8}, pattern{2, 4, 4, 2}, pattern{8, 2, 18, 1}>);
static_assert(is<w32x144_3, pattern{1, 4, 4, 8}, pattern{4, 4, 4, 2}, pattern{16, 2, 9, 1}>);
static_assert(is<w32x288_3, pattern{1, 4, 4, 8}, pattern{4, 4, 4, 2}, pattern{16, 2, 18, 1}>);
static_assert(is<w64x288_3, pattern{1, 4, 4, 16}, pattern{4, 8, 8, 2}, pattern{32, 2, 9, 1}>);
static_assert(is<w64x576_3, pattern{1, 4, 4, 16}, pattern{4, 8, 8, 2}, pattern{32, 2, 18, 1}>);
static_assert(w16x144_2::nnz == 416 && w16x144_3::nnz == 384);
static_assert(w32x144_2::nnz == 800 && w32x144_3::nnz == 544);
static_assert(w32x288_2::nnz == 1088 && w32x288_3::nnz == 832);
static_assert(w64x288_2::nnz == 2176 && w64x288_3::nnz == 1344);
static_assert(w64x576_2::nnz == 3200 && w64x576_3::nnz == 1920);
static_assert(w64x576_3::rows == 64 && w64x576_3::cols == 576 && w64x576_3::depth == 3);

// The documented reach of the search.
static_assert(smallest_monotone<4096, 4096, 6>::rows == 4096);
static_assert(smallest_monotone<2048, 18432, 4>::cols == 18432);
static_assert(smallest_monotone<512, 4608, 5>::depth == 5);

// --- whole networks ----------------------------------------------------------------
/// Parameters of ResNet-20 for CIFAR when the 3x3 convolutions of the last `segments` segments have chains of
/// `depth` factors: six convolutions a segment, the first of segments 2 and 3 with half the inputs.
constexpr int dense_network = 432 + 13824 + 50688 + 202752 + 2560 + 1568 + 650;
static_assert(dense_network == 272474);
static_assert(dense_network - 2560 - 192 == 269722);  // shortcuts without parameters: no 1x1, none of their norms

constexpr int saved(int dense_weights, int chain_weights) { return dense_weights - chain_weights; }
constexpr int butterfly_network(int segments, int depth) {
  bool const two = depth == 2;
  int const third = saved(64 * 288, two ? w64x288_2::nnz : w64x288_3::nnz) +
                    5 * saved(64 * 576, two ? w64x576_2::nnz : w64x576_3::nnz);
  int const second = saved(32 * 144, two ? w32x144_2::nnz : w32x144_3::nnz) +
                     5 * saved(32 * 288, two ? w32x288_2::nnz : w32x288_3::nnz);
  int const first = 6 * saved(16 * 144, two ? w16x144_2::nnz : w16x144_3::nnz);
  return dense_network - third - (segments > 1 ? second : 0) - (segments > 2 ? first : 0);
}
static_assert(butterfly_network(1, 2) == 87898 && butterfly_network(1, 3) == 80666);
static_assert(butterfly_network(2, 2) == 43450 && butterfly_network(2, 3) == 34682);
static_assert(butterfly_network(3, 2) == 32122 && butterfly_network(3, 3) == 23162);
/// Percentage of the dense network in hundredths, rounded.
constexpr int hundredths(int parameters) {
  return static_cast<int>((20000LL * parameters + dense_network) / (2LL * dense_network));
}
static_assert(hundredths(butterfly_network(1, 2)) == 3226 && hundredths(butterfly_network(1, 3)) == 2961);
static_assert(hundredths(butterfly_network(2, 2)) == 1595 && hundredths(butterfly_network(2, 3)) == 1273);
static_assert(hundredths(butterfly_network(3, 2)) == 1179 && hundredths(butterfly_network(3, 3)) == 850);

// --- chains as values -----------------------------------------------------------------
using w = w64x576_2;
static_assert(w{}.rows() == 64 && w{}.cols() == 576 && w{}.nnz() == 3200 && w{}.depth() == 2);
static_assert(std::is_empty_v<w> && w::factor(1) == pattern{32, 2, 18, 1} && w::factors().size() == 2);
static_assert(is<decltype(transposed(w{})), pattern{32, 18, 2, 1}, pattern{1, 32, 32, 2}>);
static_assert(is<decltype(fuse<0>(w{})), dense_pattern(64, 576)>);
static_assert(is<decltype(fuse<1>(dyadic_butterfly<3>{})), pattern{1, 2, 2, 4}, pattern{2, 4, 4, 1}>);
static_assert(is_chainable(w{}) && !is_chainable(chain<pattern{1, 1, 3, 2}, pattern{2, 3, 1, 1}>{}));

// Four hundred factors are no deeper for the compiler than two.
template <int N> struct many {
  static constexpr std::array<pattern, N> value = [] {
    std::array<pattern, N> p{};
    for (auto& f : p) f = {2, 3, 3, 1};
    return p;
  }();
};
static_assert(chain_from<many<400>>::nnz == 400 * 18 && is_chainable(chain_from<many<400>>{}));

}  // namespace

TEST_CASE("the static tests of structures were compiled", "[static]") {
  CHECK(w64x576_2::nnz == 3200);  // everything else in this file was decided by the compiler
}

}  // namespace papillon
