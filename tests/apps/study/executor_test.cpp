// SPDX-License-Identifier: MIT
// The executor with a laboratory that pretends: what is done, in which order, what is not done again, what is left
// after a failure.
#include <study/executor.hpp>

#include <algorithm>
#include <fstream>
#include <set>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <papillon/data/split_file.hpp>
#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include <study/assign.hpp>
#include <study/collect.hpp>
#include <study/part_file.hpp>
#include <study/verify.hpp>

#include "apps/study/small_study.hpp"

using namespace papillon;
using namespace papillon::study;
using namespace papillon::study::test;
using Catch::Matchers::Contains;

TEST_CASE("all tasks are done, what has the longest way behind it first, and the configurations are summarised") {
  small_study t;
  t.run();
  std::vector<std::string> expected;
  for (std::string const name : {"dense", "imp-01", "S1L2"})  // equal ways: in the plan's order
    for (std::string const role : {"target", "shadow"}) expected.push_back("train " + name + " " + role);
  for (std::string const what : {"measure", "ask"})
    for (std::string const name : {"dense", "imp-01", "S1L2"})
      for (std::string const role : {"target", "shadow"}) expected.push_back(what + " " + name + " " + role);
  for (int k = 0; k < 3; ++k) expected.emplace_back("attack 1");
  CHECK(t.lab.done == expected);
  CHECK(t.watcher.summaries == std::vector<std::string>{"dense", "imp-01", "S1L2"});
  CHECK(t.watcher.notes.empty());
  auto const& begun = t.watcher.begun;
  REQUIRE(begun.size() == t.p.tasks.size());
  for (std::size_t i = 0; i < begun.size(); ++i) CHECK(begun[i].tasks_done == i);
  CHECK(begun.front().work_done == 0);
  CHECK(begun.back().work_done == Approx(begun.back().work));  // sums of the same numbers
}

TEST_CASE("what is finished is not done again") {
  small_study t;
  t.run();
  t.lab.done.clear();
  t.run();
  CHECK(t.lab.done.empty());
  fs::remove(t.places.attack(t.p, t.p.experiments[1]));
  fs::remove_all(t.places.run(t.p.runs.back()));
  t.run();
  CHECK(t.lab.done ==
        std::vector<std::string>{"train S1L2 shadow", "measure S1L2 shadow", "ask S1L2 shadow", "attack 1"});
}

TEST_CASE("one task takes with it what it needs, and nothing else") {
  small_study t;
  auto const last_round = std::find_if(t.p.tasks.begin(), t.p.tasks.end(), [&](task const& x) {
    return x.kind == task_kind::training && t.p.runs[x.subject].configuration.rounds() == 1 &&
           t.p.runs[x.subject].cohort.role == role::shadow;
  });
  executor(t.s, t.data, t.p, t.places, t.lab, t.watcher)
      .run({static_cast<std::size_t>(last_round - t.p.tasks.begin())});
  CHECK(t.lab.done == std::vector<std::string>{"train dense shadow", "train imp-01 shadow"});
}

TEST_CASE("references attack the target alone; six or more of them learn the threshold on one another") {
  int const count = GENERATE(4, 6);
  small_study t;
  set(t.s, "study.configurations", "dense");
  set(t.s, "attack.references", std::to_string(count));
  set(t.s, "attack.list", "lira-online,student,rmia-online");
  t.p = make_plan(t.s, t.data.identity());
  t.run();
  auto const& e = t.p.experiments.front();
  REQUIRE(e.listed.size() == 4);
  for (std::size_t item = 0; item < 3; ++item) {
    auto const& [name, identity] = e.listed[item];
    CAPTURE(count, name);
    auto const found = read_part<listed_attack>(t.places.attack(t.p, e, item), identity).experiments;
    REQUIRE(found.size() == 1);
    CHECK(found[0].role == "target");
    CHECK(is_missing(found[0].holdout_accuracy) == (count == 4));
    CHECK(found[0].accuracy > 90);  // members are further right in every network
    CHECK(read_scores(t.places.scores(t.p, e, item, "target")).images.size() == 128);
  }
  auto const& [name, identity] = e.listed[3];
  REQUIRE(name == "memorisation");
  CHECK(read_part<memorisation_result>(t.places.attack(t.p, e, 3), identity).references == count);
}

