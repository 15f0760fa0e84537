// SPDX-License-Identifier: MIT
/// \file training.hpp
/// What surrounds a network in a training, under a policy, written once for all: batches, losses and optimisers against
/// their written-out loops, the trainer against itself under exec::seq.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include <papillon/data/batches.hpp>
#include <papillon/data/fill_batch.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/stepper.hpp>
#include <papillon/train/trainer.hpp>
#include <papillon/train/weight_pull.hpp>

#include "policies/layers.hpp"
#include "train/small_training.hpp"

namespace papillon::test {

inline data::image_set const& images() {
  static data::image_set const set = make_images();
  return set;
}

/// Images of another shape and number of channels.
inline data::image_set const& small_images() {
  static data::image_set const set = [] {
    data::image_set s{.extent = {1, 5, 7}, .classes = 3};
    for (std::uint32_t i = 0; i < 50; ++i) {
      s.labels.push_back(static_cast<std::uint8_t>(i % 3));
      for (std::uint32_t k = 0; k < 35; ++k) s.pixels.push_back(static_cast<std::uint8_t>((i * 37 + k * 11) % 256));
    }
    return s;
  }();
  return set;
}

/// Out of order, some twice.
inline std::vector<std::uint32_t> some_indices(int size) {
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(size); ++i) indices.push_back(i * 7 % 50);
  return indices;
}

/// A batch has the bits of the written-out loop: draws are keyed, values are looked up.
template <exec::policy E>
void check_batch(E e, data::image_set const& set, data::normalisation const& norm, int size, bool augmented) {
  auto const indices = some_indices(size);
  data::augmentation const augment{.stream = {.seed = 3, .what = random::purpose::augmentation}, .epoch = 5};
  tensor<scalar, lanes> want(set.extent, size);
  data::fill_batch(exec::seq{}, set, std::span<std::uint32_t const>(indices), norm,
      augmented ? std::optional(augment) : std::nullopt, want.view());
  std::vector<scalar> expected(static_cast<std::size_t>(set.extent.size() * size));
  relayout<scalar, lanes>(want.cview(), expected);

  exec::context<E> const where(e);
  auto other_epoch = augment;
  other_epoch.epoch = 4;
  data::image_batches<E, scalar> batches(where, set, norm, size + 3, other_epoch);
  values_on<scalar> const x(where, set.extent, size);
  batches.set_epoch(augment.epoch);
  batches.choose(indices);
  batches.fill(where.place(), augmented, x.view());
  CHECK(x.read() == expected);
}

/// A batch of vectors has the bits of (value - shift) scale.
template <exec::policy E> void check_vectors(E e, int size) {
  data::vector_set set{.width = 5, .classes = 2, .values = noise<float>(250, 3)};
  set.labels.resize(50);
  data::column_scaling const scaling{{0.5F, 0, -1, 2, 0.25F}, {2, 1, 0.5F, 3, 1}};
  auto const indices = some_indices(size);
  for (bool const scaled : {false, true}) {
    exec::context<E> const where(e);
    data::vector_batches<E> batches(where, set, scaled ? scaling : data::column_scaling{}, size);
    values_on<float> const x(where, shape{5, 1, 1}, size);
    batches.choose(indices);
    batches.fill(where.place(), true, x.view());
    std::vector<float> expected;
    for (auto const i : indices)
      for (std::size_t j = 0; j < 5; ++j)
        expected.push_back(
            scaled ? (set.values[i * 5 + j] - scaling.shift[j]) * scaling.scale[j] : set.values[i * 5 + j]);
    CHECK(x.read() == expected);
  }
}

/// Labels of a made-up set, and which samples are in the batch.
template <exec::policy E> struct made_up_batch {
  exec::memory<std::uint8_t> all;
  exec::memory<std::uint32_t> chosen;
  [[nodiscard]] std::uint8_t const* labels() const { return all.data(); }
  [[nodiscard]] std::uint32_t const* indices() const { return chosen.data(); }
};

struct loss_outcome {
  double loss = 0;
  int correct = 0;
  std::vector<scalar> dlogits;
};

/// Labels that a loss knows for a number of logits.
template <class Loss> std::uint8_t made_up_label(int n, int classes) {
  return static_cast<std::uint8_t>(n * 3 % (std::is_same_v<Loss, nn::cross_entropy_loss> ? classes : 2));
}

/// Logits of which some are large, some equal.
inline tensor<scalar, lanes> made_up_logits(int classes, int size) {
  auto t = noise_tensor<scalar, lanes>({classes, 1, 1}, size, 6);
  for (scalar& v : t.storage()) v *= 30;
  for (int c = 0; c < classes; ++c) t.at(0, c) = 0;
  return t;
}

