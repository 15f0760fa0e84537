// SPDX-License-Identifier: MIT
/// The trainer with other sets, optimisers and losses than the study's: vectors and a perceptron, Adam, images of
/// another shape, a loss of one's own.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <papillon/data/epoch_order.hpp>
#include <papillon/data/vector_set.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/layers/batch_norm.hpp>
#include <papillon/nn/layers/conv2d.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/linear.hpp>
#include <papillon/nn/models/perceptron.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/state_dict.hpp>
#include <papillon/train/trainer.hpp>

#include "support/noise.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;

namespace {

constexpr exec::omp one_thread{.threads = 1};

/// 90 vectors; the class is 1 where the first two numbers have the same sign, which no linear network tells.
data::vector_set signs() {
  data::vector_set set{.width = 3, .classes = 2, .values = test::noise<float>(270, 3)};
  for (std::size_t i = 0; i < 90; ++i) set.labels.push_back(set.values[3 * i] * set.values[3 * i + 1] > 0);
  return set;
}
data::column_scaling const scaling{{0, 0, 0.5F}, {2, 2, 1}};

train::training_data<data::vector_set> split_of(data::vector_set const& set) {
  train::training_data data{&set, scaling, std::vector<std::uint32_t>(73), std::vector<std::uint32_t>(17)};
  std::iota(data.training.begin(), data.training.end(), 0U);
  std::iota(data.validation.begin(), data.validation.end(), 73U);
  return data;
}

train::training_options options_of(int epochs, double learning_rate) {
  return {.epochs = epochs,
      .batch = 32,
      .schedule = {.learning_rate = learning_rate, .divide_after = {epochs - 1}},
      .sgd = {.momentum = 0.9, .weight_decay = 0},
      .seed = 3};
}

train::training_state<float> fresh(nn::network<float> const& net) {
  return train::begin_training(nn::initialise(net, {.seed = 3, .what = random::purpose::initialisation}));
}

/// Checks that a perceptron learns the signs, with the same bits for any number of threads and after a stop.
template <class Optimiser> void check_perceptron(Optimiser const& optimiser, double learning_rate) {
  auto const set = signs();
  auto const net = nn::make_perceptron<float>(3, {16, 8}, 2);
  auto const train = [&](exec::omp policy, int epochs, train::training_state<float> state) {
    auto options = options_of(40, learning_rate);
    options.epochs = epochs;
    train::trainer trainer(policy, net, split_of(set), options, optimiser);
    REQUIRE(trainer.run(state) == train::training_outcome::finished);
    return state;
  };
  auto const one = train(one_thread, 40, fresh(net));
  CHECK(one.optimiser.size() == Optimiser::state_names.size() * net.parameter_count());
  CHECK(train({.threads = 2}, 40, fresh(net)) == one);
  train::evaluator evaluator(one_thread, net, 20);
  auto const known = evaluator.measure(one.last, set, split_of(set).training, scaling);
  CHECK(known.accuracy > 0.9);
  CHECK(evaluator.measure(one.best, set, split_of(set).validation, scaling).accuracy == one.best_accuracy);
  CHECK(evaluator.measure(one.last, set, split_of(set).training).loss != known.loss);  // unscaled is another input

  std::vector<std::string> const names(Optimiser::state_names.begin(), Optimiser::state_names.end());
  test::temporary_directory const folder;
  auto const file = folder / "training.safetensors";
  train::save_training(file, net, train::training_checkpoint<float>{.state = train(one_thread, 15, fresh(net))}, names);
  auto const back = train::load_training<float>(file, net, names);
  CHECK(back.state.epochs == 15);
  CHECK(train(one_thread, 40, back.state) == one);
}

/// 40 images of one channel, 8 x 8, of three classes that differ in which third is bright.
data::image_set stripes() {
  data::image_set set{.extent = {1, 8, 8}, .classes = 3};
  auto const draw = test::noise<float>(40 * 64, 5);
  for (std::size_t i = 0; i < 40; ++i) {
    set.labels.push_back(static_cast<std::uint8_t>(i % 3));
    for (std::size_t k = 0; k < 64; ++k)
      set.pixels.push_back(static_cast<std::uint8_t>(60 + 50 * draw[i * 64 + k] + (k / 8 / 3 == i % 3 ? 100 : 0)));
  }
  return set;
}

nn::network<float> convolutional(int classes) {
  nn::network<float> net({1, 8, 8});
  net.add("conv1", nn::conv2d(dense(6, 9), {{1, 8, 8}, 6}));
  net.add("bn1", nn::batch_norm({6, 8, 8}, {.relu = true}));
  net.add("conv2", nn::conv2d(dense(8, 54), {{6, 8, 8}, 8, 3, 2, 0}));
  net.add("bn2", nn::batch_norm({8, 3, 3}, {.relu = true}));
  net.add("conv3", nn::conv2d(dense(8, 72), {{8, 3, 3}, 8, 3, 1, 0}));  // all nine pixels: where it is bright counts
  net.add("pool", nn::global_average_pool({8, 1, 1}));
  net.add("fc", nn::linear(dense(classes, 8)));
  return net;
}

/// Half the squared distance of the logits from 1 at the label and 0 elsewhere, a mean over the images.
template <class T> struct squared_error_value {
  static constexpr char const* name = "squared error";
  static constexpr int flops = 30, bytes = 100;
  nn::loss_batch<T> b;

  PAPILLON_HD void operator()(int n) const {
    double sum = 0;
    int best = 0;
    int const label = n < b.images ? b.labels[b.indices[n]] : 0;
    for (int c = 0; c < b.classes; ++c) {
      T const d = n < b.images ? b.logits[b.at(n, c)] - (c == label ? T{1} : T{}) : T{};
      if (b.dlogits != nullptr) b.dlogits[b.at(n, c)] = d / static_cast<T>(b.images);
      sum += 0.5 * static_cast<double>(d) * static_cast<double>(d);
      if (b.logits[b.at(n, c)] > b.logits[b.at(n, best)]) best = c;
    }
    if (n >= b.images) return;
    if (b.losses != nullptr) b.losses[n] = sum;
    if (b.hits != nullptr) b.hits[n] = best == label;
  }
};
struct squared_error {
  template <class T> using value = squared_error_value<T>;
};
static_assert(nn::loss<squared_error>);

}  // namespace

