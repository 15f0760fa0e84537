// SPDX-License-Identifier: MIT
/// Batches of images blocked by lanes: where an element lies, round trips with the usual order, lanes beyond the last
/// image.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <papillon/tensor/tensor.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

template <class T, int L> struct lanes_case {
  using type = T;
  static constexpr int lanes = L;
};
#define LANE_CASES                                                                                  \
  (lanes_case<float, 1>), (lanes_case<double, 4>), (lanes_case<float, 8>), (lanes_case<float, 16>), \
      (lanes_case<double, 32>)

constexpr std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }
constexpr shape extents[] = {{1, 1, 1}, {7, 1, 1}, {3, 5, 4}};

/// As many values as images have, all different.
template <class T> std::vector<T> numbered(shape extent, int images) {
  std::vector<T> v(at(extent.size() * images));
  for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(i + 1);
  return v;
}

}  // namespace

TEST_CASE("a shape counts pixels, values and rows as [channel][y][x]") {
  constexpr shape s{3, 5, 4};
  static_assert(s.pixels() == 20 && s.size() == 60 && shape{7}.size() == 7 && shape{}.size() == 0);
  int row = 0;
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 4; ++x) CHECK(s.row(c, y, x) == row++);
  static_assert(shape{3, 5, 4} == s && !(shape{3, 4, 5} == s));
}

TEMPLATE_TEST_CASE("an image goes to its block and lane, and comes back", "", LANE_CASES) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  for (shape const extent : extents)
    for (int const images : {1, 17, 40}) {
      INFO(images << " images of " << extent.size() << " values, " << L << " lanes");
      auto const nchw = numbered<T>(extent, images);
      auto x = test::poisoned<T, L>(extent, images);
      int const blocks = (images + L - 1) / L;
      REQUIRE(x.storage().size() == at(blocks * extent.size() * L));
      relayout<T, L>(nchw, x.view());
      // The formula of the layout, on the storage itself; lanes that hold no image are zero, although NaN was there.
      bool right = true;
      for (int b = 0; b < blocks; ++b)
        for (int r = 0; r < extent.size(); ++r)
          for (int l = 0; l < L; ++l) {
            int const n = b * L + l;
            T const want = n < images ? nchw[at(n * extent.size() + r)] : T{};
            right = right && x.storage()[at((b * extent.size() + r) * L + l)] == want;
          }
      CHECK(right);
      std::vector<T> back(nchw.size(), T{});
      relayout<T, L>(x.cview(), back);
      CHECK(back == nchw);
      CHECK(x.at(images - 1, extent.channels - 1, extent.height - 1, extent.width - 1) == nchw.back());
      CHECK(&x.at(0, 0) == x.view().data());
      CHECK(x.view().blocks() == blocks);
      CHECK(x.view().images_in(blocks - 1) == images - (blocks - 1) * L);
      for (int b = 0; b + 1 < blocks; ++b) CHECK(x.view().images_in(b) == L);
    }
}

TEST_CASE("a fresh tensor is zero, one without images is empty") {
  tensor<float, 8> const x({3, 2, 2}, 11);
  CHECK(std::count(x.storage().begin(), x.storage().end(), 0.0f) == 2 * 12 * 8);
  tensor<float, 8> const none({3, 2, 2}, 0), nothing;
  CHECK(none.storage().empty());
  CHECK(none.cview().blocks() == 0);
  CHECK(nothing.cview().empty());
  CHECK(!x.cview().empty());
  std::vector<float> back;
  relayout<float, 8>(none.cview(), back);
  CHECK(back.empty());
}

TEMPLATE_TEST_CASE("clearing the padding touches the lanes beyond the last image only", "", LANE_CASES) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  for (int const images : {1, 17, 40, L}) {
    tensor<T, L> x({2, 3, 1}, images);
    std::ranges::fill(x.storage(), T(7));
    clear_padding(x.view());
    std::ptrdiff_t const padding = static_cast<std::ptrdiff_t>(x.view().blocks() * L - images) * 6;
    CHECK(std::count(x.storage().begin(), x.storage().end(), T{}) == padding);
    CHECK(std::count(x.storage().begin(), x.storage().end(), T(7)) == images * 6);
  }
}

TEMPLATE_TEST_CASE("a row-major matrix of features and images is a view as it stands", "", LANE_CASES) {
  using T = typename TestType::type;
  constexpr int L = TestType::lanes;
  constexpr shape extent{2, 3, 1};
  constexpr int images = 17, leading = 19;  // two columns that belong to somebody else
  std::vector<T> matrix(at(extent.size() * leading), T(-1));
  tensor_view<T, L> const x(matrix.data(), extent, images, leading, L, false);
  auto const nchw = numbered<T>(extent, images);
  relayout<T, L>(nchw, x);
  bool right = true;
  for (int r = 0; r < extent.size(); ++r)
    for (int n = 0; n < leading; ++n)
      right = right && matrix[at(r * leading + n)] == (n < images ? nchw[at(n * extent.size() + r)] : T(-1));
  CHECK(right);
  CHECK(!x.padded());
  clear_padding(x);  // there is none
  CHECK(std::count(matrix.begin(), matrix.end(), T(-1)) == 2 * extent.size());
  std::vector<T> back(nchw.size());
  relayout<T, L>(tensor_view<T const, L>(x), back);
  CHECK(back == nchw);
}

TEST_CASE("a view of constants is made from one of variables, with the same strides, and not the other way") {
  using variable = tensor_view<float, 4>;
  using constant = tensor_view<float const, 4>;
  static_assert(std::is_convertible_v<variable, constant> && !std::is_convertible_v<constant, variable>);
  static_assert(std::is_same_v<constant::value_type, float> && constant::lanes == 4);
  std::vector<float> values(100);
  variable const v(values.data(), {2, 3, 1}, 5, 9, 4, false);
  constant const c = v;
  CHECK(c.data() == v.data());
  CHECK(c.row_stride() == 9);
  CHECK(c.block_stride() == 4);
  CHECK(c.images() == 5);
  CHECK(c.extent() == shape{2, 3, 1});
  CHECK(!c.padded());
  CHECK(&c.at(4, 1, 2, 0) == values.data() + 4 + 9 * 5);  // the first lane of the second block, row 5
}
