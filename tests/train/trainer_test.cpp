// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <papillon/data/fill_batch.hpp>
#include <papillon/error.hpp>
#include <papillon/nn/kernels/paired_divergence.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/run/runner.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/trainer.hpp>

#include "train/small_training.hpp"

namespace papillon::test {

nn::network<float> small_network(std::span<std::uint8_t const> mask) {
  return nn::make_resnet<float>({.depth = 8, .width = 4, .mask = mask});
}
nn::network<float> small_private_network() {
  return nn::make_resnet<float>({.depth = 8, .width = 4, .norm = nn::norm_form::group, .groups = 2});
}

}  // namespace papillon::test

using namespace papillon;
using train::training_outcome;

namespace {

/// The state after a training that was not disturbed.
template <class Policy>
train::training_state<float> trained(Policy const& policy, train::training_options const& options) {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  train::trainer trainer(policy, net, test::small_data(images), options);
  REQUIRE(trainer.run(state) == training_outcome::finished);
  return state;
}

}  // namespace

TEST_CASE("a network learns its training images by heart", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  auto options = test::small_options(25);
  options.schedule.divide_after = {20};
  options.augmentation.reset();
  std::vector<train::epoch_metrics> epochs;
  train::trainer trainer(exec::omp{.threads = 1}, net, test::small_data(images), options);
  trainer.run(state, {.epoch = [&](train::epoch_metrics const& m, auto const&) { epochs.push_back(m); }});
  CHECK(epochs.back().train_loss < 0.5 * epochs.front().train_loss);
  train::evaluator evaluator(exec::omp{.threads = 1}, net, 16);
  auto const again = evaluator.measure(state.last, images, test::small_data(images).training);
  CHECK(again.accuracy > 0.9);
}

TEST_CASE("the observer hears of every batch and every epoch", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  std::vector<train::batch_progress> batches;
  std::vector<train::epoch_metrics> epochs;
  std::vector<nn::weights<float>> weights;
  train::trainer trainer(exec::omp{.threads = 1}, net, test::small_data(images), test::small_options(4));
  trainer.run(state, {.batch = [&](train::batch_progress const& p) { batches.push_back(p); },
                         .epoch =
                             [&](train::epoch_metrics const& m, train::training_state<float> const& s) {
                               epochs.push_back(m);
                               weights.push_back(s.last);
                               CHECK(s.epochs == m.epoch + 1);
                               CHECK((m.best ? s.best == s.last : s.best_epoch < m.epoch));
                             }});
  REQUIRE(batches.size() == 4 * 3);  // 16 + 16 + 5 images
  REQUIRE(epochs.size() == 4);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    CHECK(batches[i].epoch == static_cast<int>(i / 3));
    CHECK(batches[i].batch == static_cast<int>(i % 3) + 1);
    CHECK(batches[i].batches == 3);
  }
  for (std::size_t e = 0; e < 4; ++e) {
    CHECK(epochs[e].epoch == static_cast<int>(e));
    CHECK(epochs[e].learning_rate == (e < 2 ? 0.05 : 0.05 / 10));
    CHECK(batches[3 * e].loss == batches[3 * e].batch_loss);
    double const sum =
        16 * (batches[3 * e].batch_loss + batches[3 * e + 1].batch_loss) + 5 * batches[3 * e + 2].batch_loss;
    CHECK(epochs[e].train_loss == Approx(sum / 37).epsilon(1e-14));
    CHECK(epochs[e].train_loss == batches[3 * e + 2].loss);
    CHECK(epochs[e].train_accuracy == batches[3 * e + 2].accuracy);
    CHECK(epochs[e].seconds > 0);
    CHECK(epochs[e].images_per_second > 0);
  }
  // The best epoch is the first of greatest validation accuracy, and its weights are the ones that were kept.
  auto const best = std::max_element(epochs.begin(), epochs.end(),
      [](auto const& a, auto const& b) { return a.validation_accuracy < b.validation_accuracy; });
  CHECK(state.best_epoch == best->epoch);
  CHECK(state.best_accuracy == best->validation_accuracy);
  CHECK(state.best == weights[static_cast<std::size_t>(best->epoch)]);
  CHECK(state.last == weights.back());
  train::evaluator evaluator(exec::omp{.threads = 1}, net, 16);
  auto const again = evaluator.measure(state.best, images, test::small_data(images).validation);
  CHECK(again.accuracy == best->validation_accuracy);
  CHECK(again.loss == best->validation_loss);
}

