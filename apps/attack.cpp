// SPDX-License-Identifier: MIT
// papillon attack: trains what is missing of one experiment's target and shadow, and attacks the one with the other by
// every attack of the list; or attacks a network of another program with a shadow of another program, and the shadow
// with the target.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <xtensor/xtensor.hpp>

#include <papillon/data/placed.hpp>
#include <papillon/error.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/privacy/samples.hpp>
#include <study/attack_names.hpp>
#include <study/directories.hpp>
#include <study/listed_attack.hpp>
#include <study/part_file.hpp>

#include "interruption.hpp"
#include "laboratories.hpp"
#include "workplace.hpp"

namespace papillon::app {

namespace {

std::string shown(int decimals, double x) {
  if (study::is_missing(x)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, x);
  return text;
}

void print_columns() {
  std::printf("%-22s %-8s %10s %10s   %-16s %-14s %s\n", "attack", "on", "hold-out", "accuracy", "AUC", "found at 1 %",
      "at 0.1 %");
}

void print(std::string const& attack, study::attack_experiment const& e) {
  auto const at = [&](double allowed) {
    auto const& p = *std::ranges::find(e.found, allowed, &study::operating_point::allowed);
    return study::is_missing(p.rate) ? std::string("-") : message(shown(2, p.rate), " (", p.mistakes, ")");
  };
  std::printf("%-22s %-8s %10s %10s   %-16s %-14s %s\n", attack.c_str(), e.role.c_str(),
      shown(2, e.holdout_accuracy).c_str(), shown(2, e.accuracy).c_str(),
      message(shown(3, e.auc), " +- ", shown(3, e.auc_error)).c_str(), at(.01).c_str(), at(.001).c_str());
}

void print_legend() {
  std::puts("Accuracies and members found in %; in parentheses others taken for members; -: too few others.");
}

/// The experiment of two networks in files. What they answer and the scores of every attack go to
/// OUT/networks-of-others.
class experiment_of_others {
 public:
  explicit experiment_of_others(options const& o)
      : options_(o), settings_(settings_with_shadow(o)), data_(study::load_study_data(settings_, o.data)),
        tools_(make_network_tools(o.device, o.threads)), places_(out_of(o) / "networks-of-others") {
    auto const& all = settings_.attack.list;
    std::ranges::copy_if(all, std::back_inserter(list_),
        [](auto const& name) { return study::attack_of(name).needs != study::attack_need::references; });
    seed_ = seed_of(o, settings_);
  }

  void run() const {
    study::make_directory(places_);
    auto const needs = [&](auto const& test) { return std::ranges::any_of(list_, test); };
    study::attack_inputs in;
    in.settings = &settings_;
    in.data = &data_;
    in.seed = seed_;
    in.before_network = before_part_;
    for (std::size_t role = 0; role < 2; ++role) {
      in.outputs[role] = ask(role);
      in.of_role[role] = {in.outputs[role]};
    }
    if (needs([](auto const& name) { return study::attack_of(name).needs == study::attack_need::features; }))
      for (std::size_t role = 0; role < 2; ++role) in.features[role] = measure(role);
    study::seed_result discriminators;
    bool const nine = needs([](auto const& name) { return name == "nine"; });
    study::attack_order order{&settings_, &data_, seed_, in.features[0], in.features[1], {}};
    if (nine) {
      order.scores = in.discriminator_scores = places_ / "discriminators.npy";
      discriminators = make_laboratory(options_.device, options_.threads)->attack(order, &stop_);
      in.discriminators = &discriminators;
    }
    if (needs([](auto const& name) { return name == "samia"; }))
      in.samia = make_laboratory(options_.device, options_.threads)->samia(order, &stop_);
    print_head();
    for (auto const& name : list_) attack(name, in);
    print_legend();
    if (nine) print_discriminators(discriminators);
  }

 private:
  [[nodiscard]] static study::settings settings_with_shadow(options const& o) {
    auto s = settings_of(o);
    if (s.data.split == study::image_split::archive)
      throw error(errc::usage,
          "data.split = archive has no images for a shadow network (all are the target's) set "
          "data.split=four");
    return s;
  }

  [[nodiscard]] data::split const& split() const { return data_.split_for(seed_); }
  [[nodiscard]] std::filesystem::path const& network(std::size_t role) const {
    return role == 0 ? options_.target : options_.shadow;
  }
  [[nodiscard]] std::filesystem::path file(std::string const& what, std::size_t role) const {
    return places_ / message(what, "-", to_string(static_cast<study::role>(role)), ".npy");
  }