TEST_CASE("a stop is errc::interrupted, before the next task") {
  small_study t;
  t.stop = true;
  CHECK(t.run_to_error() == errc::interrupted);
  CHECK(t.lab.done.empty());
}

TEST_CASE("discriminators that are finished are kept until their attack is") {
  small_study t;
  t.lab.fails_at = "attack 1";
  t.lab.failure = errc::interrupted;
  CHECK(t.run_to_error() == errc::interrupted);
  auto const part = t.places.attack(t.p, t.p.experiments[0]);
  auto const kept = fs::path(part).replace_extension(".unfinished"), left = t.here / "left";
  CHECK(!fs::exists(part));
  REQUIRE(std::distance(fs::directory_iterator(kept), {}) == 1);
  CHECK(verify_study(t.places).findings.empty());
  fs::copy(kept, left);
  t.lab.fails_at.clear();
  t.run();
  CHECK(fs::exists(part));
  CHECK(!fs::exists(kept));
  // A program that was killed between the two leaves them; the next one does not.
  fs::copy(left, kept);
  t.run();
  CHECK(!fs::exists(kept));
}

TEST_CASE("going on with another build is said") {
  small_study t;
  t.lab.fails_at = "train dense target";
  t.lab.failure = errc::interrupted;
  CHECK(t.run_to_error() == errc::interrupted);
  auto const file = t.places.run(t.p.runs[0]) / "provenance.json";
  auto record = nlohmann::ordered_json::parse(io::read_file<std::string>(file));
  record.back()["lanes"] = "3 (float), 1 (double)";
  io::write_atomically(file, record.dump());
  t.lab.fails_at.clear();
  t.run();
  REQUIRE(t.watcher.notes.size() == 1);
  CHECK_THAT(t.watcher.notes[0], Contains("another lanes") && Contains("3 (float)"));
  CHECK(nlohmann::ordered_json::parse(io::read_file<std::string>(file)).size() == 2);
}

TEST_CASE("provenance that cannot be read is moved aside, and that is said") {
  small_study t;
  t.lab.fails_at = "train dense target";
  t.lab.failure = errc::interrupted;
  CHECK(t.run_to_error() == errc::interrupted);
  auto const directory = t.places.run(t.p.runs[0]);
  int kept = 0;
  for (std::string const damaged : {R"([{"papillon": 1}])", "[", "{}", "[1]", "[{\"start\": 1e999}]"}) {
    t.watcher.notes.clear();
    io::write_atomically(directory / "provenance.json", damaged);
    CHECK(t.run_to_error() == errc::interrupted);
    REQUIRE(t.watcher.notes.size() == 1);
    std::string const aside = "provenance.unreadable." + std::to_string(++kept) + ".json";
    CHECK_THAT(t.watcher.notes[0], Contains("provenance.json cannot be used") && Contains("moved to " + aside));
    CHECK(io::read_file<std::string>(directory / aside) == damaged);
    CHECK(nlohmann::ordered_json::parse(io::read_file<std::string>(directory / "provenance.json")).size() == 1);
  }
}

