// SPDX-License-Identifier: MIT
/// A whole small training of each structure as kernels under emulation, against the reference: augmentation, forward and
/// backward passes, loss, SGD with momentum and decay, validation, a batch that is smaller than the others.
#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>
#include <vector>

#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/prune/mask.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/device_adam.hpp>
#include <papillon/train/trainer.hpp>

#include "ops/support.hpp"
#include "train/small_training.hpp"

using namespace papillon;

namespace {

constexpr int L = exec::device_lanes;
using network = nn::network<float, L>;

struct outcome {
  train::training_state<float> state;
  std::vector<double> losses;
};

template <class E>
outcome train_on(E e, network const& net, prune::mask const& keep, data::image_set const& set) {
  train::training_data data{.set = &set, .training = std::vector<std::uint32_t>(9), .validation = {30, 31, 32}};
  std::iota(data.training.begin(), data.training.end(), 3U);
  train::training_options options{.epochs = 2, .batch = 5, .schedule = {.learning_rate = 0.02, .divide_after = {1}}, .sgd = {.momentum = 0.9, .weight_decay = 0.001}, .seed = 11};
  outcome o;
  auto weights = nn::initialise(net, {.seed = 11, .what = random::purpose::initialisation});
  if (!keep.keep.empty()) keep.apply(std::span<float>(weights.parameters));
  o.state = train::begin_training(std::move(weights));
  train::training_observer<float> watcher;
  watcher.batch = [&](train::batch_progress const& p) { o.losses.push_back(p.batch_loss); };
  train::trainer trainer(e, net, data, options);
  CHECK(trainer.run(o.state, watcher) == train::training_outcome::finished);
  return o;
}

/// Four steps. A step's gradient is a sum over up to 5 * 1024 pixels, formed in float in another order: relative errors of
/// about sqrt(5 * 1024) * 6e-8 = 4e-6, which batch norm over 2 to 5 images and eight layers amplify some tens of times; the
/// weights (of size 1) move by 0.02 a step. 1e-3 leaves room, and a wrong term in any kernel is a hundred times larger.
constexpr double tolerance = 1e-3;

void check(nn::resnet_options const& o, prune::mask const& keep = {}) {
  static data::image_set const set = test::make_images();
  auto const net = nn::make_resnet<float, L>(o);
  outcome const want = train_on(exec::seq{}, net, keep, set), got = train_on(exec::emulated{}, net, keep, set);
  REQUIRE(got.losses.size() == want.losses.size());
  for (std::size_t i = 0; i < got.losses.size(); ++i) CHECK(std::abs(got.losses[i] - want.losses[i]) < tolerance);
  CHECK(static_cast<double>(test::largest_difference<float>(got.state.last.parameters, want.state.last.parameters)) < tolerance);
  CHECK(static_cast<double>(test::largest_difference<float>(got.state.last.state, want.state.last.state)) < tolerance);
  CHECK(static_cast<double>(test::largest_difference<float>(got.state.velocity, want.state.velocity)) < 50 * tolerance);  // gradients, added up
  CHECK(got.state.best_epoch == want.state.best_epoch);
  for (std::size_t i = 0; i < keep.keep.size(); ++i)
    if (keep.keep[i] == 0) REQUIRE(got.state.last.parameters[i] == 0);
}

}  // namespace

TEST_CASE("a training as kernels is the reference's training") {
  nn::resnet_options o{.depth = 8, .width = 2};
  check(o);
  o.butterfly_segments = 3;
  o.butterfly_factors = 3;
  check(o);
  o = {.depth = 8, .width = 2, .shortcut = nn::shortcut_form::padded};
  auto const dense_net = nn::make_resnet<float, L>(o);
  auto keep = prune::dense_mask(dense_net.parameter_count());
  auto const noise = test::noise<float>(keep.keep.size(), 4);
  for (auto const& s : dense_net.parameters())
    if (s.kind == nn::slot_kind::convolution)
      for (std::size_t i = s.offset; i < s.offset + s.size; ++i) keep.keep[i] = noise[i] > -0.7f ? 0 : 1;
  o.mask = keep.keep;
  check(o, keep);
}

TEST_CASE("batches drawn and placed by kernels have the bits of those on the host") {
  auto const set = test::make_images();
  kernel::device const on = exec::emulated{exec::emulated::thread_order::shuffled, 3};
  data::device_images<float> const images(on, set, {}, 40);
  std::vector<std::uint32_t> indices(40);
  for (std::uint32_t i = 0; i < 40; ++i) indices[i] = i * 7 % 50;
  data::augmentation const augment{.stream = {.seed = 3, .what = random::purpose::augmentation}, .epoch = 5};
  images.set_epoch(5);
  images.set_indices(indices);
  for (int n : {1, 17, 40}) {
    for (bool const augmented : {false, true}) {
      auto x = test::poisoned<float, L>(data::image_set::extent, n), y = x;
      images.fill(on, n, augmented ? &augment : nullptr, x.storage().data());
      data::fill_batch(exec::seq{}, set, std::span<std::uint32_t const>(indices).first(static_cast<std::size_t>(n)), {},
                       augmented ? std::optional(augment) : std::nullopt, y.view());
      CHECK(std::equal(x.storage().begin(), x.storage().end(), y.storage().begin()));
    }
  }
}

TEST_CASE("Adam as a kernel has the bits of the host's") {
  std::size_t const n = 1000;
  train::adam_settings const settings{.weight_decay = 0.01};
  auto weights = test::noise<float>(n, 1);
  auto w = weights;
  train::adam_state<float> state(n);
  std::vector<float> first(n), second(n);
  for (int t = 1; t <= 3; ++t) {
    auto const gradient = test::noise<float>(n, 10 + static_cast<unsigned>(t));
    train::adam_step(exec::seq{}, settings, std::span<float const>(gradient), state, std::span<float>(weights));
    train::adam_step_on_device(exec::emulated{}, settings, t, gradient.data(), first.data(), second.data(), w.data(), static_cast<int>(n));
    CHECK(w == weights);
    CHECK(first == state.first);
    CHECK(second == state.second);
  }
}
