// SPDX-License-Identifier: MIT
/// \file small_study.hpp
/// A study of three networks whose laboratory pretends: it writes the files that a study has, and keeps a list of what
/// it was asked for.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/privacy/samples.hpp>

#include <study/executor.hpp>
#include <study/finished_discriminators.hpp>
#include <study/presets.hpp>

#include "support/temporary_directory.hpp"

namespace papillon::study::test {

namespace fs = std::filesystem;

/// Writes down what it is asked for, and writes the files that the executor looks for.
class pretending final : public laboratory {
 public:
  mutable std::vector<std::string> done;
  std::string fails_at;
  errc failure = errc::failed;
  int cause = 0;
  bool copies = false;                                    ///< whether the first reference is the target
  mutable std::vector<std::vector<std::uint8_t>> labels;  ///< that it was asked to train on

  std::string device = "pretended";
  mutable int failed = 0;  ///< how often it did as asked

  std::string description() const override { return device; }
  network_size size_of(configuration const& c) const override { return {1000, 1000 - 100 * c.rounds(), 1e6}; }
  double images_per_second(configuration const&) const override { return 100; }
  network_result train(run_order const& o, observer&, std::atomic<bool> const* stop) const override {
    check_interruption(stop);
    auto const what = "train " + o.run->configuration.name + " " + o.run->cohort.name();
    if (what == fails_at) {
      ++failed;
      throw error(failure, "as asked", cause);
    }
    if (!o.parent.empty()) require(o.parent / "result.json");
    done.push_back(what);
    if (auto const& own = o.data->images().labels; std::ranges::find(labels, own) == labels.end())
      labels.push_back(own);
    network_result r;
    r.epochs = 2;
    r.best_epoch = o.run->configuration.rounds();
    return r;
  }
  /// Right on its trained images and on a part of the others, smaller by every round of pruning; how far right differs
  /// among references and seeds.
  int ask(run_order const& o, std::atomic<bool> const*) const override {
    require(o.directory / "result.json");
    done.push_back("ask " + o.run->configuration.name + " " + o.run->cohort.name());
    auto const images = asked_images(o.data->split);
    auto const who = copies && o.run->cohort.reference == 0 ? cohort{} : o.run->cohort;
    auto const trained = images_of(*o.data, who, o.run->seed).trained;
    auto logits = xt::xtensor<float, 3>::from_shape({1, images.size(), 10});
    for (std::size_t i = 0; i < images.size(); ++i) {
      bool const member = std::ranges::binary_search(trained, images[i]);
      auto const shift = images[i] * 7 + 5 * static_cast<std::size_t>(who.reference + 1) + 3 * o.run->seed;
      for (std::size_t c = 0; c < 10; ++c) logits(0, i, c) = 0.01f * static_cast<float>((shift + c * 3) % 11);
      auto const part = static_cast<std::uint32_t>(4 - o.run->configuration.rounds());
      if (member || images[i] % part != 0) logits(0, i, o.data->images().labels[images[i]]) += member ? 5.0f : 3.0f;
    }
    io::write_npy(o.outputs, logits);
    return 1;
  }
  void measure(run_order const& o, std::atomic<bool> const*) const override {
    require(o.directory / "result.json");
    done.push_back("measure " + o.run->configuration.name + " " + o.run->cohort.name());
    auto const [images, members] =
        attacked_images_of(o.data->split.roles[static_cast<std::size_t>(o.run->cohort.role)]);
    privacy::samples all{
        xt::xtensor<float, 2>::from_shape({images.size(), 30}), std::vector<std::uint8_t>(images.size())};
    std::fill_n(all.members.begin(), members, std::uint8_t{1});
    for (std::size_t i = 0; i < images.size(); ++i)
      for (std::size_t j = 0; j < 30; ++j) all.features(i, j) = static_cast<float>(i < members ? 0 : 1);
    privacy::write_samples(o.features, all);
  }
  seed_result attack(attack_order const& o, std::atomic<bool> const*) const override {
    require(o.target_features);
    require(o.shadow_features);
    auto const what = "attack " + std::to_string(o.seed);
    if (o.kept) o.kept->keep("all", 0, {{"30 lr 0.01", 60, 61, {}}, {0.5f}});
    if (what == fails_at) throw error(failure, "as asked");
    done.push_back(what);
    seed_result r;
    discriminator_result d;
    d.name = "30 lr 0.01";
    d.holdout_accuracy = 60;
    d.target.accuracy = 62;
    r.all.discriminators = r.strict.discriminators = {d};
    auto const rows = strict_rows(o.data->split.target());
    auto scores = xt::xtensor<float, 2>::from_shape({rows.size(), 1});
    for (std::size_t i = 0; i < rows.size(); ++i) scores(i, 0) = i % 3 == 0 ? -1.0f : 1.0f;
    io::write_npy(o.scores, scores);
    return r;
  }

 private:
  /// Not by an assertion: several workers ask at the same time.
  static void require(fs::path const& file) {
    if (!fs::exists(file)) throw std::logic_error("the executor forgot " + file.string());
  }
};

class listening final : public observer {
 public:
  std::vector<std::string> notes, summaries;
  std::vector<study_progress> begun;
  void begin(plan const&, task const&, study_progress const& p) override { begun.push_back(p); }
  void summarised(configuration_result const& c) override { summaries.push_back(c.name); }
  void note(std::string const& text) override { notes.push_back(text); }
};

/// A study of dense, one round and one butterfly, one seed.
struct small_study {
  papillon::test::temporary_directory here;
  settings s = preset_settings("smoke");
  study_data data = load_study_data(s, "");
  plan p = make_plan(s, data.identity());
  layout places{here.path()};
  pretending lab;
  listening watcher;
  std::atomic<bool> stop{false};
  working_ways ways = in_no_time();

  static working_ways in_no_time() {
    working_ways w;
    w.first_wait = w.pause = std::chrono::milliseconds(1);
    w.longest_wait = std::chrono::milliseconds(20);
    return w;
  }

  void run() {
    bool reported = false;
    executor(s, data, p, places, lab, watcher, &stop, ways).run({p.tasks.size() - 1}, [&](auto const&) {
      reported = true;
    });
    CHECK(reported);
  }
  errc run_to_error() {
    try {
      executor(s, data, p, places, lab, watcher, &stop, ways).run({p.tasks.size() - 1});
    } catch (error const& e) {
      return e.code();
    }
    FAIL("no error");
    return {};
  }
};

}  // namespace papillon::study::test