TEST_CASE("the first step is a forward pass, a backward pass and a step of SGD", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto data = test::small_data(images);
  data.training.resize(3);  // one batch of three images
  data.validation.clear();
  auto options = test::small_options(1);
  options.augmentation.reset();
  auto state = test::initial_state(net);
  auto expected = state;
  exec::seq const policy;
  train::trainer trainer(policy, net, data, options);
  double loss = 0;
  trainer.run(state, {.epoch = [&](train::epoch_metrics const& m, auto const&) { loss = m.train_loss; }});

  auto const order = data::epoch_order({.seed = 11, .what = random::purpose::order}, 0, data.training);
  tensor<float> x(net.input(), 3);
  data::fill_batch(policy, images, order, data.normalisation, std::nullopt, x.view());
  std::vector<std::uint8_t> labels;
  for (std::uint32_t const i : order) labels.push_back(images.labels[i]);
  nn::runner run(policy, net, 3, nn::mode::train);
  tensor<float> dlogits(net.output(), 3);
  auto const logits = run.forward(expected.last, nn::mode::train, x);
  CHECK(static_cast<double>(nn::cross_entropy(policy, logits, std::span<std::uint8_t const>(labels), dlogits.view())) ==
        loss);
  std::vector<float> gradient(net.parameter_count());
  run.backward(expected.last, dlogits, gradient);
  train::sgd_step(policy, options.sgd, 0.05, std::span<float const>(gradient), std::span(expected.optimiser),
      std::span(expected.last.parameters));
  CHECK(state.last == expected.last);
  CHECK(state.optimiser == expected.optimiser);
  CHECK(state.best == expected.last);  // without validation images the last epoch is the best
}

TEST_CASE("one and two threads train the same bits", "[trainer]") {
  auto const one = trained(exec::omp{.threads = 1}, test::small_options(1));
  CHECK(trained(exec::omp{.threads = 2}, test::small_options(1)) == one);
}

TEST_CASE("seed, role and round each change the training", "[trainer]") {
  exec::omp const policy{.threads = 1};
  auto const reference = trained(policy, test::small_options(1));
  auto options = test::small_options(1);
  CHECK(trained(policy, options) == reference);
  options.seed = 12;
  CHECK(trained(policy, options).last != reference.last);
  options = test::small_options(1);
  options.role = 1;
  CHECK(trained(policy, options).last != reference.last);
  options = test::small_options(1);
  options.round = 1;
  CHECK(trained(policy, options).last != reference.last);
}

TEST_CASE("a stopped training keeps its last finished epoch and resumes to the same bits", "[trainer]") {
  exec::omp const policy{.threads = 1};
  auto const options = test::small_options(4);
  auto const uninterrupted = trained(policy, options);
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  std::atomic<bool> stop = false;
  {
    train::trainer trainer(policy, net, test::small_data(images), options);
    train::training_observer<float> const observer{
        .batch = [&](train::batch_progress const& p) { stop = p.epoch == 2 && p.batch == 2; }};
    REQUIRE(trainer.run(state, observer, &stop) == training_outcome::interrupted);
  }
  CHECK(state.epochs == 2);
  auto short_options = options;
  short_options.epochs = 2;
  CHECK(state == trained(policy, short_options));
  train::trainer trainer(policy, net, test::small_data(images), options);
  REQUIRE(trainer.run(state) == training_outcome::finished);
  CHECK(state == uninterrupted);
}

TEST_CASE("a request to stop that is there from the start trains nothing", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  auto const before = state;
  std::atomic<bool> const stop = true;
  train::trainer trainer(exec::seq{}, net, test::small_data(images), test::small_options(1));
  CHECK(trainer.run(state, {}, &stop) == training_outcome::interrupted);
  CHECK(state == before);
}

TEST_CASE("a finished training is left as it is", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  state.epochs = 2;
  auto const before = state;
  train::trainer trainer(exec::seq{}, net, test::small_data(images), test::small_options(2));
  CHECK(trainer.run(state) == training_outcome::finished);
  CHECK(state == before);
}

TEST_CASE("a training that diverges fails and keeps its last finished epoch", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  auto options = test::small_options(3);
  options.schedule = {.learning_rate = 1e-3, .divide_after = {1}, .factor = 1e-30};  // 1e27 in the second epoch
  train::trainer trainer(exec::omp{.threads = 1}, net, test::small_data(images), options);
  try {
    trainer.run(state);
    FAIL("no complaint");
  } catch (error const& e) {
    CHECK(e.code() == errc::failed);
    CHECK_THAT(e.what(), Catch::Contains("diverged") && Catch::Contains("epoch 1"));
  }
  options.epochs = 1;
  CHECK(state == trained(exec::omp{.threads = 1}, options));
}

TEST_CASE("what an observer throws ends the training, whose state stays whole", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto state = test::initial_state(net);
  auto const before = state;
  train::trainer trainer(exec::seq{}, net, test::small_data(images), test::small_options(1));
  CHECK_THROWS_AS(
      trainer.run(state, {.batch = [](auto const&) { throw std::runtime_error("disk"); }}), std::runtime_error);
  CHECK(state == before);
}

