// SPDX-License-Identifier: MIT
/// The laboratory under the reference policy: the sizes it gives and the estimate made from them; the tools for single
/// networks (in this file, so that the reference's networks are compiled once); the reference page.
#include <study/laboratory_on.hpp>
#include <study/network_tools_on.hpp>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/sha256.hpp>

#include <study/assign.hpp>
#include <study/configuration.hpp>
#include <study/estimate.hpp>
#include <study/outputs.hpp>
#include <study/presets.hpp>
#include <study/reference.hpp>
#include <study/results_json.hpp>
#include <study/schema.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;
using namespace papillon::study;

TEST_CASE("the paper's networks have the sizes of the study") {
  settings s;
  set(s, "study.configurations=dense,S3L3,imp-24");  // each round of pruning listed would be pruned up to
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  auto const all = estimate_time(s, lab, 100.0);
  REQUIRE(all.size() == 3);
  auto const of = [&](std::string const& name) {
    for (auto const& e : all)
      if (e.configuration.name == name) return e;
    return configuration_estimate{};
  };
  CHECK(of("dense").size.parameters == 272474);
  CHECK(of("dense").size.nonzeros == 272474);
  CHECK(of("dense").size.multiply_adds == 40813184);
  CHECK(of("S3L3").size.nonzeros == 23162);
  CHECK(of("imp-24").size.nonzeros == 1278 + 272474 - 270896);
  CHECK(of("dense").trainings == 6);
  // 300 epochs of 14,000 images and a third of 1,000, six evaluations of 30,000 and two of 60,000 at a third, at 100
  // images a second.
  CHECK(of("dense").seconds == Approx(6 * (300 * (14000 + 1000 / 3.0) + 6 * 30000 / 3.0 + 2 * 60000 / 3.0) / 100));
  auto const p = make_plan(s, {});
  auto const seconds = task_seconds(s, p, all);
  REQUIRE(seconds.size() == p.tasks.size());
  CHECK(seconds[0] == Approx(300 * (14000 + 1000 / 3.0) / 100));
  CHECK(std::accumulate(seconds.begin(), seconds.end(), 0.0) ==
        Approx(of("dense").seconds + of("S3L3").seconds + of("imp-24").seconds));
}

TEST_CASE("networks have the inputs and classes of the study's images") {
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  settings s;
  set(s, "data.source=cifar100");
  CHECK(lab.size_of(resolve(s, "dense")).parameters == 278324);
  set(s, "data.source=mnist");
  CHECK(lab.size_of(resolve(s, "dense")).parameters == 272474 - 2 * 9 * 16);  // two channels less
  auto perceptron = s;
  set(perceptron, "model.hidden=30");
  CHECK(lab.size_of(resolve(perceptron, "dense")).parameters == 1025 * 30 + 31 * 10);
  // The archive's own images, none held back: three trainings of 300 epochs on 50,000 or 60,000 images.
  for (auto const& [source, images] : {std::pair("cifar100", 50000), std::pair("mnist", 60000)}) {
    auto archive = preset_settings("he2016");
    set(archive, "data.source", source);
    double const asked = source == std::string("cifar100") ? 60000 : 70000;
    CHECK(estimate_time(archive, lab, 100.0).at(0).seconds == Approx(3 * (300.0 * images + 2 * asked / 3) / 100));
  }
}

TEST_CASE("a training without validation images ends with its last epoch and states no validation accuracy") {
  auto s = preset_settings("smoke");
  for (auto const* change : {"data.subset=6", "data.validation=0", "train.batch=4", "data.source=synthetic"})
    set(s, change);
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  auto const data = load_study_data(s, "");
  CHECK(data.split.target().trained.size() == 6);
  auto const plan = make_plan(s, data.identity());
  test::temporary_directory const here;
  observer watcher;
  run_order const order{&s, &plan.runs[0], &data, here.path(), {}, here / "outputs.npy", {}};
  auto const result = lab.train(order, watcher, nullptr);
  CHECK(result.best_epoch == s.train.epochs - 1);
  CHECK(result.curve.validation_accuracy.empty());
  CHECK(result.curve.train_accuracy.size() == 2);
  CHECK(lab.ask(order, nullptr) == s.train.epochs - 1);
  auto const quality = quality_of(network_outputs(order.outputs, data, 1), images_of(data, {}, 1), 1);
  CHECK(std::isnan(quality.validation_accuracy));
  CHECK(quality.train_loss > 0);
}