TEST_CASE("a perceptron learns from vectors with SGD, and resumes from a file", "[trainer]") {
  check_perceptron(train::sgd_settings{.momentum = 0.9}, 0.1);
}

TEST_CASE("a perceptron learns from vectors with Adam, and resumes from a file with what Adam remembers", "[trainer]") {
  check_perceptron(train::adam_settings{}, 0.02);
}

TEST_CASE("a checkpoint of Adam is not taken for one of SGD", "[trainer]") {
  auto const net = nn::make_perceptron<float>(3, {4}, 2);
  test::temporary_directory const folder;
  auto const file = folder / "training.safetensors";
  auto state = fresh(net);
  state.optimiser.resize(2 * net.parameter_count());
  std::vector<std::string> const adam(
      train::adam_settings::state_names.begin(), train::adam_settings::state_names.end());
  train::save_training(file, net, train::training_checkpoint<float>{.state = state}, adam);
  CHECK(train::load_training<float>(file, net, adam).state == state);
  CHECK_THROWS_WITH(train::load_training<float>(file, net), Catch::Contains("velocity.0.weight"));
  CHECK(train::state_dict::read(file).weights<float>(net) == state.last);
}

TEST_CASE("a training begun with one optimiser is not continued or saved with another", "[trainer]") {
  auto const set = signs();
  auto const net = nn::make_perceptron<float>(3, {16, 8}, 2);
  auto state = fresh(net);
  train::trainer(one_thread, net, split_of(set), options_of(1, 0.1)).run(state);
  auto const before = state;
  train::trainer adam(one_thread, net, split_of(set), options_of(2, 0.1), train::adam_settings{});
  CHECK_THROWS_WITH(adam.run(state), Catch::Contains("use the optimiser that it was begun with"));
  CHECK(state == before);
  test::temporary_directory const folder;
  CHECK_THROWS_WITH(train::save_training(folder / "adam.safetensors", net, train::training_checkpoint<float>{state},
                        {"first_moment", "second_moment"}),
      Catch::Contains("pass the state_names of its optimiser"));
}

