// SPDX-License-Identifier: MIT
// Magnitude pruning against masks made with numpy, round after round, with many ties.
#include <golden/golden.hpp>

#include <papillon/nn/models/resnet.hpp>
#include <papillon/prune/magnitude.hpp>

namespace {

void check_rounds(std::string const& masks, papillon::prune::pruning_rate const& rate) {
  auto const file = golden::read("pruning");
  papillon::nn::resnet_options options;
  options.depth = 8;
  options.width = 4;
  auto const net = papillon::nn::make_resnet<float>(options);
  std::size_t const n = net.parameter_count();
  REQUIRE(file.dims("weights").at(1) == n);

  auto mask = papillon::prune::dense_mask(n);
  for (std::size_t round = 0; round < file.dims("weights").at(0); ++round) {
    auto const weights = file.get<float>("weights").subspan(round * n, n);
    mask = papillon::prune::prune_smallest(net.parameters(), weights, rate, std::move(mask));
    auto const expected = file.get<std::uint8_t>(masks).subspan(round * n, n);
    INFO(masks << ", round " << round);
    CHECK(std::equal(expected.begin(), expected.end(), mask.keep.begin(), mask.keep.end()));
  }
}

}  // namespace

TEST_CASE("four rounds of global magnitude pruning give the golden masks") { check_rounds("uniform", {0.2, {}}); }

TEST_CASE("pruning the last layer at its own rate gives the golden masks") {
  check_rounds("fc_fraction_0.1", {0.2, 0.1});
}
