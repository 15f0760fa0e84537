// SPDX-License-Identifier: MIT
/// What users have, seen as a matrix in place: spans, vectors, Eigen and xtensor objects with any strides. Every view
/// is held against the object's own access, address by address.
#include <catch2/catch.hpp>

#include <span>
#include <type_traits>
#include <vector>

#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/eigen.hpp>
#include <papillon/tensor/xtensor.hpp>

using namespace papillon;

namespace {

using col_major = Eigen::MatrixXf;
using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// address(r, c): where the object itself keeps the entry.
template <class M, class F> void check_addresses(M&& m, std::ptrdiff_t rows, std::ptrdiff_t cols, F const& address) {
  auto const v = as_matrix(m);
  REQUIRE(v.rows == rows);
  REQUIRE(v.cols == cols);
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    for (std::ptrdiff_t c = 0; c < cols; ++c) REQUIRE(&v.at(r, c) == address(r, c));
}
template <class M> void check_eigen(M&& m) {
  check_addresses(
      m, m.rows(), m.cols(), [&](auto r, auto c) { return &m.coeffRef(r, c); });
}
template <class X> void check_xtensor(X&& x) {
  bool const vector = x.dimension() == 1;
  auto const size = [&](std::size_t axis) { return static_cast<std::ptrdiff_t>(x.shape()[axis]); };
  check_addresses(x, size(0), vector ? 1 : size(1), [&](auto r, auto c) {
    auto const i = static_cast<std::size_t>(r), j = static_cast<std::size_t>(c);
    return vector ? &x(i) : &x(i, j);
  });
}

}  // namespace

TEST_CASE("spans, vectors and buffers are one column") {
  std::vector<double> v{1, 2, 3};
  std::vector<double> const constant = v;
  buffer<double> b(3);
  check_addresses(
      v, 3, 1, [&](auto r, auto) { return v.data() + r; });
  check_addresses(
      constant, 3, 1, [&](auto r, auto) { return constant.data() + r; });
  check_addresses(
      b, 3, 1, [&](auto r, auto) { return b.data() + r; });
  check_addresses(std::span<double, 2>(v.data() + 1, 2), 2, 1, [&](auto r, auto) { return v.data() + 1 + r; });
  static_assert(std::is_same_v<decltype(as_matrix(v)), matrix_view<double>>);
  static_assert(std::is_same_v<decltype(as_matrix(constant)), matrix_view<double const>>);
  CHECK(as_matrix(std::vector<double>{}).rows == 0);
}

TEST_CASE("a view of a view is itself, and becomes one of constants by itself") {
  float values[12];
  matrix_view<float> const v{values, 2, 3, 1, 4};
  CHECK(as_matrix(v).data == values);
  CHECK(&as_matrix(v).at(1, 2) == values + 9);
  matrix_view<float const> const c = v;
  CHECK(&c.at(1, 2) == values + 9);
  static_assert(!std::is_convertible_v<matrix_view<float const>, matrix_view<float>>);
  static_assert(std::is_same_v<matrix_view<float const>::value_type, float>);
  static_assert(
      !viewable_as_matrix<int> && viewable_as_matrix<matrix_view<float>> && viewable_as_matrix<std::vector<float>&>);
}

TEST_CASE("Eigen matrices and vectors of both storage orders are seen in place") {
  col_major a(5, 7);
  row_major b(5, 7);
  Eigen::VectorXf column(5);
  Eigen::RowVectorXf row(7);
  Eigen::Matrix<double, 2, 3> fixed;
  check_eigen(a);
  check_eigen(b);
  check_eigen(column);
  check_eigen(row);
  check_eigen(fixed);
  col_major const constant(3, 2);
  auto const v = as_matrix(constant);
  static_assert(std::is_same_v<decltype(v), matrix_view<float const> const>);
  CHECK(&v.at(2, 1) == &constant(2, 1));
}