  /// Logits of all images of the split, [queries][images][classes].
  [[nodiscard]] std::filesystem::path ask(std::size_t role) const {
    auto const asked = study::asked_images(split());
    std::vector<std::uint32_t> all(asked.size());
    std::iota(all.begin(), all.end(), 0U);
    std::vector<float> answers;
    auto const placements = data::query_placements(settings_.train.augment ? settings_.attack.queries : 1);
    for (auto const& placement : placements) {
      auto const logits = tools_->outputs(network(role), data::placed(data_.images(), asked, placement), all,
          study::normalisation_of(settings_), before_part_);
      answers.insert(answers.end(), logits.begin(), logits.end());
    }
    auto table = xt::xtensor<float, 3>::from_shape(
        {placements.size(), asked.size(), answers.size() / (placements.size() * asked.size())});
    std::ranges::copy(answers, table.data());
    io::write_npy(file("outputs", role), table);
    return file("outputs", role);
  }

  [[nodiscard]] std::filesystem::path measure(std::size_t role) const {
    privacy::write_samples(file("features", role),
        tools_->measure(network(role), data_.images(), study::attacked_images_of(split().roles[role]),
            study::normalisation_of(settings_), {settings_.attack.epsilon, settings_.attack.draws},
            {seed_, static_cast<std::uint32_t>(role), random::purpose::noise, 0}, before_part_));
    return file("features", role);
  }

  /// Runs an attack of the list: a line for each network, and its scores in a file.
  void attack(std::string const& name, study::attack_inputs const& in) const {
    auto const found = study::run_listed_attack(name, in);
    for (std::size_t i = 0; i < found.judged.size(); ++i) {
      auto const& e = found.result.experiments[i];
      study::write_scores(file(name, e.role == "target" ? 0 : 1), found.judged[i]);
      print(name, e);
    }
  }

  void print_head() const {
    auto const &target = split().target(), &shadow = split().shadow();
    std::printf("%zu members and %zu others of the target, %zu and %zu of the shadow\n", target.trained.size(),
        target.strict_test.size(), shadow.trained.size(), shadow.strict_test.size());
    print_columns();
  }

  static void print_discriminators(study::seed_result const& found) {
    std::printf("\n%-24s %10s %10s %10s   (%% of members and others told apart; strict: trained images only)\n",
        "discriminator", "hold-out", "target", "strict");
    for (std::size_t i = 0; i < found.all.discriminators.size(); ++i) {
      auto const& d = found.all.discriminators[i];
      std::printf("%-24s %10.2f %10.2f %10.2f\n", d.name.c_str(), d.holdout_accuracy, d.target.accuracy,
          found.strict.discriminators[i].target.accuracy);
    }
  }

  options const& options_;
  study::settings settings_;
  study::study_data data_;
  std::unique_ptr<study::network_tools> tools_;
  std::filesystem::path places_;
  std::vector<std::string> list_;  // attacks that need no more than two networks
  std::uint64_t seed_ = 0;
  std::atomic<bool> const& stop_ = interruption();
  std::function<void()> before_part_ = [this] { study::check_interruption(&stop_); };
};

}  // namespace

namespace {

/// All attacks on one network of a study, and what they need.
void attack_in_study(options const& o) {
  workplace const here(o);
  auto const& p = here.plan();
  auto const configuration = study::find_configuration(here.settings(), o.configuration);
  auto const papers =
      here.find_task(study::task_kind::attack, configuration, study::role::target, seed_of(o, here.settings()));
  auto const subject = p.tasks[papers].subject;
  std::vector<std::size_t> tasks{papers};
  for (std::size_t i = 0; i < p.tasks.size(); ++i)
    if (p.tasks[i].kind == study::task_kind::listed_attack && p.tasks[i].subject == subject) tasks.push_back(i);
  if (o.dry_run) return here.show(tasks);
  here.run(tasks);
  auto const& e = p.experiments[subject];
  print_columns();
  for (std::size_t item = 0; item < e.listed.size(); ++item) {
    auto const& [name, identity] = e.listed[item];
    if (!study::is_attack(name)) continue;
    for (auto const& found :
        study::read_part<study::listed_attack>(here.places().attack(p, e, item), identity).experiments)
      print(name, found);
  }
  print_legend();
}

}  // namespace

void attack(options const& o) { o.target.empty() ? attack_in_study(o) : experiment_of_others(o).run(); }

}  // namespace papillon::app
