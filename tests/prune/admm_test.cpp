// SPDX-License-Identifier: MIT
#include <papillon/prune/admm.hpp>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <catch2/catch.hpp>

#include "prune/resnet_slots.hpp"
#include "train/small_training.hpp"

using namespace papillon;

namespace {

constexpr exec::omp policy{.threads = 1};

/// A linear layer of 5 weights and its bias.
std::vector<nn::slot> small_slots() {
  return {{"fc.weight", nn::slot_kind::linear, {1, 5}, 0, 5, 5}, {"fc.bias", nn::slot_kind::bias, {1}, 5, 1, 5}};
}
constexpr prune::pruning_rate keeps_three{.fraction = 0.4};

double distance(std::vector<float> const& w, std::vector<float> const& z, std::span<std::uint8_t const> pulled) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i)
    if (pulled[i] != 0) sum += (w[i] - z[i]) * (w[i] - z[i]);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("the projection keeps the largest magnitudes as they are", "[admm]") {
  std::vector<double> const values{.5, -.2, .1, .9, -.4, 7};
  CHECK(prune::largest_magnitudes<double>(small_slots(), values, keeps_three) ==
        std::vector<double>{.5, 0, 0, .9, -.4, 0});
  auto const slots = test::resnet_slots(8, 5);
  std::vector<float> many(test::size_of(slots), 1.0F);
  auto const kept = prune::largest_magnitudes<float>(slots, many, {.fraction = .25, .layerwise = true});
  for (auto const& s : slots) {
    auto const nonzeros = std::count(kept.begin() + static_cast<std::ptrdiff_t>(s.offset),
        kept.begin() + static_cast<std::ptrdiff_t>(s.offset + s.size), 1.0F);
    CHECK(nonzeros == static_cast<std::ptrdiff_t>(prune::prunable(s) ? s.size - prune::pruned_count(.25, s.size) : 0));
  }
}

TEST_CASE("Z becomes the projection of W + U, and U takes what is left", "[admm]") {
  auto const slots = small_slots();
  prune::admm<double> const by(slots, keeps_three, .25);
  CHECK(by.strength() == .25);
  CHECK(std::vector(by.pulled().begin(), by.pulled().end()) == std::vector<std::uint8_t>{1, 1, 1, 1, 1, 0});
  train::named_arrays<double> beside;
  by.begin(std::vector<double>{.5, -.25, .125, 1, -.5, 7}, beside);
  CHECK(beside.at("admm.z") == std::vector<double>{.5, 0, 0, 1, -.5, 0});
  CHECK(beside.at("admm.u") == std::vector<double>(6));
  // Two epochs in which the second weight wants to stay: what U has gathered brings it in.
  by.move(std::vector<double>{.5, -.375, .125, 1, -.5, 8}, beside);
  CHECK(beside.at("admm.z") == std::vector<double>{.5, 0, 0, 1, -.5, 0});
  CHECK(beside.at("admm.u") == std::vector<double>{0, -.375, .125, 0, 0, 0});
  CHECK(by.target(beside) == std::vector<double>{.5, .375, -.125, 1, -.5, 0});
  by.move(std::vector<double>{.5, -.375, .125, 1, -.5, 9}, beside);
  CHECK(beside.at("admm.z") == std::vector<double>{0, -.75, 0, 1, -.5, 0});
  CHECK(beside.at("admm.u") == std::vector<double>{.5, 0, .25, 0, 0, 0});
  CHECK(prune::mask_of_admm<double>(slots, beside).keep == std::vector<std::uint8_t>{0, 1, 0, 1, 1, 1});
  CHECK_THROWS_WITH(prune::mask_of_admm<double>(slots, {}), Catch::Contains("begin with a training that was pulled"));
}

TEST_CASE("a pulled training comes close to its sparse target, one left alone does not", "[admm]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  prune::admm<float> const by(net.parameters(), {.fraction = .7}, 1);
  auto const train = [&](bool pulled, train::training_state<float> state, int epochs,
                         std::atomic<bool>* stop = nullptr) {
    train::training_observer<float> watcher;
    if (stop != nullptr) watcher.batch = [&](train::batch_progress const& p) { *stop = p.epoch == 1 && p.batch == 1; };
    train::trainer trainer(policy, net, test::small_data(images), test::small_options(epochs));
    if (pulled) trainer.pull(by);
    (void)trainer.run(state, watcher, stop);
    return state;
  };
  auto const pulled = train(true, test::initial_state(net), 4), plain = train(false, test::initial_state(net), 4);
  CHECK(plain.beside.empty());
  auto const away = [&](train::training_state<float> const& s) {
    return distance(s.last.parameters,
        prune::largest_magnitudes<float>(net.parameters(), s.last.parameters, {.fraction = .7}), by.pulled());
  };
  CHECK(away(pulled) < .8 * away(plain));
  auto const keep = prune::mask_of_admm<float>(net.parameters(), pulled.beside);
  std::size_t const all = test::prunable_kept(net.parameters(), prune::dense_mask(net.parameter_count()));
  CHECK(test::prunable_kept(net.parameters(), keep) == all - prune::pruned_count(.7, all));

  // Z and U are part of the state: stopped within the second epoch it goes on to the same bits.
  std::atomic<bool> stop = false;
  auto const stopped = train(true, test::initial_state(net), 4, &stop);
  REQUIRE(stopped.epochs == 1);
  CHECK(train(true, stopped, 4) == pulled);
}
