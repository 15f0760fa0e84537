// SPDX-License-Identifier: MIT
#include <papillon/train/snapshots.hpp>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/train/trainer.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"
#include "train/small_training.hpp"

using namespace papillon;

namespace {

constexpr exec::omp policy{.threads = 1};
constexpr int epochs = 5;

/// What a training with snapshots left: its files, and what its observer was told.
struct kept_training {
  test::temporary_directory directory;
  std::vector<train::epoch_metrics> metrics;
  std::vector<nn::weights<float>> weights;  ///< of every epoch

  /// Runs until the end or, after the snapshot and the checkpoint of epoch `until`, stops.
  void run(train::snapshots const& wanted, int until = epochs) {
    auto const images = test::make_images();
    auto const net = test::small_network();
    std::atomic<bool> stop = false;
    auto const last = directory / "last.safetensors";
    train::training_checkpoint<float> c{test::initial_state(net)};
    if (std::filesystem::exists(last)) c = train::load_training<float>(last, net);
    train::training_observer<float> observer;
    observer.epoch = [&](train::epoch_metrics const& m, train::training_state<float> const& state) {
      metrics.push_back(m);
      weights.push_back(state.last);
      if (wanted.include(m)) train::save_snapshot(directory.path(), net, m, state);
      train::save_training(last, net, train::training_checkpoint<float>{state});
      stop = m.epoch == until;
    };
    train::trainer trainer(policy, net, test::small_data(images), test::small_options(epochs));
    (void)trainer.run(c.state, observer, &stop);
  }
};

/// Of an epoch whose validation accuracy stands in a list.
train::epoch_metrics metrics_of(int epoch, bool best, bool record) {
  train::epoch_metrics m{.epoch = epoch};
  m.best = best;
  m.record = record;
  return m;
}

}  // namespace

TEST_CASE("snapshots are taken of listed epochs, of records, or of both", "[snapshots]") {
  train::snapshots const none{}, listed{.epochs = {3, 1}}, records{.records = true}, both{{3}, true};
  struct {
    train::epoch_metrics m;
    bool listed, records, both;
  } const cases[] = {{metrics_of(0, true, true), false, true, true}, {metrics_of(1, true, false), true, false, false},
      {metrics_of(2, false, false), false, false, false}, {metrics_of(3, false, false), true, false, true}};
  for (auto const& c : cases) {
    CHECK_FALSE(none.include(c.m));
    CHECK(listed.include(c.m) == c.listed);
    CHECK(records.include(c.m) == c.records);
    CHECK(both.include(c.m) == c.both);
  }
}

TEST_CASE("a snapshot holds the weights at the end of its epoch, and its validation accuracy", "[snapshots]") {
  kept_training t;
  t.run({.epochs = {1, 4}, .records = true});
  auto const net = test::small_network();
  std::vector<int> expected;
  double best = -1;
  for (auto const& m : t.metrics) {
    if (m.validation_accuracy > best || m.epoch == 1 || m.epoch == 4) expected.push_back(m.epoch);
    best = std::max(best, m.validation_accuracy);
  }
  REQUIRE(expected.size() < epochs);  // some epochs are not kept
  CHECK(train::snapshot_epochs(t.directory.path()) == expected);
  for (int const epoch : expected) {
    auto const e = static_cast<std::size_t>(epoch);
    auto const c = train::load_snapshot<float>(t.directory.path(), epoch, net);
    CHECK(c.weights == t.weights[e]);
    CHECK(c.epoch == epoch);
    CHECK(c.accuracy == t.metrics[e].validation_accuracy);
  }
}

TEST_CASE("a training that was stopped at any epoch resumes to the same snapshots", "[snapshots]") {
  train::snapshots const wanted{.epochs = {2}, .records = true};
  kept_training uninterrupted;
  uninterrupted.run(wanted);
  auto const epochs_kept = train::snapshot_epochs(uninterrupted.directory.path());
  for (int const until : {0, 2}) {
    kept_training stopped;
    stopped.run(wanted, until);
    REQUIRE(stopped.metrics.size() == static_cast<std::size_t>(until) + 1);
    stopped.run(wanted);
    REQUIRE(train::snapshot_epochs(stopped.directory.path()) == epochs_kept);
    for (int const epoch : epochs_kept) {
      auto const name = train::snapshot_name(epoch);
      CHECK(io::read_file(stopped.directory / name) == io::read_file(uninterrupted.directory / name));
    }
  }
}

TEST_CASE("without validation images no epoch is a record", "[snapshots]") {
  auto const images = test::make_images();
  auto const net = test::small_network();
  auto data = test::small_data(images);
  data.training.resize(5);
  data.validation.clear();
  auto state = test::initial_state(net);
  train::trainer trainer(policy, net, data, test::small_options(2));
  trainer.run(state, {.epoch = [](train::epoch_metrics const& m, auto const&) {
    CHECK(m.best);
    CHECK_FALSE(m.record);
  }});
  CHECK(state.epochs == 2);
}

TEST_CASE("the first epoch of an accuracy is a record, or there is none", "[snapshots]") {
  std::vector<double> const accuracies{0.1, 0.3, 0.2, 0.3, 0.5, 0.4};
  std::vector<int> const records{0, 1, 4};
  for (double const a : {0.0, 0.1, 0.25, 0.3, 0.31, 0.5})
    CHECK(std::ranges::count(records, train::first_epoch_reaching(a, accuracies)) == 1);
  CHECK(train::first_epoch_reaching(0.3, accuracies) == 1);
  CHECK(train::first_epoch_reaching(0.31, accuracies) == 4);
  CHECK(train::first_epoch_reaching(0.51, accuracies) == -1);
  CHECK(train::first_epoch_reaching(0.0, {}) == -1);
}

TEST_CASE("snapshots are found by their names", "[snapshots]") {
  CHECK(train::snapshot_name(0) == "snapshot-epoch-000.safetensors");
  CHECK(train::snapshot_name(12) == "snapshot-epoch-012.safetensors");
  CHECK(train::snapshot_name(1234) == "snapshot-epoch-1234.safetensors");
  test::temporary_directory const directory;
  CHECK(train::snapshot_epochs(directory.path()).empty());
  for (char const* name : {"snapshot-epoch-1234.safetensors", "snapshot-epoch-012.safetensors", "best.safetensors",
           "snapshot-epoch-12.safetensors", "snapshot-epoch-007.safetensors.tmp", "7"})
    std::ofstream(directory / name) << "x";
  CHECK(train::snapshot_epochs(directory.path()) == std::vector<int>{12, 1234});
  CHECK_THAT(test::error_text(errc::bad_input,
                 [&] { (void)train::load_snapshot<float>(directory.path(), 3, test::small_network()); }),
      Catch::Contains("no snapshot of epoch 3") && Catch::Contains("snapshot-epoch-003"));
}