TEST_CASE("results are collected as far as they are there") {
  small_study t;
  t.lab.fails_at = "train imp-01 shadow";
  (void)t.run_to_error();
  fs::remove_all(t.places.run(t.p.runs[4]));
  auto const r = collect_results(t.s, t.data, t.p, t.places, t.lab);
  REQUIRE(r.failures == std::vector<std::string>{"train imp-01 shadow s1 failed: as asked"});
  CHECK_THAT(r.warnings.at(0), Contains("Results are missing") && Contains(r.failures[0]));
  CHECK(r.scale.preset == "smoke");
  CHECK(r.scale.data == "built-in images");
  CHECK(r.scale.trained_images == 64);
  CHECK(r.scale.trainings == 6);
  CHECK(r.scale.trainings_done == 4);
  REQUIRE(r.configurations.size() == 3);
  REQUIRE(r.configurations[0].seeds.size() == 1);
  CHECK(r.configurations[0].seeds[0].target.quality.train_accuracy == 100);
  CHECK(r.configurations[0].seeds[0].target.quality.epoch == 1);
  CHECK(r.configurations[0].attacks.size() == 10);
  CHECK(r.configurations[0].summary.all.attack_accuracy.mean == 62);
  CHECK(r.configurations[1].nonzero_percent == Approx(90));
  REQUIRE(r.configurations[1].seeds.size() == 1);
  CHECK(r.configurations[1].seeds[0].shadow.run.empty());
  CHECK(r.configurations[1].seeds[0].all.discriminators.empty());
  CHECK(r.configurations[2].seeds.empty());
  auto s = t.s;
  set(s, "train.epochs=3");
  CHECK(preset_name(s) == "changed");
}

TEST_CASE("differences have intervals over images, of one seed too") {
  for (std::string const seeds : {"1", "1,2"}) {
    CAPTURE(seeds);
    small_study t;
    set(t.s, "study.seeds", seeds);
    set(t.s, "attack.list", "gap");  // the others tell everything apart here
    t.p = make_plan(t.s, t.data.identity());
    t.run();
    auto const r = collect_results(t.s, t.data, t.p, t.places, t.lab);
    auto const& pruned = r.configurations[1].summary;
    auto const& d = pruned.to_dense;
    CHECK(d.change.mean < 0);  // it is wrong on more images that it was not trained on
    CHECK(d.over_images.low < d.change.mean);
    CHECK(d.change.mean < d.over_images.high);
    CHECK(is_missing(d.change.low) == (seeds == "1"));
    CHECK(r.configurations[0].pruned_from.empty());
    CHECK(r.configurations[1].pruned_from == "dense");
    auto const& by_pruning = r.configurations[1].attacks[0].summary.defence_to_unpruned;  // of gap, the strongest too
    CHECK(by_pruning.change.mean == d.change.mean);
    CHECK(by_pruning.over_images.low == d.over_images.low);
    CHECK(by_pruning.over_images.high == d.over_images.high);
    CHECK(pruned.auc_over_images.low <= pruned.strongest_auc.mean);
    CHECK(pruned.strongest_auc.mean <= pruned.auc_over_images.high);
    CHECK(pruned.auc_over_images.low > 0.5);
    CHECK(is_missing(pruned.found_over_images.low));  // 64 images are too few
    CHECK(r.configurations[0].summary.to_dense.over_images.low != r.configurations[0].summary.to_dense.over_images.low);

    // Rates are means over target and shadow: with shadows' scores upside down, half of what the attack tells is gone.
    for (auto const& entry : fs::directory_iterator(t.places.attacks()))
      if (entry.path().filename().string().ends_with("-shadow.npy")) {
        auto judged = read_scores(entry.path());
        for (double& score : judged.scores) score = -score;
        write_scores(entry.path(), judged);
        auto const stem = entry.path().string().substr(0, entry.path().string().size() - 11);
        auto const seal = *read_seal(stem + ".json");
        write_part(stem + ".json", seal.work, read_part<listed_attack>(stem + ".json", seal.work), seal.made_by,
            {stem + "-target.npy", entry.path()});
      }
    auto const turned = collect_results(t.s, t.data, t.p, t.places, t.lab).configurations[1].summary;
    CHECK(turned.auc_over_images.high < pruned.auc_over_images.low);
    CHECK(turned.auc_over_images.low < 0.5);
    CHECK(turned.auc_over_images.high > 0.5);
  }
}