namespace {

struct pruned_weights {
  std::vector<nn::slot> slots;
  std::vector<float> parameters;
  std::vector<std::uint8_t> keep;
};

/// Trains what a study of tiny networks has, in directories named as its runs.
struct tiny_study {
  test::temporary_directory here;
  settings s = preset_settings("smoke");
  using lab_type = laboratory_on<exec::seq>;
  lab_type lab{exec::seq{}, "reference"};
  observer watcher;
  study_data data;
  study::plan plan;

  explicit tiny_study(std::string const& list, std::vector<std::string> const& changes = {}) {
    set(s, "study.configurations", list);
    for (auto const& change : changes) set(s, change);
    for (auto const* change : {"data.subset=6", "data.validation=2", "train.batch=4", "study.attack=false",
             "train.epochs=1", "train.milestones="})
      set(s, change);
    data = load_study_data(s, "");
    plan = make_plan(s, data.identity());
  }
  run_order order_of(run const& r) const {
    run_order o{&r.configuration.settings, &r, &data, here / r.name(), {}, here / "outputs.npy", {}};
    if (r.parent < 0) return o;
    o.parent_run = &plan.runs[static_cast<std::size_t>(r.parent)];
    o.parent = here / o.parent_run->name();
    return o;
  }
  void train_all() {
    for (run const& r : plan.runs) {
      std::filesystem::create_directories(here / r.name());
      (void)lab.train(order_of(r), watcher, nullptr);
    }
  }
  run const& run_of(std::string const& name) const {
    for (auto const& e : plan.experiments)
      if (plan.configurations[e.configuration].name == name) return plan.runs[e.target.run];
    FAIL("no " << name);
    return plan.runs.front();
  }
  pruned_weights weights(std::string const& name, std::string const& file = "best.safetensors") const {
    auto const net = study::detail::network_of<lab_type::lanes>(run_of(name).configuration.settings);
    auto c = train::load_weights<float>(here / run_of(name).name() / file, net);
    return {{net.parameters().begin(), net.parameters().end()}, std::move(c.weights.parameters), std::move(c.keep)};
  }
};

}  // namespace

TEST_CASE("rounds of pruning and their controls keep as many weights as they should, of the layers that they should") {
  tiny_study t("dense,imp-02,restart-02,random-02,oneshot-02,layerwise-02,ticket-02");
  t.train_all();
  auto const counts = [&](std::string const& name) {
    auto const w = t.weights(name);
    return prune::kept_counts(std::span<nn::slot const>(w.slots), prune::mask{w.keep});
  };
  auto const total = [&](std::string const& name) { return prune::mask{t.weights(name).keep}.kept(); };
  CHECK(t.weights("dense").keep.empty());
  CHECK(counts("random-02") == counts("imp-02"));
  CHECK(t.weights("random-02").keep != t.weights("imp-02").keep);
  CHECK(total("ticket-02") == total("imp-02"));
  CHECK(total("restart-02") == t.weights("dense").parameters.size());
  auto const near = [&](std::string const& name) {  // fractions are rounded in every round and layer
    CAPTURE(name, total(name), total("imp-02"));
    return std::abs(static_cast<double>(total(name)) - static_cast<double>(total("imp-02"))) < 30;
  };
  CHECK(near("oneshot-02"));
  CHECK(near("layerwise-02"));
  auto const w = t.weights("layerwise-02");
  auto const kept = counts("layerwise-02");
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (prune::prunable(w.slots[i]))
      CHECK(static_cast<double>(kept[i]) / static_cast<double>(w.slots[i].size) == Approx(0.64).margin(0.05));
}