TEST_CASE("samples that do not exist and labels without an output are refused", "[trainer]") {
  auto set = signs();
  auto const net = nn::make_perceptron<float>(3, {16, 8}, 2);
  auto const weights = nn::initialise(net, {.seed = 3, .what = random::purpose::initialisation});
  train::evaluator evaluator(one_thread, net, 20);
  auto const refused = [&](std::uint32_t sample, char const* why) {
    CHECK_THROWS_WITH(evaluator.measure(weights, set, std::vector{0U, sample}, scaling), Catch::Contains(why));
    for (bool const validation : {false, true}) {
      auto data = split_of(set);
      (validation ? data.validation : data.training).push_back(sample);
      CHECK_THROWS_WITH(train::trainer(one_thread, net, data, options_of(1, 0.1)), Catch::Contains(why));
    }
  };
  refused(90, "there is no sample 90 (the set has 90)");
  set.labels.push_back(2);
  set.values.resize(273);
  refused(90, "sample 90 has the label 2 (the network tells 2 classes apart)");
}

TEST_CASE("images of another shape and number of classes train like any", "[trainer]") {
  auto const set = stripes();
  auto const net = convolutional(3);
  data::normalisation const norm{{0.3}, {0.2}};
  train::training_data data{&set, norm, std::vector<std::uint32_t>(40)};
  std::iota(data.training.begin(), data.training.end(), 0U);
  auto options = options_of(12, 0.05);
  options.augmentation.reset();  // a stripe that moves is another class
  auto const train = [&](auto policy) {
    auto state = fresh(net);
    train::trainer(policy, net, data, options).run(state);
    return state;
  };
  auto const one = train(one_thread);
  CHECK(train(exec::omp{.threads = 2}) == one);
  train::evaluator evaluator(one_thread, net, 7);
  CHECK(evaluator.measure(one.last, set, data.training, norm).accuracy > 0.9);
  options.augmentation = data::augmentation{};
  CHECK(train(one_thread).last != one.last);
}

TEST_CASE("a loss of one's own is trained on, its first step that of its formula", "[trainer]") {
  auto const set = signs();
  auto const net = nn::make_perceptron<float>(3, {5}, 2);
  auto data = split_of(set);
  data.training.resize(19);  // one batch, no multiple of the lanes
  data.validation.clear();
  auto const options = options_of(1, 0.1);
  auto state = fresh(net);
  auto expected = state;
  double loss = 0;
  train::trainer trainer(exec::seq{}, net, data, options, options.sgd, squared_error{});
  trainer.run(state, {.epoch = [&](train::epoch_metrics const& m, auto const&) { loss = m.train_loss; }});

  auto const order = data::epoch_order({.seed = 3, .what = random::purpose::order}, 0, data.training);
  tensor<float> x(net.input(), 19), d(net.output(), 19);
  for (int n = 0; n < 19; ++n)
    for (int j = 0; j < 3; ++j) {
      auto const column = static_cast<std::size_t>(j);
      x.at(n, j) =
          (set.values[3 * order[static_cast<std::size_t>(n)] + column] - scaling.shift[column]) * scaling.scale[column];
    }
  nn::runner run(exec::seq{}, net, 19, nn::mode::train);
  auto const logits = run.forward(expected.last, nn::mode::train, x);
  double sum = 0;
  for (int n = 0; n < 19; ++n)
    for (int c = 0; c < 2; ++c) {
      float const difference = logits.at(n, c) - (set.labels[order[static_cast<std::size_t>(n)]] == c ? 1.0F : 0.0F);
      d.at(n, c) = difference / 19.0F;
      sum += 0.5 * static_cast<double>(difference) * static_cast<double>(difference);
    }
  CHECK(loss == Approx(sum / 19).epsilon(1e-7));  // rounded to float
  std::vector<float> gradient(net.parameter_count());
  run.backward(expected.last, d, gradient);
  train::sgd_step(
      exec::seq{}, options.sgd, options.schedule.at(0), gradient, expected.optimiser, expected.last.parameters);
  CHECK(state.last == expected.last);
}

TEST_CASE("one logit and binary cross-entropy train through the same trainer", "[trainer]") {
  auto const set = signs();
  auto const net = nn::make_perceptron<float>(3, {16, 8}, 1);
  auto options = options_of(40, 0.02);
  auto state = fresh(net);
  double first = 0, last = 0, accuracy = 0;
  train::trainer trainer(
      one_thread, net, split_of(set), options, train::adam_settings{}, nn::binary_cross_entropy_loss{});
  trainer.run(state, {.epoch = [&](train::epoch_metrics const& m, auto const&) {
    if (m.epoch == 0) first = m.train_loss;
    last = m.train_loss;
    accuracy = m.train_accuracy;
  }});
  CHECK(first == Approx(std::log(2.0)).epsilon(0.2));  // it begins with knowing nothing
  CHECK(last < 0.5 * first);
  CHECK(accuracy > 0.9);
}