TEST_CASE("Eigen blocks, rows, transposes, and maps with inner strides are seen in place") {
  col_major a(6, 8);
  row_major b(6, 8);
  check_eigen(a.block(1, 2, 3, 5));
  check_eigen(b.block(1, 2, 3, 5));
  check_eigen(a.row(2));  // an inner stride of 6
  check_eigen(b.col(3));  // an inner stride of 8
  check_eigen(b.row(3).segment(2, 4));
  auto const transposed = a.transpose();
  check_addresses(transposed, 8, 6, [&](auto r, auto c) { return &a.coeffRef(c, r); });
  auto block_transposed = b.block(1, 2, 3, 5).transpose();
  check_addresses(block_transposed, 5, 3, [&](auto r, auto c) { return &b.coeffRef(1 + c, 2 + r); });
  std::vector<float> memory(200);
  using stride = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::Map<col_major, 0, stride> every_second(memory.data(), 4, 5, stride(20, 2));
  Eigen::Map<row_major, 0, stride> every_third(memory.data(), 4, 5, stride(20, 3));
  check_eigen(every_second);
  check_eigen(every_third);
  check_eigen(every_second.block(1, 1, 2, 3));
  Eigen::Map<Eigen::VectorXf, 0, Eigen::InnerStride<>> sparse(memory.data(), 6, Eigen::InnerStride<>(7));
  check_eigen(sparse);
  check_addresses(
      every_second.transpose(), 5, 4, [&](auto r, auto c) { return memory.data() + 20 * r + 2 * c; });
  check_addresses(every_third.transpose(), 5, 4, [&](auto r, auto c) { return memory.data() + 3 * r + 20 * c; });
}

TEST_CASE("empty objects have a view with their shape") {
  CHECK(as_matrix(col_major(0, 4)).cols == 4);
  CHECK(as_matrix(col_major(4, 0)).rows == 4);
  CHECK(as_matrix(row_major(0, 0)).rows == 0);
  xt::xtensor<float, 2> const none = xt::zeros<float>({0, 3});
  CHECK(as_matrix(none).rows == 0);
  CHECK(as_matrix(none).cols == 3);
}

TEST_CASE("xtensor arrays, tensors and views of one or two axes are seen in place") {
  xt::xtensor<float, 2> a = xt::zeros<float>({5, 7});
  xt::xarray<float> b = xt::zeros<float>({5, 7});
  xt::xtensor<float, 1> v = xt::zeros<float>({6});
  xt::xtensor<float, 2, xt::layout_type::column_major> columns(std::array<std::size_t, 2>{5, 7});
  check_xtensor(a);
  check_xtensor(b);
  check_xtensor(v);
  check_xtensor(columns);
  check_xtensor(xt::view(a, xt::range(1, 4), xt::range(2, 7)));
  check_xtensor(xt::view(a, xt::range(0, 5, 2), xt::range(1, 7, 3)));  // every second row, every third column
  check_xtensor(xt::view(columns, xt::range(1, 5, 2), xt::all()));
  check_xtensor(xt::view(a, xt::all(), 3));  // a column
  check_xtensor(xt::view(a, 2, xt::all()));  // a row, taken as a vector
  std::vector<float> memory(12);
  auto adapted = xt::adapt(memory, std::array<std::size_t, 2>{3, 4});
  check_xtensor(adapted);
  CHECK(as_matrix(adapted).data == memory.data());
  xt::xtensor<float, 2> const constant = xt::zeros<float>({2, 3});
  static_assert(std::is_same_v<decltype(as_matrix(constant)), matrix_view<float const>>);
  CHECK(&as_matrix(constant).at(1, 2) == &constant(1, 2));
}

TEST_CASE("an axis of length one is read where it lies, whatever stride it has") {
  xt::xtensor<float, 2> row = xt::zeros<float>({1, 4}), column = xt::zeros<float>({4, 1});
  check_xtensor(row);
  check_xtensor(column);
  check_eigen(Eigen::MatrixXf(1, 1));
}

TEST_CASE("an array of other than one or two axes is no matrix") {
  xt::xarray<float> const scalar = xt::zeros<float>(std::vector<std::size_t>{});
  xt::xtensor<float, 3> const three = xt::zeros<float>({2, 3, 4});
  CHECK_THROWS_WITH(as_matrix(scalar), Catch::Contains("0 axes"));
  CHECK_THROWS_WITH(as_matrix(three), Catch::Contains("3 axes"));
}
