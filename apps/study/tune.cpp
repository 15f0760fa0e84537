// SPDX-License-Identifier: MIT
#include <study/tune.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/sha256.hpp>

#include <study/configuration.hpp>
#include <study/directories.hpp>
#include <study/part_file.hpp>
#include <study/results.hpp>
#include <study/results_json.hpp>

namespace papillon::study {

namespace {

/// "train.learning_rate=0.3 train.weight_decay=0.001".
std::string changes_text(overlay const& point) {
  std::string text;
  for (auto const& [key, value] : point.changes) text += message(text.empty() ? "" : " ", key, "=", value);
  return text;
}

std::string two_decimals(double x, int width) {
  char text[32];
  std::snprintf(text, sizeof text, "%*.2f", width, x);
  return text;
}

std::vector<overlay> points_of(std::string const& configuration, std::vector<grid_axis> const& grid) {
  std::vector<overlay> points(1);
  for (auto const& axis : grid) {
    std::vector<overlay> more;
    for (auto const& point : points)
      for (auto const& value : axis.values) more.emplace_back(point).changes.emplace_back(axis.key, value);
    points = std::move(more);
  }
  // The letter keeps the number from being read as a round of pruning.
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].like = configuration;
    points[i].name = message(configuration, i < 9 ? "-p0" : "-p", i + 1);
  }
  return points;
}

/// The targets of a configuration, by seed.
std::vector<std::pair<std::uint64_t, std::size_t>> targets_of(plan const& p, std::string const& configuration) {
  std::vector<std::pair<std::uint64_t, std::size_t>> runs;
  for (experiment const& e : p.experiments)
    if (p.configurations[e.configuration].name == configuration) runs.emplace_back(e.seed, e.target.run);
  return runs;
}

/// A point that is another's training would be a tie that says nothing.
void refuse_equals(tuning const& t) {
  auto const p = make_plan(t.settings, {});
  std::map<std::size_t, overlay const*> points;  // by run
  for (auto const& point : t.points) {
    auto const [first, is_new] = points.emplace(targets_of(p, point.name).front().second, &point);
    if (!is_new)
      throw error(errc::usage,
          message("'", changes_text(*first->second), "' and '", changes_text(point), "' are the same training of ",
              t.configuration, " (what differs does not matter to it) leave out one of them"));
  }
}

tuned_point point_result(overlay const& description, plan const& p, layout const& places) {
  tuned_point point;
  point.description = description;
  for (auto const& [seed, index] : targets_of(p, description.name)) {
    study::run const& r = p.runs[index];
    auto const file = places.result(r);
    auto const trained = read_part<network_result>(file, r.identity);
    auto const& accuracies = trained.curve.validation_accuracy;
    if (trained.best_epoch < 0 || static_cast<std::size_t>(trained.best_epoch) >= accuracies.size())
      throw error(errc::bad_input, message(file.string(), " cannot be used (it has no validation accuracy of its best ",
                                       "epoch) remove it to do its work again"));
    auto const best = accuracies[static_cast<std::size_t>(trained.best_epoch)];
    point.runs.push_back({seed, places.run(r), trained.best_epoch, best});
    point.validation_accuracy += best;
  }
  point.validation_accuracy /= static_cast<double>(point.runs.size());
  return point;
}

identity identity_of(tuning const& t, plan const& p) {
  std::vector<std::string> trainings;
  for (auto const& point : t.points)
    for (auto const& target : targets_of(p, point.name)) trainings.push_back(p.runs[target.second].identity.hash);
  std::ranges::sort(trainings);
  std::string text = message("papillon tune\nconfiguration ", t.configuration, "\n");
  for (auto const& hash : trainings) text += "training " + hash + "\n";
  auto hash = io::sha256_hex(std::string_view(text));
  return {std::move(text), std::move(hash)};
}

nlohmann::ordered_json to_json(tuned_point const& point, std::filesystem::path const& out) {
  nlohmann::ordered_json settings = nlohmann::ordered_json::object(), runs = nlohmann::ordered_json::array();
  for (auto const& [key, value] : point.description.changes) settings[key] = value;
  for (auto const& r : point.runs)
    runs.push_back({{"seed", r.seed}, {"directory", r.directory.lexically_relative(out).string()},
        {"best_epoch", r.best_epoch}, {"validation_accuracy", r.validation_accuracy}});
  return {{"name", point.description.name}, {"settings", settings}, {"validation_accuracy", point.validation_accuracy},
      {"tied", point.tied}, {"runs", runs}};
}

}  // namespace