TEST_CASE("seeds with splits of their own use no networks of other seeds, and have no interval over common images") {
  small_study t;
  set(t.s, "study.seeds=1,2");
  set(t.s, "study.splits=seed");
  t.data = load_study_data(t.s, "");
  t.p = make_plan(t.s, t.data.identity());
  CHECK(t.data.split_for(1).hash != t.data.split_for(2).hash);
  CHECK(t.p.runs.front().identity.text.find(t.data.split_for(1).hash) != std::string::npos);
  t.run();
  store_split(t.data, t.here.path());
  CHECK(std::distance(fs::directory_iterator(t.here / "splits"), {}) == 2);
  auto const r = collect_results(t.s, t.data, t.p, t.places, t.lab);
  auto const& d = r.configurations[1].summary.to_dense;
  CHECK(!is_missing(d.change.low));
  CHECK(is_missing(d.over_images.low));
  for (task const& x : t.p.tasks)
    if (x.kind == task_kind::listed_attack && t.p.experiments[x.subject].listed[x.item].first == "rmia")
      CHECK(x.needs.size() == 4);
}

TEST_CASE("a result of other work, or a damaged one, is bad input") {
  small_study t;
  t.run();
  auto const file = t.places.result(t.p.runs[0]);
  auto const code = [&] {
    try {
      (void)collect_results(t.s, t.data, t.p, t.places, t.lab);
    } catch (error const& e) {
      CHECK_THAT(e.what(), Contains(file.string()));
      return e.code();
    }
    FAIL("no error");
    return errc{};
  };
  fs::copy_file(t.places.result(t.p.runs[1]), file, fs::copy_options::overwrite_existing);
  CHECK(code() == errc::bad_input);
  for (auto const* text : {"", "{", "[]", "{\"sha256\": 3, \"result\": {}}"}) {
    io::write_atomically(file, text);
    CHECK(code() == errc::bad_input);
  }
}

TEST_CASE("finished trainings of version 0.1 become the trainings that they are, where they were summed alike") {
  small_study t;
  bool const alike = GENERATE(true, false);
  if (alike) set(t.s, "train.convolution=direct");
  t.p = make_plan(t.s, t.data.identity());
  for (run const& r : t.p.runs) {
    REQUIRE(!r.identity_1.empty());
    auto const old = t.here / "networks" / message("old-", r.cohort.name(), "-s1-", r.identity_1.substr(0, 8));
    fs::create_directories(old);
    network_result trained;
    trained.epochs = 2;
    trained.best_epoch = 1;
    write_part(old / "result.json", identity{"", r.identity_1}, trained);
    std::ofstream(old / "best.safetensors") << "weights";
  }
  t.places = layout(t.here.path());
  t.run();
  CHECK(t.watcher.notes.size() == t.p.runs.size());
  if (!alike) {
    CHECK(std::ranges::count_if(t.lab.done, [](auto const& what) { return what.starts_with("train"); }) ==
          static_cast<std::ptrdiff_t>(t.p.runs.size()));
    CHECK_THAT(t.watcher.notes[0], Contains("train.convolution=direct"));
    return;
  }
  CHECK(std::ranges::none_of(t.lab.done, [](auto const& what) { return what.starts_with("train"); }));
  for (run const& r : t.p.runs) {
    CHECK(fs::exists(t.places.networks() / r.name() / "best.safetensors"));
    CHECK(read_part<network_result>(t.places.result(r), r.identity).best_epoch == 1);
  }
  CHECK_THAT(t.watcher.notes[0], Contains("earlier version"));
}

TEST_CASE("a damaged training of version 0.1 is left alone, and that is said") {
  small_study t;
  set(t.s, "train.convolution=direct");
  t.p = make_plan(t.s, t.data.identity());
  auto const old = t.here / "networks" / ("dense-target-s1-" + t.p.runs[0].identity_1.substr(0, 8));
  fs::create_directories(old);
  std::ofstream(old / "result.json") << "{}";
  t.places = layout(t.here.path());
  t.run();
  CHECK(std::ranges::count(t.lab.done, "train dense target") == 1);
  CHECK(fs::exists(old / "result.json"));
  REQUIRE(!t.watcher.notes.empty());
  CHECK_THAT(t.watcher.notes[0], Contains("is not used"));
}

