// SPDX-License-Identifier: MIT
#include <study/settings.hpp>

#include <algorithm>
#include <functional>

#include <papillon/data/placed.hpp>
#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/configuration.hpp>
#include <study/image_kind.hpp>
#include <study/text.hpp>

namespace papillon::study {

std::vector<int> hidden_layers(std::string_view word, std::string_view key) {
  std::vector<int> layers;
  for (auto rest = word; layers.empty() || !rest.empty();) {
    auto const dash = rest.find('-');
    int neurons = 0;
    if (!read_number(rest.substr(0, dash), neurons) || neurons < 1 || neurons > 10000 || dash == rest.size() - 1)
      throw error(errc::usage, message("'", word, "' is no value for ", key,
                                   " (1 to 10000 neurons a layer, separated by '-') it takes for example 100-100-100"));
    layers.push_back(neurons);
    rest = dash == std::string_view::npos ? std::string_view{} : rest.substr(dash + 1);
  }
  return layers;
}

evaluated_weights evaluated_weights_of(std::string_view word) {
  using enum evaluated_weights::choice;
  evaluated_weights w;
  auto const number = word.substr(std::min(word.size(), word.find(':')));
  if (word == "best") return w;
  if (word == "last") w.which = last;
  else if (word.starts_with("epoch:") && read_number(number.substr(1), w.epoch) && w.epoch >= 0) w.which = epoch;
  else if (word.starts_with("first:") && read_number(number.substr(1), w.accuracy)) w.which = first;
  else
    throw error(errc::usage, message("'", word,
                                 "' is no value for train.evaluate (it names no weights of a training) it "
                                 "takes best, last, epoch:N or first:PERCENT"));
  return w;
}

namespace {

template <class T> bool has_twice(std::vector<T> list) {
  std::sort(list.begin(), list.end());
  return std::adjacent_find(list.begin(), list.end()) != list.end();
}

/// What differential privacy asks of a training; `refuse` ends with a text, `text` gives a key with its value.
template <class Refuse, class Text> void check_privacy(settings const& s, Refuse const& refuse, Text const& text) {
  auto const given = text(s.dp.epsilon ? "dp.epsilon" : "dp.noise");
  if (s.dp.freeze && !is_private(s))
    refuse(text("dp.freeze") + " belongs to private trainings (dp.noise and dp.epsilon are none) give one of them");
  if (!is_private(s)) return;
  if (s.dp.epsilon && s.dp.noise)
    refuse(text("dp.noise") + " cannot be together with " + text("dp.epsilon") +
           " (either follows from the other) "
           "set one of them to none");
  if (s.model.norm == norm::batch && s.model.hidden.empty())
    refuse(given + " cannot be together with " + text("model.norm") +
           " (batch norm mixes the images of a batch: none has a gradient of its own) set model.norm=group");
  if (s.train.evaluate != "last")
    refuse(given + " cannot be together with " + text("train.evaluate") +
           " (what is chosen by looking at images is not accounted for) set train.evaluate=last");
  if (s.train.patience >= 0)
    refuse(given + " cannot be together with " + text("train.patience") +
           " (an end that is chosen by looking at images is not accounted for) set train.patience=-1");
  if (s.train.pair_penalty > 0)
    refuse(given + " cannot be together with " + text("train.pair_penalty") +
           " (it is about two images: none has a gradient of its own) leave one of them out");
  if (s.train.adversary > 0)
    refuse(given + " cannot be together with " + text("train.adversary") +
           " (what the adversary has seen is not accounted for) leave one of them out");
  if (s.prune.rounds > 0)
    refuse(given + " cannot be together with " + text("prune.rounds") +
           " (the trainings that found the mask spend, too) set dp.freeze for a mask that looks at nothing");
  if (s.dp.freeze && s.model.weights != weight_structure::dense)
    refuse(text("dp.freeze") + " cannot be together with " + text("model.weights") +
           " (a mask is of dense weights) choose one of them");
}

template <class Refuse, class Text> void check_adversary(settings const& s, Refuse const& refuse, Text const& text) {
  if (s.train.adversary == 0) return;
  auto const given = text("train.adversary");
  if (s.data.validation == 0)
    refuse(given + " has nobody to compare trained images with (" + text("data.validation") + ") hold some back");
  if (s.train.pair_penalty > 0)
    refuse(given + " cannot be together with " + text("train.pair_penalty") +
           " (each is a defence of its own) choose one of them");
  if (s.study.attack && s.attack.members == counted_members::all)
    refuse(
        given + " cannot be together with " + text("attack.members") +
        " (validation images, which it counts as members, were not to be taken for such) set attack.members=trained");
}

/// What ADMM asks of the training that it prunes, and of the one that it prunes to.
template <class Refuse, class Text> void check_admm(settings const& s, Refuse const& refuse, Text const& text) {
  if (s.prune.criterion == pruning_criterion::admm && s.prune.rounds > 1)
    refuse(text("prune.criterion") + " cannot be together with " + text("prune.rounds") +
           " (it finds its mask in one training) set prune.rounds=1 and prune.fraction to all that goes");
  if (s.train.pull == 0) return;
  auto const given = text("train.pull");
  if (s.prune.rounds > 0)
    refuse(given + " cannot be together with " + text("prune.rounds") +
           " (it comes before pruning) set prune.criterion=admm for a training before that has it");
  if (s.model.weights != weight_structure::dense)
    refuse(given + " cannot be together with " + text("model.weights") +
           " (only dense networks are pruned) choose one of them");
  if (is_private(s))
    refuse(
        given + " cannot be together with private training (which cannot go on after pruning) leave one of them out");
}

template <class Refuse, class Text> void check_audit(settings const& s, Refuse const& refuse, Text const& text) {
  if (s.audit.canaries == 0) return;
  auto const with = [&](std::string_view other, char const* why) {
    refuse(text("audit.canaries") + " cannot be together with " + text(other) + why);
  };
  if (s.data.split == image_split::archive)
    with("data.split", " (canaries are test images of the four-way split) set data.split=four");
  if (s.audit.canaries > s.data.validation)
    refuse(text("audit.canaries") + " are more than the strict reading leaves out of D_test (" +
           text("data.validation") + ") take fewer");
  if (s.attack.references > 0)
    with("attack.references", " (they are trained on canaries, too) give the configuration with canaries none");
  if (s.audit.labels == canary_labels::wrong && s.train.labels == training_labels::random)
    with("train.labels", " (every label is wrong then) choose one of them");
  if (s.audit.labels == canary_labels::wrong && s.study.splits == drawn_splits::seed)
    with("study.splits", " (an image would have another label in each split) set audit.labels=given");
}

/// What a perceptron has not got: whatever is asked of it in vain is refused rather than passed over.
template <class Refuse, class Text> void check_perceptron(settings const& s, Refuse const& refuse, Text const& text) {
  if (s.model.hidden.empty()) return;
  (void)hidden_layers(s.model.hidden, "model.hidden");
  auto const with = [&](std::string_view other, std::string const& why) {
    refuse(text(other) + " cannot be together with " + text("model.hidden") + why);
  };
  if (s.model.weights != weight_structure::dense)
    with("model.weights", " (chains are of convolutions, and a perceptron has none) leave the configuration out");
  settings const defaults;
  for (std::string_view const name :
      {"model.depth", "model.width", "model.shortcut", "model.norm", "train.convolution", "train.storage"})
    if (get(s, name) != get(defaults, name))
      with(name, message(" (it is of a ResNet, and means nothing for a perceptron) set ", name, "=",
                     to_text(get(defaults, name))));
  if (s.prune.fc_fraction)
    with("prune.fc_fraction", " (all layers of a perceptron are fully connected) set prune.fraction instead");
}

/// What the settings of one configuration must agree on.
void check_network(configuration const& c) {
  settings const& s = c.settings;
  auto const refuse = [&](std::string const& what) {
    throw error(errc::usage, c.name == "dense" ? what : message("configuration ", c.name, ": ", what));
  };
  auto const text = [&](std::string_view name) { return std::string(name) + " = " + to_text(get(s, name)); };
  image_kind const& images = kind_of(s.data.source);
  bool const grey = images.extent.channels == 1;
  auto const check_channels = [&](std::string_view name, std::size_t items, std::string_view usual) {
    if (items == static_cast<std::size_t>(images.extent.channels)) return;
    refuse(message(text(name), " has not one item for each channel of ", images.name, " (",
        grey ? "it is grey" : "red, green and blue", ") ", grey ? message("set ", name, "=", usual) : "give three"));
  };
  auto const some = [&](std::string const& name, bool empty) {
    if (empty) refuse(name + " is empty (there would be no discriminator) give at least one");
  };
  check_perceptron(s, refuse, text);
  if ((s.model.depth - 2) % 6 != 0)
    refuse(text("model.depth") + " is no ResNet (a depth is 6 n + 2) take 8, 14, 20, 32, 44, 56 or 110");
  if (std::ranges::adjacent_find(s.train.milestones, std::greater_equal<>{}) != s.train.milestones.end())
    refuse(text("train.milestones") + " does not increase (each is an epoch later than the one before) sort it");
  check_channels("normalisation.mean", s.normalisation.mean.size(), "0.1307");
  check_channels("normalisation.deviation", s.normalisation.deviation.size(), "0.3081");
  if (c.rounds() > 0 && c.structured())
    refuse(text("prune.rounds") + " cannot be together with " + text("model.weights") +
           " (only dense networks are pruned) choose one of them");
  if (s.model.norm == norm::group && s.model.width % s.model.groups != 0)
    refuse(text("model.groups") + " does not divide " + text("model.width") +
           " (groups have the same number of channels) take a divisor");
  check_privacy(s, refuse, text);
  check_adversary(s, refuse, text);
  check_admm(s, refuse, text);
  check_audit(s, refuse, text);
  if (s.attack.references % 2 != 0)
    refuse(
        text("attack.references") + " is odd (references come in pairs of complementary halves) take an even number");
  if (s.attack.references == 2)
    refuse(text("attack.references") +
           " are too few (an image has one reference with and one without it, which have no deviation) take 4 or more");
  (void)data::query_placements(s.attack.queries);
  for (auto const& word : s.attack.hidden) (void)hidden_layers(word);
  (void)evaluated_weights_of(s.train.evaluate);
  some("attack.learning_rates", s.attack.learning_rates.empty());
  some("attack.hidden", s.attack.hidden.empty());
}

}  // namespace

void check_together(settings const& s) {
  auto const refuse = [](std::string const& what) { throw error(errc::usage, what); };
  auto const text = [&](std::string_view name) { return std::string(name) + " = " + to_text(get(s, name)); };
  auto const twice = [&](std::string_view name) {
    refuse(text(name) + " has an item twice (each is run once) remove it");
  };
  image_kind const& images = kind_of(s.data.source);
  bool const archive = s.data.split == image_split::archive;
  if (!archive && s.data.validation >= s.data.subset)
    refuse(text("data.validation") + " leaves no image to train on (" + text("data.subset") + ") take less");
  if (s.study.seeds.empty()) refuse("study.seeds is empty (there would be no experiment) give at least one seed");
  if (has_twice(s.study.seeds)) twice("study.seeds");
  if (has_twice(s.attack.list)) twice("attack.list");
  if (archive && s.study.attack)
    refuse("data.split = archive has no shadow data (study.attack = true needs it) set study.attack=false");
  if (archive && images.training == 0)
    refuse(
        "data.split = archive is a data set's own division (" + text("data.source") + " has none) set data.split=four");
  if (configuration_names(s).empty())
    refuse("study.configurations is empty (there would be nothing to train) name at least one");
  for (auto const& c : configurations(s)) check_network(c);
}

}  // namespace papillon::study
