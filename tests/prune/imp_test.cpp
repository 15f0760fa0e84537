// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <papillon/nn/models/resnet.hpp>
#include <papillon/prune/imp.hpp>

#include "prune/resnet_slots.hpp"
#include "train/small_training.hpp"

namespace papillon::test {

nn::network<float> small_network(std::span<std::uint8_t const> mask) {
  return nn::make_resnet<float>({.depth = 8, .width = 4, .mask = mask});
}

}  // namespace papillon::test

using namespace papillon;

namespace {

constexpr exec::omp policy{.threads = 1};

/// Trains the network of the round's mask on.
train::training_outcome train_round(prune::imp_round<float>& round, data::image_set const& images, int number,
    train::training_observer<float> const& observer = {}, std::atomic<bool> const* stop = nullptr) {
  auto const net = test::small_network(round.keep.keep);
  auto options = test::small_options(2);
  options.round = static_cast<std::uint32_t>(number);
  train::trainer trainer(policy, net, test::small_data(images), options);
  return trainer.run(round.state, observer, stop);
}

/// Values of `w` that are not zero where the mask is.
std::size_t off_support(std::vector<float> const& w, prune::mask const& m) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < w.size(); ++i) count += m.keep[i] == 0 && w[i] != 0 ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a round starts from the best weights of the round before, pruned, without momentum", "[imp]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  train::trainer(policy, net, test::small_data(images), test::small_options(2)).run(state);
  auto const round =
      prune::begin_round(std::span(net.parameters()), state.best, prune::dense_mask(net.parameter_count()), {});
  std::size_t const prunable = test::prunable_kept(net.parameters(), prune::dense_mask(net.parameter_count()));
  CHECK(test::prunable_kept(net.parameters(), round.keep) == prunable - prune::pruned_count(0.2, prunable));
  CHECK(round.state.last.state == state.best.state);  // batch norm's statistics are rewound, too
  for (std::size_t i = 0; i < round.keep.keep.size(); ++i)
    REQUIRE(round.state.last.parameters[i] == (round.keep.keep[i] != 0 ? state.best.parameters[i] : 0.0F));
  CHECK(std::all_of(round.state.optimiser.begin(), round.state.optimiser.end(), [](float v) { return v == 0; }));
  CHECK(round.state.epochs == 0);
  CHECK(round.state.best_epoch == -1);
}

TEST_CASE("a ticket is the mask of the best weights on the weights it is rewound to", "[imp]") {
  auto const net = test::small_network();
  auto const best = test::initial_state(net).last;
  auto ticket = best;
  for (float& w : ticket.parameters) w = -3 * w + 1;
  for (float& v : ticket.state) v += 2;
  auto const slots = std::span(net.parameters());
  auto const whole = prune::dense_mask(net.parameter_count());
  auto const rewound = prune::begin_round(slots, best, whole, {.fraction = 0.6}, ticket);
  CHECK(rewound.keep == prune::begin_round(slots, best, whole, {.fraction = 0.6}).keep);
  CHECK(rewound.keep != prune::begin_round(slots, ticket, whole, {.fraction = 0.6}).keep);
  CHECK(rewound.state.last.state == ticket.state);
  CHECK(rewound.state.best == rewound.state.last);
  CHECK(rewound.state.epochs == 0);
  for (std::size_t i = 0; i < whole.keep.size(); ++i)
    REQUIRE(rewound.state.last.parameters[i] == (rewound.keep.keep[i] != 0 ? ticket.parameters[i] : 0.0F));
  CHECK(prune::begin_masked(rewound.keep, ticket).state == rewound.state);
}

TEST_CASE("rounds prune on, and what is pruned stays zero through training", "[imp]") {
  auto const images = test::make_images();
  auto const dense = test::small_network();
  prune::imp_round<float> round{prune::dense_mask(dense.parameter_count()), test::initial_state(dense)};
  REQUIRE(train_round(round, images, 0) == train::training_outcome::finished);
  for (int k = 1; k <= 3; ++k) {
    auto const before = round;
    round = prune::begin_round(std::span(dense.parameters()), before.state.best, before.keep, {.fraction = 0.4});
    auto const start = round.state.last;
    REQUIRE(train_round(round, images, k) == train::training_outcome::finished);
    CHECK(round.keep.kept() < before.keep.kept());
    CHECK(off_support(round.state.last.parameters, round.keep) == 0);
    CHECK(off_support(round.state.best.parameters, round.keep) == 0);
    CHECK(off_support(round.state.optimiser, round.keep) == 0);
    CHECK(round.state.last.parameters != start.parameters);
  }
  CHECK(test::nonzero_percentage(round.keep) < 30);  // 0.6^3 = 21.6 % of the prunable weights, all others
}

TEST_CASE("the number of a round keys its random numbers", "[imp]") {
  auto const images = test::make_images();
  auto const dense = test::small_network();
  auto const start = prune::begin_round(
      std::span(dense.parameters()), test::initial_state(dense).last, prune::dense_mask(dense.parameter_count()), {});
  auto first = start;
  auto again = start;
  auto second = start;
  train_round(first, images, 1);
  train_round(again, images, 1);
  train_round(second, images, 2);
  CHECK(first.state == again.state);
  CHECK(first.state.last != second.state.last);
}

TEST_CASE("a round that was stopped resumes to the same bits", "[imp]") {
  auto const images = test::make_images();
  auto const dense = test::small_network();
  auto const start = prune::begin_round(
      std::span(dense.parameters()), test::initial_state(dense).last, prune::dense_mask(dense.parameter_count()), {});
  auto uninterrupted = start;
  train_round(uninterrupted, images, 1);
  auto stopped = start;
  std::atomic<bool> stop = false;
  train::training_observer<float> const observer{.epoch = [&](auto const&, auto const&) { stop = true; }};
  REQUIRE(train_round(stopped, images, 1, observer, &stop) == train::training_outcome::interrupted);
  REQUIRE(stopped.state.epochs == 1);
  train_round(stopped, images, 1);
  CHECK(stopped.state == uninterrupted.state);
}
