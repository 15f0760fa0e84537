// SPDX-License-Identifier: MIT
// The executor beside others like it, and where tasks fail: nothing is done twice, nothing that can be done is left.
#include <study/executor.hpp>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <papillon/io/read_file.hpp>

#include <study/claim.hpp>
#include <study/failure.hpp>
#include <study/part_file.hpp>

#include "apps/study/small_study.hpp"

using namespace papillon;
using namespace papillon::study;
using namespace papillon::study::test;
using Catch::Matchers::Contains;

namespace {

/// Another worker takes a claim from one that nobody has heard of, as where locks keep nobody out, and gives it back.
void take_over(fs::path const& directory, std::string const& name) {
  fs::last_write_time(directory / (name + ".json"), fs::file_time_type::clock::now() - std::chrono::hours(1));
  fs::remove(directory / (name + ".lock"));
  claims other(directory);
  REQUIRE(other.take(name, "the same"));
}

/// Has the claim on the first listed attack taken over when it has begun.
class robbing final : public observer {
 public:
  robbing(fs::path claims, std::function<void(task const&)> lost)
      : directory_(std::move(claims)), lost_(std::move(lost)) {}
  void begin(plan const& p, task const& t, study_progress const&) override {
    if (t.kind != task_kind::listed_attack || robbed_) return;
    robbed_ = &t;
    take_over(directory_, p.claim_of(t));
  }
  void note(std::string const& text) override {
    CHECK_THAT(text, Contains("is left to others"));
    lost_(*robbed_);
  }

 private:
  fs::path directory_;
  std::function<void(task const&)> lost_;
  task const* robbed_ = nullptr;
};

}  // namespace

TEST_CASE("a failure ends nothing but what waits for it; it is tried twice, and again when that is asked for") {
  small_study t;
  t.lab.fails_at = "train imp-01 shadow";
  std::string told;
  auto const run = [&] {
    try {
      t.run();
    } catch (error const& e) {
      CHECK(e.code() == errc::failed);
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK_THAT(run(), Contains("1 task failed (train imp-01 shadow s1: as asked") && Contains(" wait for this"));
  CHECK(t.lab.failed == 2);
  CHECK(t.lab.done.size() == 21 - 4);  // without its training, outputs and features, and the attack
  CHECK(t.watcher.summaries == std::vector<std::string>{"dense", "S1L2"});
  CHECK(!fs::exists(t.places.result(t.p.runs[3])));
  auto const record = io::read_file<std::string>(t.places.run(t.p.runs[3]) / "provenance.json");
  CHECK_THAT(record, Contains("\"outcome\": \"failed\"") && Contains("\"device\": \"pretended\""));
  auto const failures = failures_in(t.places.claims());
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].work == "train imp-01 shadow s1");
  CHECK(failures[0].times == 2);
  CHECK(is_final(failures[0]));
  t.lab.done.clear();
  CHECK_THAT(run(), Contains("1 task failed"));
  CHECK(t.lab.failed == 2);
  CHECK(t.lab.done.empty());
  t.lab.fails_at.clear();
  t.ways.retry_failed = true;
  CHECK(run().empty());
  CHECK(t.lab.done ==
        std::vector<std::string>{"train imp-01 shadow", "measure imp-01 shadow", "ask imp-01 shadow", "attack 1"});
  CHECK(failures_in(t.places.claims()).empty());
}

TEST_CASE("where all that failed was bad input, so is the study") {
  small_study t;
  t.lab.fails_at = "train imp-01 shadow";
  t.lab.failure = errc::bad_input;
  CHECK(t.run_to_error() == errc::bad_input);
  CHECK(t.run_to_error() == errc::bad_input);
  CHECK(t.lab.failed == 2);
}

TEST_CASE("where that is asked for a failure ends the study at once, and the next run goes on there") {
  small_study t;
  t.ways.stop_at_error = true;
  t.lab.fails_at = "train imp-01 shadow";
  for (int k = 0; k < 3; ++k) CHECK(t.run_to_error() == errc::failed);
  CHECK(t.lab.failed == 3);
  CHECK(t.lab.done.back() == "train imp-01 target");
  CHECK(read_part<network_result>(t.places.result(t.p.runs[0]), t.p.runs[0].identity).epochs == 2);
  t.lab.fails_at.clear();
  t.lab.done.clear();
  t.run();
  CHECK(t.lab.done.front() == "train imp-01 shadow");
}

