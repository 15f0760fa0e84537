// SPDX-License-Identifier: MIT
#include <study/onlooker.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include <catch2/catch.hpp>

#include <papillon/io/atomic_file.hpp>
#include <papillon/io/draft.hpp>
#include <study/directories.hpp>
#include <study/finished_discriminators.hpp>
#include <study/metrics_file.hpp>
#include <study/schedule.hpp>

#include "apps/study/small_study.hpp"

using namespace papillon;
using namespace papillon::study;
using namespace papillon::study::test;

namespace {

struct watched_study : small_study {
  onlooker at{s, p, here.path(), lab};

  [[nodiscard]] study::run const& first() const { return p.runs[0]; }
  [[nodiscard]] std::string network() const { return claim_on_network(first().identity.short_hash()); }
  [[nodiscard]] fs::path metrics() const { return places.run(first()) / "metrics.csv"; }
  /// So many epochs of two seconds each, at 500 images a second, of the first run.
  void train_epochs(int count) {
    make_directory(places.run(first()));
    metrics_file file(metrics(), 0, first().identity.hash);
    for (int e = 0; e < count; ++e) {
      train::epoch_metrics m;
      m.epoch = e;
      m.seconds = 2;
      m.images_per_second = e + 1 == count ? 500 : 1;
      file.append(m);
    }
  }
  [[nodiscard]] std::size_t with_results() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        p.tasks, [&](auto const& t) { return p.identity_of(t) != nullptr; }));
  }
};

}  // namespace

TEST_CASE("of a study that nobody has begun everything is open, and how long it takes is not known") {
  watched_study t;
  auto const now = t.at.look();
  CHECK(now.open == t.with_results());
  CHECK(now.working == 0);
  CHECK(now.workers.empty());
  CHECK(!now.seconds_left);
  REQUIRE(now.configurations.size() == 3);
  CHECK(now.configurations[0].name == "dense");
  CHECK(now.configurations[0].trainings == 2);
  CHECK(now.configurations[0].trainings_done == 0);
  t.run();
  auto const after = t.at.look();
  CHECK(after.open == 0);
  for (auto const& c : after.configurations) {
    CHECK(c.trainings_done == c.trainings);
    CHECK(c.attacks_done == c.attacks);
  }
}

TEST_CASE("a worker that trains is seen with its epochs, its speed, and the time that this and all of it takes") {
  watched_study t;
  t.s.train.epochs = 30;
  t.p = make_plan(t.s, t.data.identity());
  claims own(t.places.claims());
  auto const held = own.take(t.network(), t.p.words_of(t.p.tasks[0]));
  REQUIRE(held);
  auto now = t.at.look();
  REQUIRE(now.workers.size() == 1);
  CHECK(now.working == 1);
  CHECK(now.workers[0].task.parts == "epochs");
  CHECK(now.workers[0].task.done == 0);
  CHECK(now.workers[0].task.of == 30);
  CHECK(!now.workers[0].task.images_per_second);
  CHECK(!now.workers[0].task.seconds_left);

  t.train_epochs(12);
  now = t.at.look();
  REQUIRE(now.workers.size() == 1);
  auto const& task = now.workers[0].task;
  CHECK(task.done == 12);
  CHECK(task.images_per_second == 500);
  REQUIRE(task.seconds_left);
  CHECK(*task.seconds_left <= 18 * 2);
  CHECK(*task.seconds_left >= 17 * 2);
  // All networks of this laboratory cost the same, and so train at that speed.
  std::vector<configuration_estimate> speeds;
  for (auto const& c : t.p.configurations) speeds.push_back({c, {}, 500, 0, 0});
  auto seconds = task_seconds(t.s, t.p, speeds);
  seconds[0] = *task.seconds_left;
  REQUIRE(now.seconds_left);
  CHECK(*now.seconds_left == Approx(time_of(t.p.tasks, seconds, 1)));

  // Another of a single training takes its share.
  claims other(t.places.claims());
  auto const second = other.take(claim_on_network(t.p.runs[1].identity.short_hash()), "train dense shadow s1");
  auto const shared = t.at.look();
  CHECK(shared.working == 2);
  REQUIRE(shared.seconds_left);
  CHECK(*shared.seconds_left < 0.9 * *now.seconds_left);
}

TEST_CASE("how far a worker was that died is seen, and no time is promised") {
  watched_study t;
  t.train_epochs(1);
  auto const child = ::fork();
  if (child == 0) {
    claims own(t.places.claims());
    auto const held = own.take(t.network(), t.p.words_of(t.p.tasks[0]));
    ::_exit(held ? 0 : 1);
  }
  int status = 1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  auto const now = t.at.look();
  REQUIRE(now.workers.size() == 1);
  CHECK(now.workers[0].claim.state == claim_state::dead);
  CHECK(now.workers[0].task.done == 1);
  CHECK(!now.workers[0].task.images_per_second);
  CHECK(!now.workers[0].task.seconds_left);
  CHECK(now.working == 0);
  CHECK(!now.seconds_left);
}

TEST_CASE("an attack is seen with the discriminators that it has finished, and other work by its name") {
  watched_study t;
  auto const attack = std::ranges::find(t.p.tasks, task_kind::attack, &task::kind);
  auto const part = t.places.part(t.p, *attack);
  make_directory(t.places.attacks());
  finished_discriminators const kept(part, t.p.experiments[attack->subject].attack, {});
  for (std::size_t i = 0; i < 3; ++i) kept.keep("all", i, {{"30 lr 0.01", 60, 61, {}}, {0.5f}});
  io::write_atomically(fs::path(part).replace_extension(".unfinished") / ("all-9.json" + io::draft_suffix(0)), "half");
  claims own(t.places.claims());
  auto const held = own.take(t.p.claim_of(*attack), t.p.words_of(*attack));
  auto const report = own.take("report", "report");
  auto const now = t.at.look();
  REQUIRE(now.workers.size() == 2);
  CHECK(now.working == 1);  // it holds both
  auto const& s = t.s.attack;
  CHECK(now.workers[0].task.parts == "discriminators");
  CHECK(now.workers[0].task.done == 3);
  CHECK(now.workers[0].task.of == static_cast<int>(2 * s.hidden.size() * s.learning_rates.size()));
  CHECK(now.workers[1].claim.record.work == "report");
  CHECK(now.workers[1].task.parts.empty());
}

TEST_CASE("what failed for good, and what waits for it, is not open") {
  watched_study t;
  t.lab.fails_at = "train imp-01 shadow";
  CHECK(t.run_to_error() == errc::failed);
  auto const now = t.at.look();
  CHECK(now.open == 0);
  REQUIRE(now.failures.size() == 1);
  CHECK(now.configurations[1].trainings_done == 1);
  CHECK(now.configurations[1].trainings == 2);
}

TEST_CASE("metrics that are damaged, or another training's, tell nothing") {
  watched_study t;
  claims own(t.places.claims());
  auto const held = own.take(t.network(), t.p.words_of(t.p.tasks[0]));
  t.train_epochs(1);
  CHECK(t.at.look().workers.at(0).task.done == 1);
  for (std::string const text : {"", "epoch\n", "a,b\n0,1\n"}) {
    io::write_atomically(t.metrics(), text);
    onlooker anew(t.s, t.p, t.here.path(), t.lab);
    CHECK(anew.look().workers.at(0).task.done == 0);
  }
}