/// The loss of a batch of the `size` samples in reverse order, in the way of trainers.
template <class Loss, exec::policy E> loss_outcome run_loss(E e, int classes, int size) {
  exec::context<E> const where(e);
  std::vector<std::uint8_t> labels;
  std::vector<std::uint32_t> order;
  for (int n = 0; n < size; ++n) {
    labels.push_back(made_up_label<Loss>(n, classes));
    order.push_back(static_cast<std::uint32_t>(size - 1 - n));
  }
  made_up_batch<E> const batch{copied(where, labels), copied(where, order)};
  values_on<scalar> const logits(where, made_up_logits(classes, size)), dlogits(where, shape{classes, 1, 1}, size);
  train::batch_loss<E, scalar, Loss> loss(where, size + 1);
  loss.launch(where.place(), batch, logits.cview(), dlogits.view());
  auto const result = loss.read(size);
  return {result.loss, result.correct, dlogits.read()};
}

/// The same by the written-out loops.
template <class Loss> loss_outcome reference_loss(int classes, int size) {
  std::vector<std::uint8_t> labels;
  for (int n = size; n-- > 0;) labels.push_back(made_up_label<Loss>(n, classes));
  std::span<std::uint8_t const> const l(labels);
  auto const logits = made_up_logits(classes, size);
  tensor<scalar, lanes> d(logits.extent(), size);
  loss_outcome o;
  if constexpr (std::is_same_v<Loss, nn::cross_entropy_loss>) {
    o.loss = static_cast<double>(nn::cross_entropy(exec::seq{}, logits.cview(), l, d.view()));
    o.correct = nn::count_correct(logits.cview(), l);
  } else {
    o.loss = static_cast<double>(nn::binary_cross_entropy(exec::seq{}, logits.cview(), l, d.view()));
    for (int n = 0; n < size; ++n) o.correct += (logits.at(n, 0) > 0) == (labels[static_cast<std::size_t>(n)] != 0);
  }
  o.dlogits.resize(static_cast<std::size_t>(classes * size));
  relayout<scalar, lanes>(d.cview(), o.dlogits);
  return o;
}

/// Formulas and order of sums are the reference's, so on the host are the bits (nothing is contracted, see
/// CMakeLists.txt). On a CUDA device exp, log and log1p may differ by two units in the last place each.
template <class Loss, exec::policy E> void check_loss(E e, int classes, int size) {
  loss_outcome const got = run_loss<Loss>(e, classes, size), want = reference_loss<Loss>(classes, size);
  CHECK(got.correct == want.correct);
  if constexpr (exec::cuda_available) {
    CHECK(got.loss == Approx(want.loss).epsilon(rounding));
    CHECK(close(got.dlogits, want.dlogits));
  } else {
    CHECK(got.loss == want.loss);
    CHECK(got.dlogits == want.dlogits);
  }
}

inline constexpr double made_up_rate = 0.02;

/// Weights and what an optimiser remembers after three steps.
template <class Optimiser, exec::policy E>
std::vector<scalar> run_optimiser(E e, Optimiser const& optimiser, int count) {
  auto const n = static_cast<std::size_t>(count);
  exec::context<E> const where(e);
  auto const weights = copied(where, noise<scalar>(n, 1)),
             state = copied(where, std::vector<scalar>(Optimiser::state_names.size() * n));
  for (int t = 1; t <= 3; ++t) {
    auto const constants = optimiser.template constants<scalar>(made_up_rate, t);
    auto const gradient = copied(where, noise<scalar>(n, 10 + static_cast<unsigned>(t))),
               now = copied(where, std::vector<scalar>(constants.begin(), constants.end()));
    where.for_each(count, optimiser.step(train::optimiser_buffers<scalar>{.gradient = gradient.data(),
                              .state = state.data(),
                              .weights = weights.data(),
                              .constants = now.data(),
                              .count = count}));
    where.wait();
  }
  auto all = read(weights);
  auto const remembered = read(state);
  all.insert(all.end(), remembered.begin(), remembered.end());
  return all;
}

/// The same by the written-out loops.
inline std::vector<scalar> reference_optimiser(train::sgd_settings const& sgd, int count) {
  auto const n = static_cast<std::size_t>(count);
  auto all = noise<scalar>(n, 1);
  std::vector<scalar> velocity(n);
  for (unsigned t = 1; t <= 3; ++t)
    train::sgd_step(exec::seq{}, sgd, made_up_rate, std::span<scalar const>(noise<scalar>(n, 10 + t)),
        std::span(velocity), std::span(all));
  all.insert(all.end(), velocity.begin(), velocity.end());
  return all;
}
inline std::vector<scalar> reference_optimiser(train::adam_settings adam, int count) {
  auto const n = static_cast<std::size_t>(count);
  adam.learning_rate = made_up_rate;
  auto all = noise<scalar>(n, 1);
  train::adam_state<scalar> state(n);
  for (unsigned t = 1; t <= 3; ++t)
    train::adam_step(exec::seq{}, adam, std::span<scalar const>(noise<scalar>(n, 10 + t)), state, std::span(all));
  all.insert(all.end(), state.moments.begin(), state.moments.end());
  return all;
}

