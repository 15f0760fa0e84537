// SPDX-License-Identifier: MIT
#include <papillon/tensor/any_matrix_view.hpp>

#include <cstdint>

#include <Eigen/Core>
#include <catch2/catch.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

#include <papillon/tensor/eigen.hpp>
#include <papillon/tensor/xtensor.hpp>

using namespace papillon;
using numbers = std::vector<double>;

namespace {

numbers read(any_matrix_view const& v) { return v.values(); }

}  // namespace

TEST_CASE("numbers of any type are read as double") {
  CHECK(read(std::vector<float>{0.5f, -2}) == numbers{0.5, -2});
  std::vector<std::uint8_t> const bytes{0, 255};
  CHECK(read(std::span(bytes)) == numbers{0, 255});
  std::vector<std::int64_t> const integers{-3, std::int64_t{1} << 40};
  CHECK(read(integers) == numbers{-3, 1099511627776.});
  bool const truths[] = {true, false};
  CHECK(read(std::span(truths)) == numbers{1, 0});
}

TEST_CASE("matrices are read row by row, whatever their layout") {
  Eigen::MatrixXf columns(2, 3);  // column-major
  columns << 1, 2, 3, 4, 5, 6;
  CHECK(read(columns) == numbers{1, 2, 3, 4, 5, 6});
  CHECK(read(columns.transpose()) == numbers{1, 4, 2, 5, 3, 6});
  xt::xtensor<int, 2> const rows{{1, 2, 3}, {4, 5, 6}};
  CHECK(read(rows) == numbers{1, 2, 3, 4, 5, 6});
  auto const part = xt::view(rows, xt::all(), xt::range(1, 3));
  CHECK(read(part) == numbers{2, 3, 5, 6});
}

TEST_CASE("any stretch of the sequence can be read, and nothing of nothing") {
  Eigen::Matrix<double, 3, 2> m;
  m << 1, 2, 3, 4, 5, 6;
  any_matrix_view const v(m);
  numbers out(3);
  v.copy(1, out);
  CHECK(out == numbers{2, 3, 4});
  any_matrix_view const none;
  CHECK(none.empty());
  CHECK(none.values().empty());
  CHECK(read(std::vector<float>{}).empty());
}