TEST_CASE("pruned weights and their momentum stay exactly zero", "[trainer]") {
  auto const images = test::make_images();
  auto const dense = test::small_network();
  std::vector<std::uint8_t> keep(dense.parameter_count(), 1);
  for (auto const& s : dense.parameters()) {
    bool const prunable = s.kind == nn::slot_kind::convolution || s.kind == nn::slot_kind::linear;
    for (std::size_t i = s.offset; prunable && i < s.offset + s.size; ++i) keep[i] = i % 3 == 0 ? 1 : 0;
  }
  auto const net = test::small_network(keep);
  auto state = test::initial_state(dense);
  for (std::size_t i = 0; i < keep.size(); ++i) state.last.parameters[i] = keep[i] != 0 ? state.last.parameters[i] : 0;
  auto const before = state.last;
  train::trainer trainer(exec::omp{.threads = 1}, net, test::small_data(images), test::small_options(2));
  trainer.run(state);
  std::size_t off = 0;
  std::size_t unmoved = 0;
  for (std::size_t i = 0; i < keep.size(); ++i)
    if (keep[i] == 0) off += state.last.parameters[i] != 0 || state.optimiser[i] != 0 ? 1 : 0;
    else unmoved += state.last.parameters[i] == before.parameters[i] ? 1 : 0;
  CHECK(off == 0);
  CHECK(unmoved == 0);
}

TEST_CASE("a role or round whose random numbers would be another's is refused", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto options = test::small_options(1);
  options.role = 16;
  CHECK_THROWS_WITH(train::trainer(exec::seq{}, net, test::small_data(images), options), Catch::Contains("role 16"));
  options.role = 15;
  options.round = 4096;
  CHECK_THROWS_WITH(train::trainer(exec::seq{}, net, test::small_data(images), options), Catch::Contains("round 4096"));
  options.round = 4095;
  CHECK_NOTHROW(train::trainer(exec::seq{}, net, test::small_data(images), options));
}

TEST_CASE("a training ends when its patience has run out, and there when it goes on", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto options = test::small_options(12);
  options.patience = 1;
  options.schedule = {.learning_rate = 0, .divide_after = {}};  // no epoch is better than the first
  auto state = test::initial_state(net);
  train::trainer(exec::omp{.threads = 1}, net, test::small_data(images), options).run(state);
  CHECK(state.best_epoch == 0);
  CHECK(state.epochs == 3);  // one that is not better is borne, the second ends it
  auto again = state;
  train::trainer(exec::omp{.threads = 1}, net, test::small_data(images), options).run(again);
  CHECK(again == state);
  options.patience = 12;
  train::trainer(exec::omp{.threads = 1}, net, test::small_data(images), options).run(state);
  CHECK(state.epochs == 12);
}

TEST_CASE("a step with a penalty on unlike answers adds the penalty's gradient", "[trainer]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto const start = test::initial_state(net);
  std::vector<std::uint32_t> batch(16);
  std::iota(batch.begin(), batch.end(), 0U);
  auto const after = [&](double penalty) {
    exec::context<exec::omp> const where(exec::omp{2});
    train::stepper<exec::omp, float, native_lanes<float>, data::image_batches<exec::omp, float>, train::sgd_settings,
        nn::cross_entropy_loss>
        steps(where, net, data::make_batches<float>(where, images, {}, 16), 16, {.momentum = 0, .weight_decay = 0},
            {.paired_divergence = penalty});
    auto end = start;
    steps.load(start.last, start.optimiser);
    (void)steps.step(batch, 1, 1);
    steps.store(end.last, end.optimiser);
    return end.last;
  };
  // What the penalty adds to a step is linear in its weight ...
  auto const plain = after(0), once = after(1), twice = after(2);
  double added = 0, largest = 0;
  for (std::size_t k = 0; k < plain.parameters.size(); ++k) {
    double const one = once.parameters[k] - plain.parameters[k], two = twice.parameters[k] - plain.parameters[k];
    added = std::max(added, std::abs(one));
    largest = std::max(largest, std::abs(two - 2 * one));
  }
  CHECK(added > 1e-3);
  CHECK(largest < 1e-3 * added);
  // ... and goes down the penalty: where the rate is small, by the square of its gradient.
  auto const divergence = [&](nn::weights<float> w) {
    nn::runner run(exec::omp{2}, net, 16, nn::mode::train);
    tensor<float> x(net.input(), 16);
    data::fill_batch(exec::omp{2}, images, std::span<std::uint32_t const>(batch), {}, {}, x.view());
    return nn::paired_divergence(
        exec::seq{}, 1, run.forward(w, nn::mode::train, x), tensor_view<float, native_lanes<float>>());
  };
  double square = 0;
  for (std::size_t k = 0; k < plain.parameters.size(); ++k) {
    double const g = once.parameters[k] - plain.parameters[k];
    square += g * g;
  }
  auto down = start.last;
  double const rate = 1e-2;
  for (std::size_t k = 0; k < plain.parameters.size(); ++k)
    down.parameters[k] += static_cast<float>(rate * (once.parameters[k] - plain.parameters[k]));
  double const before = divergence(start.last);
  CHECK(before > 0);
  CHECK(before - divergence(down) == Approx(rate * square).epsilon(.1));
}

TEST_CASE("a penalty on unlike answers is refused where it means nothing", "[trainer]") {
  auto const images = test::make_images();
  auto options = test::small_options(1);
  options.paired_divergence = 1;
  options.dp = train::dp_options{};
  CHECK_THROWS_WITH(train::trainer(exec::omp{}, test::small_private_network(), test::small_data(images), options),
      Catch::Contains("leave one of them out"));
}
