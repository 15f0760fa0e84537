// SPDX-License-Identifier: MIT
#include <papillon/train/membership_adversary.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <span>
#include <vector>

#include <unistd.h>
#include <catch2/catch.hpp>

#include <papillon/nn/run/runner.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/trainer.hpp>

#include "train/small_training.hpp"

using namespace papillon;

namespace {

constexpr exec::omp policy{.threads = 1};
constexpr int lanes = native_lanes<double>;
constexpr int classes = data::cifar10_classes;

/// A network whose derivative is quick to try: one linear layer, in double.
nn::network<double> linear_network(data::image_set const& set) {
  nn::network<double> net(set.extent);
  net.add("flat", nn::reshape(set.extent, {set.extent.size(), 1, 1}));
  net.add("fc", nn::linear<dense>(dense(classes, set.extent.size())));
  return net;
}

struct one_step {
  data::image_set images = test::make_images();
  nn::network<double> net = linear_network(images);
  nn::weights<double> start = nn::initialise(net, {.seed = 3});
  std::vector<std::uint32_t> members = std::vector<std::uint32_t>(11), others = std::vector<std::uint32_t>(11);
  train::adversary_options options{.weight = 2, .hidden = {16, 8}, .adam = {.learning_rate = 0.01}};

  using stepper = train::stepper<exec::omp, double, lanes, data::image_batches<exec::omp, double>, train::sgd_settings,
      nn::cross_entropy_loss>;

  one_step() {
    std::iota(members.begin(), members.end(), 2U);
    std::iota(others.begin(), others.end(), 30U);
  }
  [[nodiscard]] stepper make(bool opposed) const {
    exec::context<exec::omp> const where(policy);
    train::step_options o;
    if (opposed) o.adversary = train::keyed_adversary{options, {.seed = 4}};
    return {where, net, data::make_batches<double>(where, images, {}, 16), 16, {.momentum = 0, .weight_decay = 0}, o};
  }

  /// Logits of the adversary of these parameters about images with their labels, by the network of weights w.
  [[nodiscard]] tensor<double, lanes> adversary_about(
      std::vector<double> const& adversary, nn::weights<double> w, std::span<std::uint32_t const> which) const {
    auto const h = train::make_membership_adversary<double>(classes, options.hidden);
    nn::runner<exec::seq, double, lanes> run(exec::seq{}, net, 16, nn::mode::eval),
        ask(exec::seq{}, h, 16, nn::mode::eval);
    auto const count = static_cast<int>(which.size());
    tensor<double, lanes> x(net.input(), count), shown(h.input(), count);
    data::fill_batch(exec::seq{}, images, which, {}, {}, x.view());
    std::vector<double> p(which.size() * classes);
    nn::softmax(exec::seq{}, run.forward(std::as_const(w), x.cview()), std::span(p));
    for (int n = 0; n < count; ++n) {
      for (int c = 0; c < classes; ++c) shown.at(n, c) = p[static_cast<std::size_t>(n * classes + c)];
      shown.at(n, classes + images.labels[which[static_cast<std::size_t>(n)]]) = 1;
    }
    nn::weights<double> const theirs{adversary, {}};
    auto const z = ask.forward(theirs, shown.cview());
    tensor<double, lanes> kept({1, 1, 1}, count);
    for (int n = 0; n < count; ++n) kept.at(n, 0) = z.at(n, 0);
    return kept;
  }
  [[nodiscard]] double cross_entropy(nn::weights<double> w) const {
    nn::runner<exec::seq, double, lanes> run(exec::seq{}, net, 16, nn::mode::eval);
    tensor<double, lanes> x(net.input(), static_cast<int>(members.size()));
    data::fill_batch(exec::seq{}, images, std::span<std::uint32_t const>(members), {}, {}, x.view());
    std::vector<std::uint8_t> labels;
    for (auto const i : members) labels.push_back(images.labels[i]);
    return nn::cross_entropy(
        exec::seq{}, run.forward(std::as_const(w), x.cview()), std::span(std::as_const(labels)), {});
  }
  /// What the adversary ascends.
  [[nodiscard]] double gain(std::vector<double> const& adversary) const {
    auto const of_members = adversary_about(adversary, start, members);
    auto of_others = adversary_about(adversary, start, others);
    for (double& z : of_others.storage()) z = -z;  // log (1 - h)
    return (nn::membership_penalty(exec::seq{}, 1, of_members.cview()) +
               nn::membership_penalty(exec::seq{}, 1, of_others.cview())) /
           2;
  }
};

train::training_options opposed(int epochs, double weight, int warmup) {
  auto o = test::small_options(epochs);
  o.adversary = train::adversary_options{.weight = weight, .warmup = warmup, .hidden = {16, 8}};
  return o;
}

train::training_state<float> run(train::training_options const& options, train::training_state<float> state,
    train::training_data<> const& data, std::atomic<bool>* stop = nullptr) {
  auto const net = test::small_network();
  train::training_observer<float> watcher;
  if (stop != nullptr) watcher.batch = [&](train::batch_progress const& p) { *stop = p.epoch == 2 && p.batch == 2; };
  train::trainer trainer(policy, net, data, options);
  (void)trainer.run(state, watcher, stop);
  return state;
}

}  // namespace

