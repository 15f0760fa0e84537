// SPDX-License-Identifier: MIT
/// The tuned register tiles against the plain loops, bit for bit, for every size of group and odd grids.
#include <catch2/catch.hpp>

#include <papillon/product/tile_kernel.hpp>
#include <papillon/structure/dense.hpp>

#include "support/noise.hpp"

using namespace papillon;

TEST_CASE("tuned tiles and plain loops give the same bits") {
  constexpr int lanes = native_lanes<float>;
  using table = product::detail::tile_table<float, lanes>;
  for (int outputs : {1, 2, 4, 8})
    for (int inputs : {1, 3, 7, 18}) {
      dense const w(outputs, inputs);
      product::product_plan const plan = product::make_factor_plan(w, false, 1, 1, 0, 16);
      REQUIRE(plan.groups.size() == 1);
      product::product_plan::group const& g = plan.groups[0];
      std::span const groups(plan.groups);
      auto const weights = test::noise<float>(static_cast<std::size_t>(w.nnz()), 1);
      std::vector<float> packed(weights.size());
      product::pack(plan, weights.data(), packed.data());
      product::position_grid const grid{2, 13, 13 * inputs, inputs, 13 * outputs, outputs};
      auto const x = test::noise<float>(static_cast<std::size_t>(2 * 13 * inputs * lanes), 2);
      auto const dy = test::noise<float>(static_cast<std::size_t>(2 * 13 * outputs * lanes), 3);
      INFO(outputs << " outputs, " << inputs << " inputs");
      for (bool accumulate : {false, true}) {
        std::vector<float> y(dy.size(), 1.0f), plain = y;
        table::find(outputs).multiply(plan, groups, packed.data(), x.data(), y.data(), grid, accumulate);
        product::detail::multiply_plainly<float, lanes>(
            plan, groups, packed.data(), x.data(), plain.data(), grid, accumulate);
        CHECK(y == plain);
      }
      std::vector<float> dw(weights.size(), 0.5f), plain = dw;
      using summed = product::detail::summed_lanes<float, lanes>;
      table::find(outputs).gradient(plan, g, x.data(), dy.data(), grid, summed{dw.data()});
      product::detail::gradient_plainly<float, lanes>(plan, g, x.data(), dy.data(), grid, summed{plain.data()});
      CHECK(dw == plain);
      using separate = product::detail::separate_lanes<float, lanes>;
      auto index = plan.weight_index;
      index.back() = -1;
      std::vector<float> rows(weights.size() * lanes, 0.5f);
      for (bool add : {false, true}) {
        auto want = rows;
        table::find(outputs).lane_gradients(
            plan, g, x.data(), dy.data(), grid, separate{rows.data(), index.data(), add});
        product::detail::gradient_plainly<float, lanes>(
            plan, g, x.data(), dy.data(), grid, separate{want.data(), index.data(), add});
        CHECK(rows == want);
        auto const last = static_cast<std::size_t>(plan.weight_index.back()) * lanes;
        CHECK(rows[last] == 0.5f);  // without a row of its own
      }
    }
}

TEST_CASE("tiles of neighbouring positions give the same bits for every length of a row") {
  constexpr int lanes = native_lanes<float>, inputs = 7;
  for (int outputs : {1, 2, 4, 8})
    for (int cols = 1; cols <= 20; ++cols) {
      dense const w(outputs, inputs);
      product::product_plan const plan = product::make_factor_plan(w, false, cols, cols, 0, 16);
      auto const weights = test::noise<float>(static_cast<std::size_t>(w.nnz()), 1);
      std::vector<float> packed(weights.size());
      product::pack(plan, weights.data(), packed.data());
      product::position_grid const grid{1, cols, cols, 1, cols, 1};
      auto const x = test::noise<float>(static_cast<std::size_t>(cols * inputs * lanes), 2);
      std::vector<float> y(static_cast<std::size_t>(cols * outputs * lanes), 1.0f), plain = y;
      INFO(outputs << " outputs, " << cols << " positions");
      product::detail::tile_table<float, lanes>::find(outputs).multiply(
          plan, plan.groups, packed.data(), x.data(), y.data(), grid, true);
      product::detail::multiply_plainly<float, lanes>(
          plan, plan.groups, packed.data(), x.data(), plain.data(), grid, true);
      CHECK(y == plain);
    }
}

TEST_CASE("a plan gathers rows of the same support and keeps rows without any") {
  // Two groups of two rows share their columns; the last row is empty and still has to be set to zero.
  std::vector<product::product_entry> const entries{{0, 0, 0}, {0, 2, 1}, {1, 1, 2}, {2, 0, 3}, {2, 2, 4}, {3, 1, 5}};
  product::product_plan const plan = product::make_product_plan(entries, 5, 1, 4);
  REQUIRE(plan.groups.size() == 3);
  CHECK(plan.outputs == std::vector<int>{0, 2, 1, 3, 4});
  CHECK(plan.weight_index == std::vector<int>{0, 3, 1, 4, 2, 5});
  CHECK(plan.groups[2].inputs == 0);
  std::vector<float> const w{1, 2, 3, 4, 5, 6}, x{1, 10, 100};
  std::vector<float> packed(6), y(5, -1.0f);
  product::pack(plan, w.data(), packed.data());
  product::multiply<1>(plan, packed.data(), x.data(), y.data(), {1, 1, 0, 0, 0, 0});
  CHECK(y == std::vector<float>{201, 30, 504, 60, 0});
}