/// The derivative of a pull towards a target, which some parameters have.
template <exec::policy E> void check_pull(E e, int count) {
  auto const n = static_cast<std::size_t>(count);
  auto const w = noise<scalar>(n, 1), target = noise<scalar>(n, 2);
  std::vector<std::uint8_t> pulled(n);
  auto want = noise<scalar>(n, 3);
  exec::context<E> const where(e);
  auto const weights = copied(where, w), to = copied(where, target), gradient = copied(where, want);
  for (std::size_t i = 0; i < n; ++i) {
    pulled[i] = i % 3 == 0;
    if (pulled[i] != 0) want[i] = std::fma(scalar{0.5F}, w[i] - target[i], want[i]);
  }
  auto const on = copied(where, pulled);
  where.for_each(
      count, train::pulled_gradient<scalar>{weights.data(), to.data(), on.data(), gradient.data(), scalar{0.5F}});
  where.wait();
  CHECK(read(gradient) == want);
}

/// Batches, losses and optimisers against their written-out loops. Optimisers have their bits everywhere: each product
/// is part of an explicit fused multiply-add.
template <exec::policy E> void check_training_operators(E e, std::initializer_list<int> batches) {
  for (int const size : batches) {
    INFO(size << " images");
    for (bool const augmented : {false, true}) {
      check_batch(e, images(), {}, size, augmented);
      check_batch(e, small_images(), {{0.25}, {0.5}}, size, augmented);
    }
    check_vectors(e, size);
    for (int const classes : {1, 3, 10}) check_loss<nn::cross_entropy_loss>(e, classes, size);
    check_loss<nn::binary_cross_entropy_loss>(e, 1, size);
  }
  for (int const count : {1, 1000}) {
    train::sgd_settings const sgd{.momentum = 0.9, .weight_decay = 0.01};
    train::adam_settings const adam{.weight_decay = 0.01};
    CHECK(run_optimiser(e, sgd, count) == reference_optimiser(sgd, count));
    CHECK(run_optimiser(e, adam, count) == reference_optimiser(adam, count));
    check_pull(e, count);
  }
}

struct trainer_outcome {
  train::training_state<scalar> state;
  std::vector<scalar> losses;
  train::evaluation test;
};

/// The library's trainer: two epochs of two batches, one smaller than the other, augmented, with validation; then a
/// test. With `dp` of two steps of as many images as are drawn, in parts; with an adversary of as many others as
/// images.
template <exec::policy E>
trainer_outcome run_trainer(E e, network_case const& c, std::optional<train::dp_options> const& dp = {},
    std::optional<train::adversary_options> const& adversary = {}) {
  train::training_data<> data{.set = &images(), .training = std::vector<std::uint32_t>(9), .validation = {30, 31, 32}};
  std::iota(data.training.begin(), data.training.end(), 3U);
  train::training_options const options{.epochs = 2,
      .batch = 5,
      .schedule = {.learning_rate = 0.02, .divide_after = {1}},
      .sgd = {.momentum = 0.9, .weight_decay = 0.001},
      .seed = 11,
      .adversary = adversary,
      .dp = dp};
  trainer_outcome o{train::begin_training(c.initial), {}, {}};
  train::training_observer<scalar> watcher;
  watcher.batch = [&](train::batch_progress const& p) { o.losses.push_back(static_cast<scalar>(p.batch_loss)); };
  train::trainer trainer(e, c.net, data, options);
  CHECK(trainer.run(o.state, watcher) == train::training_outcome::finished);
  train::evaluator tester(e, c.net, 5);
  o.test = tester.measure(o.state.last, images(), std::vector<std::uint32_t>{40, 41, 42, 43, 44, 45, 46});
  return o;
}

inline void check_close(trainer_outcome const& got, trainer_outcome const& want) {
  double const tolerance = rounding_of_networks;
  CHECK(close(got.losses, want.losses, tolerance));
  CHECK(close(got.state.last.parameters, want.state.last.parameters, tolerance));
  CHECK(close(got.state.last.state, want.state.last.state, tolerance));
  CHECK(close(got.state.optimiser, want.state.optimiser, 10 * tolerance));  // gradients, added up
  CHECK(got.state.beside.size() == want.state.beside.size());
  for (auto const& [name, values] : want.state.beside) CHECK(close(got.state.beside.at(name), values, 10 * tolerance));
  CHECK(got.state.best_epoch == want.state.best_epoch);
  CHECK(got.test.loss == Approx(want.test.loss).margin(rounding_of_networks));
  CHECK(got.test.accuracy == want.test.accuracy);
}

}  // namespace papillon::test