TEST_CASE("what fails by the machine is tried three times more, and anew by the next start") {
  small_study t;
  t.lab.fails_at = "train S1L2 shadow";
  t.lab.cause = ENOSPC;
  for (int start = 1; start <= 2; ++start) {
    CHECK(t.run_to_error() == errc::failed);
    CHECK(t.lab.failed == 4 * start);
    auto const known = failures_in(t.places.claims()).at(0);
    CHECK(known.kind == failure_kind::transient);
    CHECK(known.times == 4);
  }
  t.lab.fails_at.clear();
  t.run();
}

TEST_CASE("workers that share a directory do every task once, and one of them makes the report") {
  small_study t;
  constexpr int count = 4;
  std::vector<pretending> labs(count);
  std::vector<listening> watchers(count);
  std::atomic<int> reports{0}, errors{0};
  std::vector<std::unique_ptr<executor>> all;  // before any of them works, or the last would make the report anew
  for (std::size_t k = 0; k < count; ++k)
    all.push_back(std::make_unique<executor>(t.s, t.data, t.p, t.places, labs[k], watchers[k], nullptr, t.ways));
  std::vector<std::thread> workers;
  for (auto& one : all)
    workers.emplace_back([&] {
      try {
        one->run({t.p.tasks.size() - 1}, [&](auto const&) { ++reports; });
      } catch (std::exception const&) {
        ++errors;
      }
    });
  for (auto& w : workers) w.join();
  CHECK(errors == 0);
  CHECK(reports == 1);
  std::vector<std::string> done;
  for (auto const& lab : labs) done.insert(done.end(), lab.done.begin(), lab.done.end());
  std::ranges::sort(done);
  t.run();
  CHECK(t.lab.done.empty());
  small_study alone;
  alone.run();
  std::ranges::sort(alone.lab.done);
  CHECK(done == alone.lab.done);
  for (task const& each : t.p.tasks)
    if (auto const file = t.places.part(t.p, each); !file.empty())
      CHECK(io::read_file<std::string>(file) == io::read_file<std::string>(alone.places.part(t.p, each)));
  for (auto const& c : claims_in(t.places.claims())) FAIL(c.name << " is still held");
}

TEST_CASE("a worker waits for what another does, and is woken by a stop") {
  small_study t;
  claims other(t.places.claims());
  auto const network = claim_on_network(t.p.runs[0].identity.short_hash());
  {
    auto const held = other.take(network, "train dense target s1");
    REQUIRE(held);
    std::thread stopper([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      t.stop = true;
    });
    t.ways.first_wait = t.ways.longest_wait = std::chrono::hours(1);
    CHECK(t.run_to_error() == errc::interrupted);
    stopper.join();
    CHECK(std::ranges::none_of(t.lab.done, [](auto const& what) { return what.ends_with("dense target"); }));
    REQUIRE(t.watcher.notes.size() == 1);
    CHECK_THAT(t.watcher.notes[0], Contains("another program works on this study"));
  }
  t.stop = false;
  t.run();
}

