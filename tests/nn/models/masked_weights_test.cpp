// SPDX-License-Identifier: MIT
/// Which layer a mask makes of the weight that comes next.
#include <papillon/nn/models/masked_weights.hpp>

#include <cstdint>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include <papillon/nn/layers/linear.hpp>

using namespace papillon;

namespace {

using network = nn::network<double, 1>;

void add_linear(network& net, std::vector<std::uint8_t> const& mask, int outputs) {
  net.add("linear",
      nn::make_masked(
          net, mask, outputs, net.output().size(),
          [](auto weight) -> nn::any_layer<double, 1> { return nn::linear<decltype(weight)>(std::move(weight)); }));
}

}  // namespace

TEST_CASE("without a mask a weight is dense, with one it has the entries that stand where its slot does") {
  network plain({2, 1, 1}), masked({2, 1, 1});
  std::vector<std::uint8_t> const mask{1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1};  // of 2 x 2, 2 biases, 1 x 2, and two more
  add_linear(plain, {}, 2);
  CHECK(plain.at(1).layer.support().empty());
  CHECK(plain.macs() == 4);
  add_linear(masked, mask, 2);
  CHECK(masked.at(1).layer.support() == std::vector<bool>{true, false, false, true, true, true});
  CHECK_THROWS_WITH(nn::require_mask_of(masked, mask), Catch::Contains("one entry per parameter"));
  add_linear(masked, mask, 1);
  CHECK(masked.at(2).layer.support() == std::vector<bool>{false, true, true});
  CHECK(masked.macs() == 3);
  CHECK_NOTHROW(nn::require_mask_of(masked, std::vector<std::uint8_t>(9, 0)));
  CHECK_NOTHROW(nn::require_mask_of(masked, {}));
  CHECK_THROWS_WITH(add_linear(masked, mask, 3), Catch::Contains("mask of 11 entries is too short"));
}