TEST_CASE("perceptrons are trained, pruned and masked, with privacy and without, asked and measured") {
  tiny_study t(
      "dense,imp-02,random-02,dp-8", {"model.hidden=12-9", "model.depth=20", "model.width=16",
                                         "configurations.frozen.like=dp-8", "configurations.frozen.dp.freeze=0.25"});
  check_together(t.s);
  t.train_all();
  int const weights = 3072 * 12 + 12 * 9 + 9 * 10, biases = 12 + 9 + 10;
  auto const size = t.lab.size_of(resolve(t.s, "dense"));
  CHECK(size.parameters == weights + biases);
  CHECK(size.nonzeros == size.parameters);
  CHECK(size.multiply_adds == weights);
  auto const of = [&](std::string const& name) { return prune::mask{t.weights(name).keep}.kept(); };
  for (auto const* name : {"imp-02", "random-02", "frozen"}) {
    auto const part = name == std::string("frozen") ? 0.25 : 0.64;
    CHECK(static_cast<double>(of(name)) == Approx(biases + part * weights).margin(4));
    auto const told = t.lab.size_of(resolve(t.s, name));
    CHECK(told.parameters == size.parameters);
    CHECK(told.nonzeros == static_cast<std::int64_t>(of(name)));
    CHECK(told.multiply_adds == static_cast<double>(of(name)) - biases);
    auto const w = t.weights(name);
    for (std::size_t i = 0; i < w.keep.size(); ++i)
      if (w.keep[i] == 0) REQUIRE(w.parameters[i] == 0);
  }
  CHECK(t.weights("dp-8").keep.empty());
  CHECK(t.weights("dp-8").slots.front().name == "1.weight");
  for (auto const* name : {"dense", "imp-02", "frozen"}) {
    auto order = t.order_of(t.run_of(name));
    order.features = t.here / "features.npy";
    (void)t.lab.ask(order, nullptr);
    CHECK(quality_of(network_outputs(order.outputs, t.data, 1), images_of(t.data, {}, 1), 1).train_loss > 0);
    t.lab.measure(order, nullptr);
    CHECK(privacy::read_samples(order.features).width() == 30);
  }
}

TEST_CASE("an untrained network can be asked, and record epochs can be evaluated") {
  tiny_study t("dense,untrained");
  t.train_all();
  CHECK(t.lab.ask(t.order_of(t.run_of("untrained")), nullptr) == -1);
  auto const& dense = t.run_of("dense");
  auto const directory = t.here / dense.name();
  auto const epochs = train::snapshot_epochs(directory);
  REQUIRE(!epochs.empty());
  CHECK(epochs.front() == 0);  // the first epoch is always a record
  auto s = dense.configuration.settings;
  auto order = t.order_of(dense);
  order.settings = &s;
  for (auto const* word : {"epoch:0", "first:0"}) {
    set(s, "train.evaluate", word);
    CHECK(t.lab.ask(order, nullptr) == 0);
  }
  set(s, "train.evaluate=first:101");
  CHECK_THROWS_WITH(t.lab.ask(order, nullptr), Catch::Contains("101 %"));
  set(s, "train.evaluate=epoch:1000");
  CHECK_THROWS_AS(t.lab.ask(order, nullptr), error);
}

namespace {

/// What a piece of work gave: a sum that every build has but for rounding, and a hash of all bits.
struct outcome {
  double sum = 0;
  std::string hash;
};

template <class T> outcome outcome_of(std::span<T const> values) {
  outcome o;
  for (T const v : values) o.sum += std::abs(static_cast<double>(v));
  o.hash = io::sha256_hex(std::as_bytes(values)).substr(0, 16);
  return o;
}

/// Builds whose bits are known.
constexpr bool is_recorded_build =
#if defined(__AVX512F__) && defined(__OPTIMIZE__) && !defined(__clang__) && __GNUC__ == 12
    true;
#else
    false;
#endif

void compare(char const* work, char const* number, outcome const& now, outcome const& golden) {
  INFO(work << ": the same settings give other numbers than before. Where that is meant, raise numerics_version::"
            << number
            << " in apps/study/identity.hpp, so that what exists is not taken for what would be made now, and "
            << "write the new numbers here: " << std::setprecision(17) << now.sum << ", " << now.hash);
  CHECK(now.sum ==
        Approx(golden.sum).epsilon(1e-3));  // sums of a thousand numbers, each rounded to 6e-8 some hundred times
  if (is_recorded_build) CHECK(now.hash == golden.hash);
}

}  // namespace

