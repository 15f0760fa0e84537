// SPDX-License-Identifier: MIT
/// Trainings by DP-SGD; their gradients: private_gradient_test.cpp, tests/nn/run/image_gradients_test.cpp.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <vector>

#include <papillon/data/poisson_sampling.hpp>
#include <papillon/train/trainer.hpp>

#include "support/noise.hpp"
#include "train/small_training.hpp"

using namespace papillon;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

train::training_options options_of(int epochs, std::optional<train::dp_options> dp, int batch = 16) {
  auto o = test::small_options(epochs);
  o.batch = batch;
  o.dp = dp;
  return o;
}

nn::network<float> const& net() {
  static nn::network<float> const n = test::small_private_network();
  return n;
}
data::image_set const& images() {
  static data::image_set const set = test::make_images();
  return set;
}

struct outcome {
  train::training_state<float> state;
  std::vector<double> losses;
};

outcome train_on(exec::omp e, train::training_options const& o) {
  outcome r{test::initial_state(net()), {}};
  train::training_observer<float> watch;
  watch.batch = [&](train::batch_progress const& p) { r.losses.push_back(p.batch_loss); };
  CHECK(
      train::trainer(e, net(), test::small_data(images()), o).run(r.state, watch) == train::training_outcome::finished);
  return r;
}

float difference(outcome const& a, outcome const& b) {
  return test::largest_difference<float>(a.state.last.parameters, b.state.last.parameters);
}

}  // namespace