TEST_CASE("the split is stored once, and another in its place is refused") {
  small_study t;
  store_split(t.data, t.here.path());
  store_split(t.data, t.here.path());
  auto const file = fs::directory_iterator(t.here / "splits")->path();
  auto other = t.data;
  other.split.roles[0].validation.pop_back();
  other.split.hash = data::split_hash(other.split, other.collection.digests);
  data::write_split(file, other.split);
  CHECK_THROWS_AS(store_split(t.data, t.here.path()), error);
}

TEST_CASE("all networks of random labels are trained and judged by the same labels") {
  small_study t;
  for (auto const* change :
      {"study.configurations=dense,random-labels", "configurations.random-labels.attack.references=6"})
    set(t.s, change);
  t.p = make_plan(t.s, t.data.identity());
  t.run();
  CHECK(t.lab.labels.size() == 2);  // the given ones, and the drawn ones
  CHECK(t.lab.labels[0] == t.data.images().labels);
  auto const study = collect_results(t.s, t.data, t.p, t.places, t.lab);
  for (auto const& c : study.configurations)
    for (auto const& seed : c.seeds) {  // right about the labels that they were trained on, not about all others
      CHECK(seed.target.quality.train_accuracy == 100);
      CHECK(seed.target.quality.test_accuracy < 90);
      CHECK(seed.shadow.quality.train_accuracy == 100);
    }
  std::vector<std::string> checked;
  for (auto const& c : study.attack_checks)
    if (c.control == attack_control::random_labels) checked.push_back(c.attack);
  CHECK(checked == std::vector<std::string>{"loss", "class-loss", "nine", "lira-online"});
}

TEST_CASE("a reference that answers what the target answers is noted") {
  small_study t;
  for (auto const* change : {"study.configurations=dense", "attack.references=4", "attack.list=rmia-online"})
    set(t.s, change);
  t.p = make_plan(t.s, t.data.identity());
  t.lab.copies = true;
  t.run();
  REQUIRE(t.watcher.notes.size() == 1);
  CHECK_THAT(t.watcher.notes[0], Contains("dense, seed 1, rmia-online: reference 0 (dense-target-reference-00"));
}

TEST_CASE("what a task builds on is compared to its last byte, and a file of another network is none") {
  small_study t;
  t.run();
  auto const& e = t.p.experiments[0];
  auto const outputs = t.places.outputs(t.p, e.target), features = t.places.features(t.p, e.shadow);
  auto const refused = [&](fs::path const& file, fs::path const& part) {
    fs::remove(part);
    try {
      t.ways.stop_at_error = true;
      executor(t.s, t.data, t.p, t.places, t.lab, t.watcher, nullptr, t.ways).run({t.p.tasks.size() - 1});
    } catch (error const& problem) {
      CHECK(problem.code() == errc::bad_input);
      CHECK_THAT(problem.what(), Contains(file.string()) && Contains("study verify --repair"));
      return;
    }
    FAIL("used: " << file);
  };
  auto const kept = io::read_file<std::string>(outputs);
  auto changed = kept;
  changed[changed.size() - 5] ^= 1;
  io::write_atomically(outputs, changed);
  refused(outputs, t.places.attack(t.p, e, 1));
  fs::copy_file(t.places.outputs(t.p, e.shadow), outputs, fs::copy_options::overwrite_existing);
  refused(outputs, t.places.attack(t.p, e, 1));
  io::write_atomically(outputs, kept);
  changed = io::read_file<std::string>(features);
  changed.back() ^= 1;
  io::write_atomically(features, changed);
  refused(features, t.places.attack(t.p, e));
}

TEST_CASE("a file of data that was removed is made again") {
  small_study t;
  t.run();
  t.lab.done.clear();
  auto const& e = t.p.experiments[0];
  auto const file = t.places.outputs(t.p, e.target);
  auto const before = io::read_file<std::string>(file);
  fs::remove(file);
  fs::remove(t.places.features(t.p, e.target));
  t.run();
  CHECK(t.lab.done == std::vector<std::string>{"measure dense target", "ask dense target"});
  CHECK(io::read_file<std::string>(file) == before);
}