TEST_CASE("a training, its features and outputs, and an attack give the numbers that they give today") {
  auto s = preset_settings("smoke");
  for (auto const* change : {"study.configurations=dense", "data.subset=24", "data.validation=8", "train.batch=8",
           "train.epochs=1", "train.milestones=", "attack.epochs=2", "attack.batch=8"})
    set(s, change);
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  test::temporary_directory const here;
  observer watcher;
  auto const data = load_study_data(s, "");
  auto const plan = make_plan(s, data.identity());
  REQUIRE(plan.runs.size() == 2);
  for (run const& r : plan.runs) {
    auto const directory = here / r.cohort.name();
    std::filesystem::create_directories(directory);
    run_order const order{
        &s, &r, &data, directory, {}, directory / "outputs.npy", here / (r.cohort.name() + "-features.npy")};
    (void)lab.train(order, watcher, nullptr);
    (void)lab.ask(order, nullptr);
    lab.measure(order, nullptr);
  }
  auto const net = nn::make_resnet<float>(study::detail::resnet_of(s));
  auto const trained = train::load_weights<float>(here / "target" / "best.safetensors", net);
  compare("a training", "training", outcome_of(std::span<float const>(trained.weights.parameters)),
      {393.41584028613033, "5a71346210188930"});
  auto const of_file = [&](std::filesystem::path const& file) {
    auto const array = io::read_npy<float>(file);
    return outcome_of(std::span<float const>(array.data(), array.size()));
  };
  compare("outputs", "outputs", of_file(here / "target" / "outputs.npy"), {194.10466821328737, "0e656a43845f7531"});
  compare("features", "outputs", of_file(here / "target-features.npy"), {120.23787631839514, "4337b5ed8f92f89f"});
  (void)lab.attack(
      {&s, &data, 1, here / "target-features.npy", here / "shadow-features.npy", here / "scores.npy"}, nullptr);
  compare("an attack", "attack", of_file(here / "scores.npy"), {29.607965469360352, "23fff5e5beac2337"});
}

TEST_CASE("an attack goes on from the discriminators that are kept, trains the others, and gives the same bits") {
  auto s = preset_settings("smoke");
  for (auto const* change : {"study.configurations=dense", "data.subset=24", "data.validation=8", "attack.epochs=2",
           "attack.batch=8", "attack.hidden=3,4-3"})
    set(s, change);
  laboratory_on<exec::seq> const lab{exec::seq{}, "reference"};
  auto const data = load_study_data(s, "");
  test::temporary_directory const here;
  for (std::size_t role = 0; role < 2; ++role) {
    auto const [images, members] = attacked_images_of(data.split.roles[role]);
    privacy::samples all{
        xt::xtensor<float, 2>::from_shape({images.size(), 30}), std::vector<std::uint8_t>(images.size())};
    std::fill_n(all.members.begin(), members, std::uint8_t{1});
    for (std::size_t k = 0; k < all.features.size(); ++k)
      all.features.data()[k] = static_cast<float>((k * 37 + role) % 101) / 101;
    privacy::write_samples(here / std::to_string(role), all);
  }
  identity const work = discriminator_identity("an attack", "", 0);
  auto const kept_by = [&](std::string const& build) {
    return finished_discriminators(here / "attack.json", work, {build, "reference"});
  };
  auto const attack = [&](finished_discriminators const* kept, std::atomic<bool> const* stop = nullptr) {
    auto const found = lab.attack({&s, &data, 1, here / "0", here / "1", here / "scores.npy", {}, kept}, stop);
    return std::pair(to_json(found).dump(), io::read_file<std::string>(here / "scores.npy"));
  };
  std::atomic<bool> const stopped{true};
  CHECK_THROWS_AS(attack(nullptr, &stopped), error);
  CHECK(!std::filesystem::exists(here / "scores.npy"));
  auto const wanted = attack(nullptr);
  auto const kept = kept_by("this build");
  CHECK(attack(&kept) == wanted);
  auto const files = [&] {
    std::set<std::filesystem::path> all;
    for (auto const& entry : std::filesystem::directory_iterator(here / "attack.unfinished")) all.insert(entry.path());
    return all;
  };
  auto const all = files();
  REQUIRE(all.size() == 2 * 2 * 3);
  int count = 0;
  for (auto const& file : all)
    if (++count % 3 == 0) std::filesystem::remove(file);
  CHECK(attack(&kept) == wanted);
  CHECK(files() == all);
  // What is kept is believed, and nothing that another build made.
  auto known = kept.find("all", 1);
  REQUIRE(known);
  known->result.holdout_accuracy = 12.5;
  kept.keep("all", 1, *known);
  CHECK(attack(&kept).first != wanted.first);
  CHECK_THAT(attack(&kept).first, Catch::Contains("\"holdout_accuracy\":12.5"));
  auto const other = kept_by("another build");
  CHECK(attack(&other) == wanted);
}

