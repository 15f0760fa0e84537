// SPDX-License-Identifier: MIT
/// \file training.hpp
/// What surrounds a network in a training, under a policy, written once for all: batches, the loss, optimisers, the
/// trainer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <papillon/data/device_batch.hpp>
#include <papillon/data/fill_batch.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/kernels/loss_kernel.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/device_adam.hpp>
#include <papillon/train/optimiser_kernels.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/trainer.hpp>

#include "policies/layers.hpp"
#include "train/small_training.hpp"

namespace papillon::test {

inline data::image_set const& images() {
  static data::image_set const set = make_images();
  return set;
}

/// A batch of images out of order, augmented or not.
template <class E>
std::vector<scalar> run_batch(E e, int size, bool augmented) {
  std::vector<std::uint32_t> indices;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(size); ++i) indices.push_back(i * 7 % 50);
  data::augmentation const augment{.stream = {.seed = 3, .what = random::purpose::augmentation}, .epoch = 5};
  exec::device const on = device_of(e);
  values_on const x(on, data::image_set::extent, size);
  if constexpr (exec::device_policy<E>) {
    data::device_images<scalar> const set(on, images(), {}, size);
    set.set_epoch(augment.epoch);
    set.set_indices(indices);
    set.fill(on, size, augmented ? &augment : nullptr, x.data());
  } else {
    data::fill_batch(e, images(), std::span<std::uint32_t const>(indices), {},
                     augmented ? std::optional(augment) : std::nullopt, x.view());
  }
  return x.read();
}

struct loss_outcome {
  double loss = 0, correct = 0;
  std::vector<scalar> dlogits;
};

template <class E>
loss_outcome run_loss(E e, int size) {
  shape const extent{10, 1, 1};
  std::vector<std::uint8_t> labels;
  std::vector<std::uint32_t> order;
  for (int n = 0; n < size; ++n) {
    labels.push_back(static_cast<std::uint8_t>(n * 3 % 10));
    order.push_back(static_cast<std::uint32_t>(n));
  }
  exec::device const on = device_of(e);
  auto const scaled = [&] {
    auto t = noise_tensor<scalar, lanes>(extent, size, 6);
    for (scalar& v : t.storage()) v *= 30;  // some answers are nearly certain
    return t;
  }();
  values_on const logits(on, scaled), dlogits(on, extent, size);
  loss_outcome o;
  if constexpr (exec::device_policy<E>) {
    exec::memory<std::uint8_t> const l(on, labels.size());
    exec::memory<std::uint32_t> const i(on, order.size());
    exec::memory<nn::loss_result> const result(on, 1);
    l.upload(labels);
    i.upload(order);
    on.launch(nn::cross_entropy_loss<scalar>{logits.data(), l.data(), i.data(), dlogits.data(), result.data(),
                                             extent.channels, size});
    nn::loss_result r{};
    result.download({&r, 1});
    o.loss = r.loss;
    o.correct = r.correct;
  } else {
    o.loss = static_cast<double>(
        nn::cross_entropy(e, logits.cview(), std::span<std::uint8_t const>(labels), dlogits.view()));
    o.correct = nn::count_correct(logits.cview(), std::span<std::uint8_t const>(labels));
  }
  o.dlogits = dlogits.read();
  return o;
}

/// Weights and what an optimiser remembers after three steps.
template <class E>
std::vector<scalar> run_optimiser(E e, int count, bool with_adam) {
  auto const n = static_cast<std::size_t>(count);
  exec::device const on = device_of(e);
  exec::memory<scalar> const w(on, n), first(on, n), second(on, n), gradient(on, n), minus_rate(on, 1);
  w.upload(noise<scalar>(n, 1));
  first.clear();
  second.clear();
  minus_rate.upload(std::vector<scalar>{scalar(-0.02)});
  train::sgd_settings const sgd{.momentum = 0.9, .weight_decay = 0.01};
  train::adam_settings const adam{.weight_decay = 0.01};
  train::adam_state<scalar> state(n);
  for (int t = 1; t <= 3; ++t) {
    gradient.upload(noise<scalar>(n, 10 + static_cast<unsigned>(t)));
    if constexpr (exec::device_policy<E>) {
      if (with_adam)
        train::adam_step_on_device(on, adam, t, gradient.data(), first.data(), second.data(), w.data(), count);
      else
        nn::for_each_value(on, train::sgd_update<scalar>{gradient.data(), first.data(), w.data(), minus_rate.data(),
                                                         scalar(0.9), scalar(0.01), count});
    } else {
      if (with_adam) train::adam_step(e, adam, std::span<scalar const>(gradient.view()), state, w.view());
      else train::sgd_step(e, sgd, 0.02, std::span<scalar const>(gradient.view()), first.view(), w.view());
    }
  }
  if (with_adam && !exec::device_policy<E>) {
    first.upload(state.first);
    second.upload(state.second);
  }
  std::vector<scalar> all(3 * n);
  w.download(std::span(all).first(n));
  first.download(std::span(all).subspan(n, n));
  second.download(std::span(all).subspan(2 * n));
  return all;
}

/// Batches and optimisers have the reference's bits under every policy: draws are keyed, values looked up, and each
/// product is part of an explicit fused multiply-add. Losses are sums in another order.
template <class E>
void check_training_operators(E e, std::initializer_list<int> batches) {
  for (int const size : batches) {
    INFO(size << " images");
    CHECK(run_batch(e, size, false) == run_batch(exec::seq{}, size, false));
    CHECK(run_batch(e, size, true) == run_batch(exec::seq{}, size, true));
    loss_outcome const got = run_loss(e, size), want = run_loss(exec::seq{}, size);
    CHECK(got.loss == Approx(want.loss).epsilon(rounding));
    CHECK(got.correct == want.correct);
    CHECK(close(got.dlogits, want.dlogits));
  }
  for (bool const with_adam : {false, true})
    for (int const count : {1, 1000})
      CHECK(run_optimiser(e, count, with_adam) == run_optimiser(exec::seq{}, count, with_adam));
}

struct trainer_outcome {
  train::training_state<scalar> state;
  std::vector<scalar> losses;
  train::evaluation test;
};

/// The library's trainer: two epochs of two batches, one smaller than the other, augmented, with validation; then a
/// test.
template <class E>
trainer_outcome run_trainer(E e, network_case const& c) {
  train::training_data data{.set = &images(), .training = std::vector<std::uint32_t>(9), .validation = {30, 31, 32}};
  std::iota(data.training.begin(), data.training.end(), 3U);
  train::training_options const options{.epochs = 2,
                                        .batch = 5,
                                        .schedule = {.learning_rate = 0.02, .divide_after = {1}},
                                        .sgd = {.momentum = 0.9, .weight_decay = 0.001},
                                        .seed = 11};
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
  CHECK(close(got.state.velocity, want.state.velocity, 10 * tolerance));  // gradients, added up
  CHECK(got.state.best_epoch == want.state.best_epoch);
  CHECK(got.test.loss == Approx(want.test.loss).margin(rounding_of_networks));
  CHECK(got.test.accuracy == want.test.accuracy);
}

}  // namespace papillon::test
