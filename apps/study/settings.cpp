// SPDX-License-Identifier: MIT
#include <study/settings.hpp>

#include <algorithm>
#include <functional>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/image_kind.hpp>
#include <study/text.hpp>

namespace papillon::study {

std::vector<int> hidden_layers(std::string_view word) {
  std::vector<int> layers;
  for (auto rest = word; layers.empty() || !rest.empty();) {
    auto const dash = rest.find('-');
    int neurons = 0;
    if (!read_number(rest.substr(0, dash), neurons) || neurons < 1 || neurons > 10000 || dash == rest.size() - 1)
      throw error(errc::usage, message("'", word,
                                   "' is no value for attack.hidden (1 to 10000 neurons a layer, separated by '-') "
                                   "it takes for example 100-100-100"));
    layers.push_back(neurons);
    rest = dash == std::string_view::npos ? std::string_view{} : rest.substr(dash + 1);
  }
  return layers;
}

namespace {

template <class T> bool has_twice(std::vector<T> list) {
  std::sort(list.begin(), list.end());
  return std::adjacent_find(list.begin(), list.end()) != list.end();
}

}  // namespace

void check_together(settings const& s) {
  auto const refuse = [](std::string const& what) { throw error(errc::usage, what); };
  auto const text = [&](std::string_view name) { return std::string(name) + " = " + to_text(get(s, name)); };
  auto const twice = [&](std::string_view name) {
    refuse(text(name) + " has an item twice (each is run once) remove it");
  };
  image_kind const& images = kind_of(s.data.source);
  bool const grey = images.extent.channels == 1, archive = s.data.split == image_split::archive;
  auto const check_channels = [&](std::string_view name, std::size_t items, std::string_view usual) {
    if (items == static_cast<std::size_t>(images.extent.channels)) return;
    refuse(message(text(name), " has not one item for each channel of ", images.name, " (",
        grey ? "it is grey" : "red, green and blue", ") ", grey ? message("set ", name, "=", usual) : "give three"));
  };
  auto const none = [&](std::string const& name) {
    refuse(name + " is empty (there would be no discriminator) give at least one");
  };

  if ((s.model.depth - 2) % 6 != 0)
    refuse(text("model.depth") + " is no ResNet (a depth is 6 n + 2) take 8, 14, 20, 32, 44, 56 or 110");
  if (!archive && s.data.validation >= s.data.subset)
    refuse(text("data.validation") + " leaves no image to train on (" + text("data.subset") + ") take less");
  if (std::ranges::adjacent_find(s.train.milestones, std::greater_equal<>{}) != s.train.milestones.end())
    refuse(text("train.milestones") + " does not increase (each is an epoch later than the one before) sort it");
  if (s.study.seeds.empty()) refuse("study.seeds is empty (there would be no experiment) give at least one seed");
  if (has_twice(s.study.seeds)) twice("study.seeds");
  if (has_twice(s.study.butterflies)) twice("study.butterflies");
  check_channels("normalisation.mean", s.normalisation.mean.size(), "0.1307");
  check_channels("normalisation.deviation", s.normalisation.deviation.size(), "0.3081");
  if (archive && s.study.attack)
    refuse("data.split = archive has no shadow data (study.attack = true needs it) set study.attack=false");
  if (archive && images.training == 0)
    refuse(
        "data.split = archive is a data set's own division (" + text("data.source") + " has none) set data.split=four");
  for (auto const& word : s.attack.hidden) (void)hidden_layers(word);
  if (s.attack.learning_rates.empty()) none("attack.learning_rates");
  if (s.attack.hidden.empty()) none("attack.hidden");
}

}  // namespace papillon::study