TEST_CASE("results of an earlier version are taken as they are, once, and sealed") {
  small_study t;
  t.run();
  for (task const& each : t.p.tasks) {
    auto const file = t.places.part(t.p, each);
    if (file.empty()) continue;
    auto document = nlohmann::ordered_json::parse(io::read_file<std::string>(file));
    for (auto const* member : {"made_by", "files", "contents"}) document.erase(member);
    if (each.kind == task_kind::features) fs::remove(file);
    else io::write_atomically(file, document.dump());
  }
  t.lab.done.clear();
  t.watcher.notes.clear();
  t.run();
  CHECK(t.lab.done.empty());
  REQUIRE(t.watcher.notes.size() == 1);
  CHECK_THAT(t.watcher.notes[0], Contains("of an earlier version, which sealed nothing"));
  for (task const& each : t.p.tasks)
    if (t.p.identity_of(each)) CHECK(check_task(t.p, t.places, each, look::at_contents).state == part_state::whole);
  t.run();
  CHECK(t.watcher.notes.size() == 1);
}

TEST_CASE("what processes that are no more were writing is removed, what others write is not") {
  small_study t;
  fs::create_directories(t.places.attacks());
  fs::create_directories(t.places.run(t.p.runs[0]));
  auto const figures = t.places.report() / "figures";
  fs::create_directories(figures);
  auto const dead = message(".tmp.", io::host_name(), ".", 999999999, ".1.0"),
             elsewhere = std::string(".tmp.other.1.1.0");
  for (auto const& suffix : {dead, elsewhere}) {
    std::ofstream(t.places.attacks() / ("a.json" + suffix)) << "draft";
    std::ofstream(t.places.run(t.p.runs[0]) / ("b.npy" + suffix)) << "draft";
    std::ofstream(figures / ("c.csv" + suffix)) << "draft";
  }
  // Nobody takes longer than five beats to write one.
  auto const old = t.places.attacks() / ("d.json" + elsewhere);
  std::ofstream(old) << "draft";
  fs::last_write_time(old, fs::last_write_time(old) - std::chrono::hours(1));
  t.run();
  CHECK(!fs::exists(old));
  CHECK(!fs::exists(t.places.attacks() / ("a.json" + dead)));
  CHECK(fs::exists(t.places.attacks() / ("a.json" + elsewhere)));
  CHECK(!fs::exists(figures / ("c.csv" + dead)));
  CHECK(fs::exists(figures / ("c.csv" + elsewhere)));
  CHECK(!fs::exists(t.places.run(t.p.runs[0]) / ("b.npy" + dead)));
  CHECK(!fs::exists(t.places.run(t.p.runs[0]) / ("b.npy" + elsewhere)));  // its directory was locked
}

TEST_CASE("results name what made them, and the report warns where that is not one thing") {
  small_study t;
  t.run();
  auto const alike = collect_results(t.s, t.data, t.p, t.places, t.lab);
  REQUIRE(alike.makers.size() == 1);
  CHECK(alike.makers[0].device == "pretended");
  CHECK_THAT(alike.makers[0].build, Contains("papillon " PAPILLON_VERSION));
  CHECK(alike.makers[0].tasks.size() == 6 * 3 + 3 + 32);  // networks; the paper's attacks; those of the list
  auto const file = t.places.result(t.p.runs[0]);
  auto const seal = *read_seal(file);
  write_part(file, seal.work, read_part<network_result>(file, seal.work), {seal.made_by.build, "seq, 1 lanes"},
      t.places.data(t.p, t.p.tasks[0]));
  auto const mixed = collect_results(t.s, t.data, t.p, t.places, t.lab);
  REQUIRE(mixed.makers.size() == 2);
  REQUIRE(mixed.warnings.size() == alike.warnings.size() + 1);
  CHECK_THAT(mixed.warnings[0], Contains("not all made alike") && Contains("seq, 1 lanes") && Contains("pretended"));
}