tuning make_tuning(settings const& s, std::string const& configuration, std::vector<grid_axis> const& grid) {
  (void)resolve(s, configuration);
  tuning t{configuration, points_of(configuration, grid), s};
  if (s.data.validation == 0)
    throw error(errc::usage,
        "data.validation = 0 leaves nothing to tune by (test images are not looked at) set data.validation=1000");
  for (auto const& point : t.points) {
    if (std::ranges::find(s.configurations, point.name, &overlay::name) != s.configurations.end())
      throw error(errc::usage, message("configuration ", point.name,
                                   " is described already (points of the grid are called so) call it otherwise"));
    t.settings.configurations.push_back(point);
  }
  t.settings.study.attack = false;
  t.settings.study.configurations.clear();
  check_together(t.settings);
  for (auto const& point : t.points)
    if (resolve(t.settings, point.name).settings.train.epochs == 0)
      throw error(errc::usage, message("configuration ", point.name,
                                   ": train.epochs = 0 gives no validation accuracy (nothing is trained) take more"));
  refuse_equals(t);
  return t;
}

std::vector<std::size_t> tuning_tasks(tuning const& t, plan const& p) {
  std::vector<char> wanted(p.runs.size());
  for (auto const& point : t.points)
    for (auto const& target : targets_of(p, point.name)) wanted[target.second] = 1;
  std::vector<std::size_t> tasks;
  for (std::size_t i = 0; i < p.tasks.size(); ++i)
    if (p.tasks[i].kind == task_kind::training && wanted[p.tasks[i].subject] != 0) tasks.push_back(i);
  return tasks;
}

std::vector<std::string> tuning_result::assignments() const {
  std::vector<std::string> all;
  for (auto const& [key, value] : points.front().description.changes)
    all.push_back(message("configurations.", configuration, ".", key, "=", value));
  return all;
}

tuning_result collect_tuning(tuning const& t, plan const& p, layout const& places) {
  tuning_result found;
  found.configuration = t.configuration;
  found.identity = identity_of(t, p);
  found.validation_images = t.settings.data.validation;
  for (auto const& point : t.points) found.points.push_back(point_result(point, p, places));
  std::ranges::stable_sort(found.points, std::greater{}, &tuned_point::validation_accuracy);
  auto const best = found.points.front().validation_accuracy;
  found.standard_error = std::sqrt(best * (100 - best) / found.validation_images);
  for (auto& point : found.points) point.tied = best - point.validation_accuracy <= found.standard_error;
  return found;
}

std::string points_text(tuning const& t) {
  std::string text;
  for (auto const& point : t.points) text += message(point.name, "  ", changes_text(point), "\n");
  return text;
}

std::string table(tuning_result const& found) {
  auto const seeds = found.points.front().runs.size();
  auto text = message("validation accuracy of ", found.configuration, " at the best epoch, ", found.validation_images,
      " images", seeds == 1 ? "" : message(", mean over ", seeds, " seeds"), "\n");
  for (auto const& point : found.points)
    text += message(point.description.name, "  ", two_decimals(point.validation_accuracy, 6), " %  ",
        (&point == &found.points.front() ? "best  "
            : point.tied                 ? "tied  "
                                         : "      "),
        changes_text(point.description), "\n");
  text += message(
      "tied: at most one standard error of the best, ", two_decimals(found.standard_error, 0), " points, below it\n");
  std::string options;
  for (auto const& assignment : found.assignments()) options += (options.empty() ? "--set " : " --set ") + assignment;
  return text + options + "\n";
}

std::filesystem::path write_tuning(tuning_result const& found, layout const& places) {
  nlohmann::ordered_json points = nlohmann::ordered_json::array();
  for (auto const& point : found.points) points.push_back(to_json(point, places.out()));
  nlohmann::ordered_json const document{{"sha256", found.identity.hash}, {"identity", found.identity.text},
      {"configuration", found.configuration}, {"validation_images", found.validation_images},
      {"standard_error", found.standard_error}, {"assignments", found.assignments()}, {"points", points}};
  make_directory(places.tunings());
  auto file = places.tunings() / message(found.configuration, "-", found.identity.short_hash(), ".json");
  io::write_atomically(file, document_text(document));
  return file;
}

}  // namespace papillon::study