TEST_CASE("the gradient with an adversary is that of the penalised loss, by central differences", "[adversary]") {
  one_step const s;
  auto steps = s.make(true);
  steps.load(s.start, std::vector<double>(s.net.parameter_count()));
  steps.begin_adversary();
  steps.teach_adversary(s.members, s.others, s.options.weight, 1);
  train::named_arrays<double> beside;
  steps.store_adversary(beside);
  auto const& adversary = beside.at("adversary.parameters");
  (void)steps.step(s.members, 1, 1);
  auto end = s.start;
  std::vector<double> velocity(s.net.parameter_count());
  steps.store(end, velocity);

  auto const loss = [&](nn::weights<double> const& w) {
    return s.cross_entropy(w) +
           nn::membership_penalty(exec::seq{}, s.options.weight, s.adversary_about(adversary, w, s.members).cview());
  };
  double beyond = 0;  // what the penalty adds to the gradient
  for (std::size_t i = 5; i < s.start.parameters.size(); i += 997) {
    auto w = s.start;
    double const h = 1e-5;
    w.parameters[i] = s.start.parameters[i] + h;
    double const up = loss(w), up_alone = s.cross_entropy(w);
    w.parameters[i] = s.start.parameters[i] - h;
    CAPTURE(i);
    CHECK((up - loss(w)) / (2 * h) == Approx(s.start.parameters[i] - end.parameters[i]).margin(1e-8));
    beyond = std::max(beyond, std::abs((up - up_alone) - (loss(w) - s.cross_entropy(w))) / (2 * h));
  }
  CHECK(beyond > 1e-4);
}

TEST_CASE("the adversary ascends its gain, members against others", "[adversary]") {
  one_step const s;
  auto steps = s.make(true);
  steps.load(s.start, std::vector<double>(s.net.parameter_count()));
  steps.begin_adversary();
  train::named_arrays<double> beside;
  steps.store_adversary(beside);
  double const before = s.gain(beside.at("adversary.parameters"));
  CHECK(before == Approx(std::log(.5)).margin(.05));
  double last = before;
  for (int t = 1; t <= 60; ++t) {
    steps.teach_adversary(s.members, s.others, 0, t);
    if (t % 20 != 0) continue;
    steps.store_adversary(beside);
    double const now = s.gain(beside.at("adversary.parameters"));
    CHECK(now > last);
    last = now;
  }
  CHECK(last > before + .1);
}