TEST_CASE("a worker whose claim was taken over leaves the task without writing") {
  small_study t;
  class slow final : public laboratory {
   public:
    explicit slow(small_study& study) : study_(&study) {}
    std::string description() const override { return study_->lab.description(); }
    network_size size_of(configuration const& c) const override { return study_->lab.size_of(c); }
    double images_per_second(configuration const& c) const override { return study_->lab.images_per_second(c); }
    network_result train(run_order const& o, observer& w, std::atomic<bool> const* stop) const override {
      if (std::exchange(taken_, true)) return study_->lab.train(o, w, stop);
      // Nobody has heard of this worker, and its lock was no hindrance: another does the task, and ends it.
      auto const network = claim_on_network(o.run->identity.short_hash());
      auto const directory = study_->places.claims();
      fs::last_write_time(directory / (network + ".json"), fs::file_time_type::clock::now() - std::chrono::hours(1));
      fs::remove(directory / (network + ".lock"));
      claims other(directory);
      auto const held = other.take(network, "train dense target s1");
      REQUIRE(held);
      CHECK(!held->from_dead());
      o.fence();
      FAIL("it was not fenced");
      return {};
    }
    int ask(run_order const& o, std::atomic<bool> const* stop) const override { return study_->lab.ask(o, stop); }
    void measure(run_order const& o, std::atomic<bool> const* stop) const override { study_->lab.measure(o, stop); }
    seed_result attack(attack_order const& o, std::atomic<bool> const* stop) const override {
      return study_->lab.attack(o, stop);
    }

   private:
    small_study* study_;
    mutable bool taken_ = false;
  } const lab(t);
  executor(t.s, t.data, t.p, t.places, lab, t.watcher, nullptr, t.ways).run({t.p.tasks.size() - 1});
  REQUIRE(t.watcher.notes.size() == 1);
  CHECK_THAT(t.watcher.notes[0], Contains("train dense target s1 is left to others"));
  CHECK(failures_in(t.places.claims()).empty());
  auto const sessions =
      nlohmann::ordered_json::parse(io::read_file<std::string>(t.places.run(t.p.runs[0]) / "provenance.json"));
  REQUIRE(sessions.size() == 2);
  CHECK(!sessions[0].contains("outcome"));  // written by the one that had lost it
}

TEST_CASE("an attack of the list whose claim was taken over leaves neither scores nor result, and is made anew") {
  small_study t;
  int lost = 0;
  auto const files = [&](task const& one) {
    std::vector<fs::path> all{t.places.part(t.p, one)};
    for (auto const* role : {"target", "shadow"})
      all.push_back(t.places.scores(t.p, t.p.experiments[one.subject], one.item, role));
    return all;
  };
  task const* attack = nullptr;
  robbing watcher(t.places.claims(), [&](task const& one) {
    ++lost;
    attack = &one;
    for (auto const& file : files(one)) CHECK(!fs::exists(file));
  });
  executor(t.s, t.data, t.p, t.places, t.lab, watcher, nullptr, t.ways).run({t.p.tasks.size() - 1});
  CHECK(lost == 1);
  REQUIRE(attack);
  for (auto const& file : files(*attack)) CHECK(fs::exists(file));
}

TEST_CASE("a worker whose claim on the report was taken over ends it there, and looks again") {
  small_study t;
  int begun = 0, ended = 0;
  executor(t.s, t.data, t.p, t.places, t.lab, t.watcher, nullptr, t.ways)
      .run({t.p.tasks.size() - 1}, [&](auto const& fence) {
        fence();
        if (++begun == 1) take_over(t.places.claims(), "report");
        fence();
        ++ended;
      });
  CHECK(begun == 2);
  CHECK(ended == 1);
  REQUIRE(t.watcher.notes.size() == 1);
  CHECK_THAT(t.watcher.notes[0], Contains("is left to others"));
}

TEST_CASE("a training that was begun with other lanes or another device is left alone, unless they may be mixed") {
  small_study t;
  t.lab.fails_at = "train dense target";
  t.lab.failure = errc::interrupted;
  CHECK(t.run_to_error() == errc::interrupted);
  std::ofstream(t.places.run(t.p.runs[0]) / "last.safetensors") << "an epoch";
  t.lab.fails_at.clear();
  t.lab.device = "pretended otherwise, 3 threads";
  CHECK(t.run_to_error() == errc::failed);
  CHECK(std::ranges::none_of(t.lab.done, [](auto const& what) { return what.ends_with("dense target"); }));
  CHECK(std::ranges::count(t.lab.done, "train S1L2 target") == 1);
  REQUIRE(t.watcher.notes.size() == 1);
  CHECK_THAT(t.watcher.notes[0], Contains("begun by pretended") && Contains("--mix"));
  t.ways.mix = true;
  t.run();
}