TEST_CASE("without clipping and noise, and with all images in each step, DP-SGD is SGD") {
  auto const sgd = train_on({2}, options_of(3, {}, 37));
  for (int const part : {128, 37, 16, 5}) {
    auto const dp = train_on({2}, options_of(3, train::dp_options{.clip = infinity, .noise = 0, .part = part}, 37));
    INFO("parts of " << part);
    REQUIRE(dp.losses.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(dp.losses[i] == Approx(sgd.losses[i]).epsilon(1e-5));
    CHECK(difference(dp, sgd) < 2e-5F);  // of weights below 1, after three steps in float
  }
  CHECK(difference(sgd, train_on({2}, options_of(3, train::dp_options{.clip = 0.1, .noise = 0}, 37))) > 1e-3F);
}

TEST_CASE("a private step divides by what is expected, however many images it has") {
  auto const data = test::small_data(images());
  auto const start = test::initial_state(net());
  auto const moved = [&](std::size_t count, std::optional<train::private_gradient_settings> const& privacy) {
    exec::context<exec::omp> const where(exec::omp{2});
    train::stepper<exec::omp, float, native_lanes<float>, data::image_batches<exec::omp, float>, train::sgd_settings,
        nn::cross_entropy_loss>
        steps(where, net(), data::make_batches<float>(where, images(), {}, 16), 16, {.momentum = 0},
            {.privacy = privacy});
    steps.load(start.last, start.optimiser);
    auto const chosen = std::span<std::uint32_t const>(data.training).first(count);
    if (privacy) (void)steps.private_step(chosen, 0.1, 1, {.seed = 1}, 0);
    else (void)steps.step(chosen, 0.1, 1);
    auto end = start;
    steps.store(end.last, end.optimiser);
    std::vector<float> change;
    for (std::size_t k = 0; k < end.last.parameters.size(); ++k)
      change.push_back(end.last.parameters[k] - start.last.parameters[k]);
    return change;
  };
  for (std::size_t const count : {9u, 16u}) {
    auto want = moved(count, {});  // by the mean over them
    for (float& v : want) v *= static_cast<float>(count) / 20;
    auto const got = moved(count, train::private_gradient_settings{.clip = infinity, .noise = 0, .divisor = 20});
    INFO(count << " images");
    CHECK(test::largest_difference<float>(got, want) < 1e-6F);  // changes are up to a tenth
  }
}

TEST_CASE("the steps of a private training have the images that are drawn for them") {
  auto const o = options_of(1, train::dp_options{.clip = 1, .noise = 0}, 16);
  data::poisson_sampling const sampling(37, 16);
  auto const data = test::small_data(images());
  std::size_t drawn = 0;
  for (std::uint32_t step = 0; step < sampling.steps_per_epoch(); ++step)
    drawn += sampling
                 .sample({.seed = o.seed, .role = o.role, .what = random::purpose::sampling, .round = o.round}, step,
                     data.training)
                 .size();
  double seen = 0;
  std::size_t steps = 0;
  train::training_observer<float> watch;
  watch.batch = [&](train::batch_progress const& p) {
    ++steps;
    seen = p.images_per_second * p.seconds;  // so far
  };
  auto state = test::initial_state(net());
  train::trainer(exec::omp{2}, net(), data, o).run(state, watch);
  CHECK(steps == 3);
  CHECK(seen == Approx(static_cast<double>(drawn)));
  CHECK(drawn != 37);  // else this shows nothing
}

TEST_CASE("the noise of a step is sigma c over the expected batch") {
  // With next to no clip the images add nothing, so that weights move by noise alone.
  constexpr double clip = 1e-6, sigma = 3, batch = 16, rate = 0.05;
  auto o = options_of(1, train::dp_options{.clip = clip, .noise = sigma}, static_cast<int>(batch));
  o.sgd = {.momentum = 0, .weight_decay = 0};
  o.schedule = {.learning_rate = rate / clip, .divide_after = {}};
  auto const before = test::initial_state(net());
  auto const after = train_on({2}, o);
  double squares = 0;
  std::size_t const n = before.last.parameters.size();
  for (std::size_t k = 0; k < n; ++k)
    squares += std::pow(static_cast<double>(after.state.last.parameters[k] - before.last.parameters[k]), 2);
  // three steps of deviation rate sigma / batch, and sums of clipped gradients of norm up to rate 26 / batch each
  double const deviation = std::sqrt(squares / static_cast<double>(n)), want = std::sqrt(3.0) * rate * sigma / batch;
  CHECK(deviation == Approx(want).epsilon(0.1));
}

TEST_CASE("a private training has the same bits on any number of threads, and after a stop") {
  auto const o = options_of(3, train::dp_options{.clip = 0.5, .noise = 0.4, .part = 8});
  auto const one = train_on({1}, o);
  for (int const threads : {2, 5}) {
    auto const more = train_on({threads}, o);
    CHECK(more.state == one.state);
    CHECK(more.losses == one.losses);
  }
  auto state = test::initial_state(net());
  auto first = o;
  first.epochs = 1;
  train::trainer(exec::omp{2}, net(), test::small_data(images()), first).run(state);
  train::trainer(exec::omp{2}, net(), test::small_data(images()), o).run(state);
  CHECK(state == one.state);
  auto other = o;
  other.seed = 12;
  CHECK(train_on({1}, other).state.last != one.state.last);
}

TEST_CASE("of a private training the last epoch counts") {
  auto const o = options_of(3, train::dp_options{.noise = 0.4});
  auto const r = train_on({1}, o);
  CHECK(r.state.best == r.state.last);
  CHECK(r.state.best_epoch == 2);
}

TEST_CASE("a step without images is noise alone") {
  auto d = test::small_data(images());
  d.training = {3};  // a batch of one in one: always drawn; of one in two: sometimes nobody
  d.training.push_back(4);
  auto o = options_of(20, train::dp_options{.noise = 0.1}, 1);
  std::set<bool> empty;
  auto state = test::initial_state(net());
  train::training_observer<float> watch;
  watch.batch = [&](train::batch_progress const& p) {
    empty.insert(p.batch_loss == 0);
    CHECK(std::isfinite(p.loss));
  };
  train::trainer(exec::omp{1}, net(), d, o).run(state, watch);
  CHECK(empty.size() == 2);
}

TEST_CASE("what has no private step is refused") {
  auto const make = [](nn::network<float> const& n, train::dp_options const& dp) {
    train::trainer(exec::omp{1}, n, test::small_data(images()), options_of(1, dp));
  };
  CHECK_THROWS_WITH(make(test::small_network(), {}), Catch::Contains("group norm"));
  CHECK_THROWS_AS(make(net(), {.clip = 0}), papillon::error);
  CHECK_THROWS_AS(make(net(), {.noise = -1}), papillon::error);
  CHECK_NOTHROW(make(net(), {}));
}