TEST_CASE("of an adversary that says the same of all images nothing is learned", "[adversary]") {
  one_step const s;
  auto steps = s.make(true), alone = s.make(false);
  std::vector<double> velocity(s.net.parameter_count());
  train::named_arrays<double> beside;
  steps.begin_adversary();
  steps.store_adversary(beside);
  for (auto& [name, values] : beside) std::fill(values.begin(), values.end(), 0.0);
  steps.load_adversary(beside);
  for (auto* one : {&steps, &alone}) one->load(s.start, velocity);
  steps.teach_adversary(s.members, s.others, 5, 1);
  (void)steps.step(s.members, .5, 1);
  (void)alone.step(s.members, .5, 1);
  auto with = s.start, without = s.start;
  steps.store(with, velocity);
  alone.store(without, velocity);
  CHECK(with == without);
}

TEST_CASE("while an adversary warms up, and without a weight, a training is the one without it", "[adversary]") {
  auto const images = test::make_images();
  auto const data = test::small_data(images);
  auto const net = test::small_network();
  auto const plain = run(test::small_options(2), test::initial_state(net), data);
  auto warming = run(opposed(2, 4, 2), test::initial_state(net), data);
  auto const weightless = run(opposed(2, 0, 0), test::initial_state(net), data);
  CHECK(warming.beside.at("adversary.parameters") == weightless.beside.at("adversary.parameters"));
  CHECK(warming.last == weightless.last);
  warming.beside.clear();
  CHECK(warming == plain);
  auto const penalised = run(opposed(2, 4, 1), test::initial_state(net), data);
  CHECK(penalised.last.parameters != plain.last.parameters);
  CHECK(penalised.best_epoch >= 0);
}

TEST_CASE("an adversary is shown the validation images in their order, however few there are", "[adversary]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto data = test::small_data(images);
  auto const seen = run(opposed(1, 4, 1), test::initial_state(net), data);
  std::swap(data.validation[0], data.validation[7]);  // another list, another order
  CHECK(run(opposed(1, 4, 1), test::initial_state(net), data).beside != seen.beside);
  data = test::small_data(images);
  data.validation.resize(1);  // fewer than a batch: the same one again and again
  CHECK_NOTHROW(run(opposed(1, 4, 0), test::initial_state(net), data));
}

TEST_CASE("a training with an adversary resumes from its file to the same bits", "[adversary]") {
  auto const images = test::make_images();
  auto const data = test::small_data(images);
  auto const net = test::small_network();
  auto const whole = run(opposed(4, 3, 1), test::initial_state(net), data);
  std::atomic<bool> stop = false;
  train::training_checkpoint<float> stopped{run(opposed(4, 3, 1), test::initial_state(net), data, &stop)};
  REQUIRE(stopped.state.epochs == 2);
  auto const path =
      std::filesystem::temp_directory_path() / ("papillon-adversary-" + std::to_string(::getpid()) + ".safetensors");
  train::save_training(path, net, stopped);
  auto back = train::load_training<float>(path, net);
  std::filesystem::remove(path);
  REQUIRE(back.state == stopped.state);
  CHECK(run(opposed(4, 3, 1), back.state, data) == whole);

  back.state.beside["adversary.moments"].pop_back();
  CHECK_THROWS_WITH(
      run(opposed(4, 3, 1), back.state, data), Catch::Contains("use the adversary that it was begun with"));
}

TEST_CASE("an adversary is refused where it has nobody to compare with or means nothing", "[adversary]") {
  auto const images = test::make_images();
  auto data = test::small_data(images);
  auto options = opposed(1, 1, 0);
  options.dp = train::dp_options{};
  CHECK_THROWS_WITH(
      train::trainer(policy, test::small_private_network(), data, options), Catch::Contains("leave one of them out"));
  data.validation.clear();
  CHECK_THROWS_WITH(
      train::trainer(policy, test::small_network(), data, opposed(1, 1, 0)), Catch::Contains("hold some back"));
  CHECK_THROWS_WITH(train::make_membership_adversary<float>(10, {5, 0}), Catch::Contains("at least one"));
}