TEST_CASE("weights of another training are not asked, pruned or gone on from") {
  tiny_study t("dense,imp-01,narrow-6");
  t.train_all();
  auto const &dense = t.run_of("dense"), &pruned = t.run_of("imp-01");
  auto other = dense;
  other.identity.hash[0] = other.identity.hash[0] == '0' ? '1' : '0';
  auto const refused = [&](auto&& work) {
    try {
      work();
    } catch (error const& e) {
      CHECK(e.code() == errc::bad_input);
      CHECK_THAT(e.what(), Catch::Contains(".safetensors is of another training"));
      return;
    }
    FAIL("used");
  };
  auto asked = t.order_of(dense);
  asked.run = &other;
  refused([&] { (void)t.lab.ask(asked, nullptr); });
  refused([&] { (void)t.lab.train(asked, t.watcher, nullptr); });
  std::filesystem::remove(t.here / pruned.name() / "last.safetensors");
  auto child = t.order_of(pruned);
  child.parent_run = &other;
  refused([&] { (void)t.lab.train(child, t.watcher, nullptr); });
}

TEST_CASE("a network saved by PyTorch is evaluated, measured and made a butterfly") {
  test::temporary_directory const here;
  network_tools_on<exec::seq> const tools{exec::seq{}};
  auto const saved = std::filesystem::path(PAPILLON_GOLDEN_DIR) / "state_dict_projection.safetensors";
  auto const images = data::synthetic_images(6, 0);
  std::vector<std::uint32_t> some(images.size());
  std::iota(some.begin(), some.end(), 0u);
  auto const before = tools.evaluate(saved, images, some, {});
  CHECK(before.loss > 0);

  // Chains of one factor are the weights, in either order of the columns.
  for (auto const order : {nn::unfolding::channel_major, nn::unfolding::tap_major}) {
    auto const report = tools.factorize({saved, here / "one.safetensors", 3, 1, split_order::left_to_right, order});
    CHECK(report.layers.size() == 18);
    CHECK(report.parameters_after == report.parameters_before);
    for (auto const& layer : report.layers) CHECK(layer.relative_error < 1e-7);
    CHECK(tools.evaluate(here / "one.safetensors", images, some, {}).loss == Approx(before.loss).epsilon(1e-5));
  }
  auto const report = tools.factorize({saved, here / "two.safetensors", 1, 2});
  CHECK(report.layers.size() == 6);
  CHECK(report.parameters_after < report.parameters_before);
  for (auto const& layer : report.layers) CHECK(layer.relative_error == Approx(layer.least_error).epsilon(1e-6));
  CHECK_THROWS_WITH(
      tools.factorize({here / "two.safetensors", here / "again.safetensors"}), Catch::Contains("already has chains"));

  auto const samples = tools.measure(saved, images, {some, 4}, {}, {}, {1, 0, random::purpose::noise, 0}, {});
  CHECK(samples.members == std::vector<std::uint8_t>{1, 1, 1, 1, 0, 0});
  CHECK(samples.width() == 30);

  auto hundred = images;
  hundred.classes = 100;
  CHECK_THROWS_WITH(tools.evaluate(saved, hundred, some, {}),
      Catch::Contains("is a network for other images (of 3 channels and 10 classes, these have 3 and 100)"));
}

TEST_CASE("the reference page names every key, its default and every preset") {
  std::string const page = reference_page();
  for (key const& k : schema()) CHECK_THAT(page, Catch::Contains("| `" + std::string(k.name) + "` |"));
  for (preset const& p : presets()) CHECK_THAT(page, Catch::Contains("### " + std::string(p.name)));
}
