// SPDX-License-Identifier: MIT
// Weights of one network made into chains of another, by name, in every order of a convolution's columns.
#include <papillon/nn/factorize_weights.hpp>

#include <catch2/catch.hpp>

#include <vector>

#include <papillon/operators/to_dense.hpp>
#include <papillon/structure/smallest_monotone.hpp>

#include "support/noise.hpp"

using namespace papillon;

namespace {

/// Slots as a network has them.
struct slots_of {
  std::vector<nn::slot> slots, states;
  [[nodiscard]] std::vector<nn::slot> const& parameters() const { return slots; }
  [[nodiscard]] std::vector<nn::slot> const& state() const { return states; }
  void add(std::string name, std::vector<std::size_t> dims) {
    std::size_t const offset = slots.empty() ? 0 : slots.back().offset + slots.back().size;
    slots.push_back(nn::make_slot(std::move(name), nn::slot_kind::convolution, std::move(dims)));
    slots.back().offset = offset;
  }
  void add_chain(std::string const& name, runtime_chain const& w) {
    int k = 0;
    for (pattern const p : w.factors())
      add(name + ".factor" + std::to_string(k++), {static_cast<std::size_t>(p.a), static_cast<std::size_t>(p.b),
                                                      static_cast<std::size_t>(p.c), static_cast<std::size_t>(p.d)});
  }
};

}  // namespace

TEST_CASE("convolutions become chains and everything else is copied by name") {
  auto const w = make_smallest_monotone(8, 36, 2);
  slots_of dense, butterfly;
  dense.add("first.weight", {4, 3, 3, 3});
  dense.add("conv.weight", {8, 4, 3, 3});
  dense.add("bn.weight", {8});
  butterfly.add("bn.weight", {8});  // another order
  butterfly.add("first.weight", {4, 3, 3, 3});
  butterfly.add_chain("conv", w);
  for (auto* net : {&dense, &butterfly})
    net->states.push_back(nn::make_slot("bn.running_mean", nn::slot_kind::running_mean, {8}));

  auto const coefficients = test::noise<double>(static_cast<std::size_t>(w.nnz()), 1);
  auto const product = to_dense(w, coefficients);
  for (auto const order : {nn::unfolding::channel_major, nn::unfolding::tap_major, nn::unfolding::shuffled}) {
    auto const columns = nn::column_order(order, 8, 4, 9);
    nn::weights<double> weights{test::noise<double>(108 + 288 + 8, 2), test::noise<double>(8, 3)};
    // The convolution's OIHW weight whose matrix in this order of columns is the product.
    for (std::size_t o = 0; o < 8; ++o)
      for (std::size_t j = 0; j < 36; ++j) {
        if (order == nn::unfolding::tap_major) REQUIRE(columns[j] == j % 4 * 9 + j / 4);
        weights.parameters[108 + o * 36 + columns[j]] = product[o * 36 + j];
      }
    auto const made = nn::factorize_weights(exec::seq{}, dense, weights, butterfly, order);
    REQUIRE(made.layers.size() == 1);
    CHECK(made.layers[0].name == "conv");
    CHECK(made.layers[0].chain == w);
    CHECK(made.layers[0].relative_error < 1e-13);
    auto const& p = made.weights.parameters;
    REQUIRE(p.size() == 8 + 108 + static_cast<std::size_t>(w.nnz()));
    for (std::size_t i = 0; i < 8; ++i) CHECK(p[i] == weights.parameters[108 + 288 + i]);
    for (std::size_t i = 0; i < 108; ++i) CHECK(p[8 + i] == weights.parameters[i]);
    CHECK(test::largest_difference<double>(to_dense(w, std::span<double const>(p).subspan(116)), product) < 1e-13);
    CHECK(made.weights.state == weights.state);
  }
}

TEST_CASE("a network that lacks a layer of the other is refused") {
  slots_of dense, butterfly;
  dense.add("conv.weight", {8, 4, 3, 3});
  nn::weights<double> const weights{std::vector<double>(288), {}};
  auto const text = [&] {
    return nn::factorize_weights(exec::seq{}, dense, weights, butterfly, nn::unfolding::channel_major);
  };
  butterfly.add("fc.weight", {10, 64});
  CHECK_THROWS_WITH(text(), Catch::Contains("fc.weight"));
  butterfly.slots.clear();
  butterfly.add("conv.weight", {8, 2, 3, 3});
  CHECK_THROWS_WITH(text(), Catch::Contains("the shapes differ"));
  butterfly.slots.clear();
  butterfly.add_chain("other", make_smallest_monotone(8, 36, 2));
  CHECK_THROWS_WITH(text(), Catch::Contains("no convolution other.weight"));
}
