// SPDX-License-Identifier: MIT
#include <study/listed_attack.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include <xtensor/xtensor.hpp>

#include <papillon/error.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/privacy/attack.hpp>
#include <papillon/privacy/calibrated.hpp>
#include <papillon/privacy/canary_guesses.hpp>
#include <papillon/privacy/class_thresholds.hpp>
#include <papillon/privacy/gaussian_audit.hpp>
#include <papillon/privacy/gaussian_mechanism.hpp>
#include <papillon/privacy/lira.hpp>
#include <papillon/privacy/memorisation.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/one_run_audit.hpp>
#include <papillon/privacy/rmia.hpp>
#include <papillon/privacy/roc.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/privacy/signals.hpp>
#include <papillon/privacy/student.hpp>

#include <study/outputs.hpp>

namespace papillon::study {

namespace {

using scores = std::vector<double>;
using flags = std::vector<std::uint8_t>;
using signal = scores (*)(privacy::outputs_view const&);

constexpr double allowed_false_alarms[] = {.1, .01, .001, .0001, 0};
constexpr double allowed_misses[] = {.01, .001};

/// The images that the strict reading judges: members first.
judged_images strict_images(data::split::role const& r) {
  judged_images j{r.trained, flags(r.trained.size(), 1), {}};
  j.images.insert(j.images.end(), r.strict_test.begin(), r.strict_test.end());
  j.members.resize(j.images.size(), 0);
  return j;
}

/// Scores that rank, and scores that a threshold is put on where these are others.
struct scored {
  scores ranked;
  scores decided{};  ///< empty: the same
  [[nodiscard]] scores const& deciding() const { return decided.empty() ? ranked : decided; }
};

/// What is known before the target is looked at.
struct learned {
  double threshold = missing;
  double holdout_accuracy = missing;
};

/// Items of a list by their numbers.
template <class T> std::vector<T> pick(std::vector<T> const& all, std::span<std::uint32_t const> rows) {
  std::vector<T> part;
  for (auto const r : rows) part.push_back(all[r]);
  return part;
}

double best_threshold_of(scores const& s, flags const& members) {
  return privacy::best_threshold(std::span<double const>(s), std::span<std::uint8_t const>(members)).threshold;
}

double accuracy_of(scores const& s, flags const& members, double threshold) {
  return privacy::evaluate_attack(std::span<double const>(s), std::span<std::uint8_t const>(members), threshold)
      .accuracy;
}

/// The best threshold on all images of a network whose members are known, and how good that of a part is on the rest.
learned learn_threshold(scores const& s, flags const& members, double fit_fraction, std::uint64_t seed) {
  auto const split = privacy::split_for_holdout(s.size(), fit_fraction, seed);
  double const of_part = best_threshold_of(pick(s, split.fit()), pick(members, split.fit()));
  return {best_threshold_of(s, members), accuracy_of(pick(s, split.judge()), pick(members, split.judge()), of_part)};
}

/// The same of a threshold for every class: those of a part are judged on the rest, which had no say in any of them.
struct learned_by_class {
  privacy::class_thresholds thresholds;
  double holdout_accuracy;
};
learned_by_class learn_by_class(scores const& s, flags const& members, flags const& labels, std::size_t classes,
    double fit_fraction, std::uint64_t seed) {
  auto const split = privacy::split_for_holdout(s.size(), fit_fraction, seed);
  auto const fit = split.fit(), rest = split.judge();
  auto const of_part = privacy::choose_class_thresholds(pick(s, fit), pick(members, fit), pick(labels, fit), classes);
  auto const judged = of_part.relative(pick(s, rest), pick(labels, rest));
  return {privacy::choose_class_thresholds(s, members, labels, classes), accuracy_of(judged, pick(members, rest), 0)};
}

std::vector<operating_point> points_at(std::span<double const> shares, auto const& read) {
  std::vector<operating_point> all;
  for (double const share : shares) {
    privacy::operating_point const p = read(share);
    operating_point& point = all.emplace_back();
    point.allowed = share;
    point.found = static_cast<int>(p.found.count);
    point.mistakes = static_cast<int>(p.wrong.count);
    if (p.shown) point.rate = 100 * p.found.rate();
  }
  return all;
}

/// Everything that is reported of one attacked network.
void judge(attack_outcome& all, std::uint64_t seed, std::string role, judged_images images, scored const& found,
    learned const& known) {
  attack_experiment e;
  e.seed = seed;
  e.role = std::move(role);
  e.members = static_cast<int>(std::ranges::count(images.members, 1));
  e.others = static_cast<int>(images.members.size()) - e.members;
  e.holdout_accuracy = known.holdout_accuracy;
  std::span<std::uint8_t const> const members(images.members);
  std::span<double const> const deciding(found.deciding());
  e.accuracy = privacy::evaluate_attack(deciding, members, known.threshold).accuracy;
  e.oracle_accuracy = privacy::best_threshold(deciding, members).accuracy;
  privacy::roc_curve const curve(std::span<double const>(found.ranked), members);
  auto const area = curve.auc();
  e.auc = area.value;
  e.auc_error = area.standard_error;
  e.found = points_at(
      allowed_false_alarms, [&](double share) { return curve.true_positive_rate_at(share); });
  e.ruled_out = points_at(allowed_misses, [&](double share) { return curve.true_negative_rate_at(share); });
  auto const& rates = roc_rates();
  all.result.roc.resize(rates.size());
  auto const before = static_cast<double>(all.result.experiments.size());
  for (std::size_t i = 0; i < rates.size(); ++i)
    all.result.roc[i] =
        (all.result.roc[i] * before + 100 * curve.true_positive_rate_at(rates[i]).found.rate()) / (before + 1);
  all.result.experiments.push_back(std::move(e));
  images.scores = found.ranked;
  for (double const s : found.deciding()) images.taken.push_back(s > known.threshold ? 1 : 0);
  all.judged.push_back(std::move(images));
}

/// What all networks of an experiment answer, read once.
class asked_networks {
 public:
  explicit asked_networks(attack_inputs const& in) : in_(&in) {}

  [[nodiscard]] attack_inputs const& in() const { return *in_; }
  [[nodiscard]] network_outputs const& of(std::filesystem::path const& file) {
    if (in_->before_network) in_->before_network();
    auto const found = known_.find(file);
    return found != known_.end() ? found->second : known_.try_emplace(file, file, *in_->data, in_->seed).first->second;
  }
  [[nodiscard]] selected_outputs answers(std::filesystem::path const& file, data::index_list const& images) {
    return of(file).of(images);
  }
  /// f of every network, one after the other: [networks][queries][images].
  template <class F>
  [[nodiscard]] scores each(std::vector<std::filesystem::path> const& files, data::index_list const& images, F f) {
    scores all;
    for (auto const& file : files) {
      auto const selected = answers(file, images);
      auto const values = f(selected.view());
      all.insert(all.end(), values.begin(), values.end());
    }
    return all;
  }

 private:
  attack_inputs const* in_;
  std::map<std::filesystem::path, network_outputs> known_;
};

scores log_p(privacy::outputs_view const& o, double temperature) { return privacy::log_probabilities(o, temperature); }

privacy::lira_settings lira_settings_of(settings const& s, std::size_t references) {
  using enum privacy::lira_variance;
  privacy::lira_settings l;
  auto const& word = s.attack.lira_variance;
  l.variance = word == "pooled" ? pooled : word == "example" ? example : word == "total" ? total : automatic;
  // One network tells nothing about how an image's outcome varies; only all images together do.
  if (word == "automatic" && references < 2) l.variance = total;
  return l;
}

/// Says where a reference is the attacked network: an attack with it finds what it was told.
void note_copies(attack_outcome& all, asked_networks& networks, std::filesystem::path const& attacked,
    std::vector<std::filesystem::path> const& references, data::index_list const& images) {
  auto const mine = networks.answers(attacked, images).logits;
  for (std::size_t k = 0; k < references.size(); ++k)
    if (networks.answers(references[k], images).logits == mine)
      all.notes.push_back(message("reference ", k, " (", references[k].parent_path().filename().string(),
          ") answers what the attacked network answers: it is the same network, and the attack finds what it was "
          "told"));
}

// --- attacks with outputs alone ----------------------------------------------------------

struct signal_attack {
  signal scores = nullptr;
  bool by_class = false;
};
/// What an attack by a signal is, from its name; without scores if it is by something else.
signal_attack signal_attack_of(std::string_view name) {
  constexpr std::string_view prefix = "class-";
  if (name == "gap") return {privacy::gap_scores, false};
  bool const by_class = name.starts_with(prefix);
  if (by_class) name.remove_prefix(prefix.size());
  auto const* const s = std::ranges::find(privacy::graded_signals, name, &privacy::named_signal::name);
  return s == std::end(privacy::graded_signals) ? signal_attack{} : signal_attack{s->scores, by_class};
}

/// Scores of both roles' networks for their images; of an attack by class those relative to the thresholds of the other
/// role's classes.
void attack_both(attack_outcome& all, asked_networks& networks,
    std::function<scored(std::size_t role)> const& scored_of, bool by_class) {
  attack_inputs const& in = networks.in();
  std::array<judged_images, 2> images;
  std::array<scored, 2> found;
  for (std::size_t r = 0; r < 2; ++r) {
    images[r] = strict_images(in.data->split_for(in.seed).roles[r]);
    found[r] = scored_of(r);
  }
  auto const labels_of = [&](judged_images const& j) {
    flags labels;
    for (auto const i : j.images) labels.push_back(in.data->images().labels[i]);
    return labels;
  };
  for (std::size_t r = 0; r < 2; ++r) {
    auto const& teaching = found[1 - r].deciding();
    auto const& taught = images[1 - r].members;
    double const fit_fraction = in.settings->attack.fit_fraction;
    if (!by_class) {
      judge(all, in.seed, to_string(static_cast<role>(r)), images[r], found[r],
          learn_threshold(teaching, taught, fit_fraction, in.seed));
      continue;
    }
    auto const classes = static_cast<std::size_t>(in.data->images().classes);
    auto const known = learn_by_class(teaching, taught, labels_of(images[1 - r]), classes, fit_fraction, in.seed);
    judge(all, in.seed, to_string(static_cast<role>(r)), images[r],
        {known.thresholds.relative(found[r].deciding(), labels_of(images[r]))}, {0, known.holdout_accuracy});
  }
}

scored steadiness_of(attack_inputs const& in, std::size_t role) {
  auto const measured = privacy::read_samples(in.features[role]);
  auto const rows = strict_rows(in.data->split_for(in.seed).roles[role]);
  auto const classes = measured.width() / 3;
  scored s;
  for (auto const r : rows) {
    double change = 0;
    for (auto const c : measured.row(r).subspan(classes, classes)) change += static_cast<double>(c);
    s.ranked.push_back(-change);
  }
  return s;
}

// --- attacks with the networks of the other role -----------------------------------------

/// Scores of role r's network, with the networks of the other role as references that never saw its images.
scored offline_scores(asked_networks& networks, std::string const& name, std::size_t r) {
  attack_inputs const& in = networks.in();
  auto const& s = in.settings->attack;
  auto const& references = in.of_role[1 - r];
  auto const count = static_cast<int>(references.size());
  auto const score = [&](data::index_list const& images) -> scores {
    auto const mine = networks.answers(in.outputs[r], images);
    if (name == "lira-offline") {
      auto const values = networks.each(references, images, privacy::rescaled_logits);
      return privacy::lira_offline(privacy::rescaled_logits(mine.view()),
          {std::span<double const>(values), count, mine.queries}, lira_settings_of(*in.settings, references.size()));
    }
    double const temperature = name == "rmia" ? s.rmia_temperature : 1;
    auto const values = networks.each(references, images, [&](auto const& o) { return log_p(o, temperature); });
    privacy::references_view const view(std::span<double const>(values), count, mine.queries);
    auto const own = log_p(mine.view(), temperature);
    return name == "rmia" ? privacy::rmia_offline(own, view, s.rmia_a) : privacy::calibrated_scores(own, view);
  };
  scored found{score(strict_images(in.data->split_for(in.seed).roles[r]).images)};
  if (name == "rmia")
    found.decided = privacy::rmia_population_scores(
        found.ranked, score(in.data->split_for(in.seed).roles[1 - r].test), s.rmia_gamma);
  return found;
}

// --- attacks with references that saw half of the images -----------------------------------

/// The references of the target, and which images each was trained on.
class reference_networks {
 public:
  explicit reference_networks(asked_networks& networks) : networks_(&networks) {
    attack_inputs const& in = networks.in();
    for (std::size_t k = 0; k < in.references.size(); ++k)
      images_.push_back(images_of(*in.data, {role::target, static_cast<int>(k)}, in.seed));
  }

  [[nodiscard]] std::size_t size() const { return images_.size(); }

  /// keep [networks][images] of the references from `first` on.
  [[nodiscard]] flags keep(std::size_t first, data::index_list const& images) const {
    flags all;
    for (auto k = first; k < size(); ++k)
      for (auto const i : images) all.push_back(std::ranges::binary_search(images_[k].trained, i) ? 1 : 0);
    return all;
  }
  [[nodiscard]] std::vector<std::filesystem::path> files(std::size_t first) const {
    auto const& all = networks_->in().references;
    return {all.begin() + static_cast<std::ptrdiff_t>(first), all.end()};
  }

  /// Online scores of the network in a file for images, by the references from `first` on.
  [[nodiscard]] scores online(
      std::string const& name, std::filesystem::path const& file, data::index_list const& images, std::size_t first) {
    attack_inputs const& in = networks_->in();
    auto const mine = networks_->answers(file, images);
    auto const who = keep(first, images);
    auto const count = static_cast<int>(size() - first);
    bool const probability = name == "rmia-online";
    auto const of = [&](privacy::outputs_view const& o) {
      return probability ? log_p(o, in.settings->attack.rmia_temperature) : privacy::rescaled_logits(o);
    };
    auto const values = networks_->each(files(first), images, of);
    privacy::references_view const view(std::span<double const>(values), who, count, mine.queries);
    auto const own = of(mine.view());
    if (probability) return privacy::rmia_online(own, view);
    if (name == "student") return privacy::student_online(own, view);
    return privacy::lira_online(own, view, lira_settings_of(*in.settings, size() - first));
  }

  /// As many images that reference k was not trained on as it was.
  [[nodiscard]] judged_images judged(std::size_t k) const {
    judged_images j{images_[k].trained, flags(images_[k].trained.size(), 1), {}};
    auto const others = std::min(images_[k].test.size(), j.images.size());
    j.images.insert(
        j.images.end(), images_[k].test.begin(), images_[k].test.begin() + static_cast<std::ptrdiff_t>(others));
    j.members.resize(j.images.size(), 0);
    return j;
  }

 private:
  asked_networks* networks_;
  std::vector<cohort_images> images_;
};

/// The threshold that is best for reference 0, judged on reference 1; the pair is left out of the references then, so
/// that every image stays in half of them. Two on either side have to be left for a deviation: of fewer than six
/// references the threshold is that of equal likelihood, 0, and nothing is known of how good it is.
learned learn_from_references(reference_networks& references, std::string const& name, attack_inputs const& in) {
  if (references.size() < 6) return {0, missing};
  std::array<judged_images, 2> j{references.judged(0), references.judged(1)};
  for (std::size_t k = 0; k < 2; ++k) j[k].scores = references.online(name, in.references[k], j[k].images, 2);
  auto const best =
      privacy::best_threshold(std::span<double const>(j[0].scores), std::span<std::uint8_t const>(j[0].members));
  auto const judged = privacy::evaluate_attack(
      std::span<double const>(j[1].scores), std::span<std::uint8_t const>(j[1].members), best.threshold);
  return {best.threshold, judged.accuracy};
}

void attack_with_references(attack_outcome& all, asked_networks& networks, std::string const& name) {
  attack_inputs const& in = networks.in();
  reference_networks references(networks);
  auto images = strict_images(in.data->split_for(in.seed).roles[0]);
  note_copies(all, networks, in.outputs[0], in.references, images.images);
  scored const found{references.online(name, in.outputs[0], images.images, 0)};
  judge(all, in.seed, "target", std::move(images), found, learn_from_references(references, name, in));
}

// --- the paper's attack ----------------------------------------------------------------------

void attack_by_discriminators(attack_outcome& all, attack_inputs const& in) {
  auto const& list = in.discriminators->strict.discriminators;
  auto const table = io::read_npy<float>(in.discriminator_scores);
  auto const best = static_cast<std::size_t>(
      std::ranges::max_element(list, {}, &discriminator_result::holdout_accuracy) - list.begin());
  auto images = strict_images(in.data->split_for(in.seed).roles[0]);
  if (table.dimension() != 2 || table.shape(0) != images.images.size() || table.shape(1) != list.size() || list.empty())
    throw error(errc::bad_input,
        in.discriminator_scores.string() + " holds no scores of these discriminators (its shape is another) remove it");
  scored found;
  // The scores are in the order of the features: D_train and D_test, each ascending; strict_images is in that order.
  for (std::size_t i = 0; i < table.shape(0); ++i) found.ranked.push_back(static_cast<double>(table(i, best)));
  judge(all, in.seed, "target", std::move(images), found, {0, list[best].holdout_accuracy});
}

void attack_by_samia(attack_outcome& all, attack_inputs const& in) {
  // Its scores are in the order of the strict reading's images.
  judge(all, in.seed, "target", strict_images(in.data->split_for(in.seed).roles[0]), scored{in.samia.scores},
      {0, in.samia.holdout_accuracy});
}

}  // namespace

attack_outcome run_listed_attack(std::string const& name, attack_inputs const& in) {
  attack_outcome all;
  all.result.name = name;
  asked_networks networks(in);
  if (auto const s = signal_attack_of(name); s.scores) {
    attack_both(
        all, networks,
        [&](std::size_t r) {
          auto const selected =
              networks.answers(in.outputs[r], strict_images(in.data->split_for(in.seed).roles[r]).images);
          return scored{s.scores(selected.view())};
        },
        s.by_class);
  } else if (name == "steadiness") {
    attack_both(
        all, networks, [&](std::size_t r) { return steadiness_of(in, r); }, false);
  } else if (name == "nine") {
    attack_by_discriminators(all, in);
  } else if (name == "samia") {
    attack_by_samia(all, in);
  } else if (name == "calibrated" || name == "rmia" || name == "lira-offline") {
    attack_both(
        all, networks, [&](std::size_t r) { return offline_scores(networks, name, r); }, false);
    for (std::size_t r = 0; r < 2; ++r)
      note_copies(
          all, networks, in.outputs[r], in.of_role[1 - r], strict_images(in.data->split_for(in.seed).roles[r]).images);
  } else {
    attack_with_references(all, networks, name);
  }
  return all;
}

memorisation_result run_memorisation(attack_inputs const& in) {
  asked_networks networks(in);
  reference_networks references(networks);
  auto const images = strict_images(in.data->split_for(in.seed).roles[0]);
  scores right;
  for (auto const& file : in.references) {
    auto const selected = networks.of(file).of(images.images, false);
    auto const values = privacy::gap_scores(selected.view());
    right.insert(right.end(), values.begin(), values.end());
  }
  auto const keep = references.keep(0, images.images);
  privacy::memorisation const m(
      {std::span<double const>(right), std::span<std::uint8_t const>(keep), static_cast<int>(references.size())});
  memorisation_result r;
  r.seed = in.seed;
  r.references = static_cast<int>(references.size());
  r.mean = m.mean;
  r.share_above = 100 * m.share_memorised;
  // Members among the tenth of all judged images that is memorised most, found at the threshold of 1 % false alarms.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < images.images.size(); ++i)
    if (images.members[i] != 0 && !is_missing(m.values[i])) order.push_back(i);
  std::ranges::stable_sort(order, std::greater<>{}, [&](std::size_t i) { return m.values[i]; });
  order.resize(order.size() / 10);
  auto judged = images;
  judged.scores = references.online("lira-online", in.outputs[0], images.images, 0);
  auto const found = found_at_one_percent(judged);
  auto const hits =
      std::ranges::count_if(order, [&](std::size_t i) { return std::ranges::binary_search(found, images.images[i]); });
  if (!order.empty()) r.found_of_top = 100.0 * static_cast<double>(hits) / static_cast<double>(order.size());
  return r;
}

audit_result run_audit(attack_inputs const& in) {
  // As many guesses "in" as "out"; these shares of the canaries are tried, which the bound pays for.
  constexpr double shares[] = {.025, .1, .25, .5};
  asked_networks networks(in);
  auto const canaries = canaries_of(in.data->split_for(in.seed).roles[0], role::target, in.settings->audit.canaries);
  auto const included = included_canaries(canaries, role::target, in.seed);
  auto const mine = networks.answers(in.outputs[0], canaries);
  auto const beside = networks.each({in.outputs[1]}, canaries, [](auto const& o) { return log_p(o, 1); });
  auto const found = privacy::calibrated_scores(
      log_p(mine.view(), 1), privacy::references_view(std::span<double const>(beside), 1, mine.queries));
  std::vector<privacy::canary_guesses> tried;
  for (double const share : shares) {
    auto const each = static_cast<std::size_t>(share * static_cast<double>(canaries.size()));
    tried.push_back(privacy::guess_canaries(found, included, each, each));
  }
  double const delta = in.settings->audit.delta, level = 1 - .05 / static_cast<double>(tried.size());
  audit_result r;
  r.seed = in.seed;
  r.canaries = static_cast<int>(canaries.size());
  r.included = static_cast<int>(std::ranges::count(included, 1));
  r.epsilon = privacy::one_run_epsilon(std::span<privacy::canary_guesses const>(tried), delta);
  double mu = 0;
  for (auto const& g : tried) mu = std::max(mu, privacy::gaussian_audit(g, level));
  if (delta > 0) r.gaussian_epsilon = mu > 0 ? privacy::gaussian_epsilon(mu, delta) : 0;
  auto const& all = tried.back();
  if (all.guesses > 0) r.accuracy = 100.0 * static_cast<double>(all.right) / static_cast<double>(all.guesses);
  return r;
}

void write_scores(std::filesystem::path const& file, judged_images const& judged) {
  auto table = xt::xtensor<double, 2>::from_shape({judged.images.size(), 4});
  for (std::size_t i = 0; i < judged.images.size(); ++i) {
    table(i, 0) = judged.images[i];
    table(i, 1) = judged.members[i];
    table(i, 2) = judged.scores[i];
    table(i, 3) = judged.taken[i];
  }
  io::write_npy(file, table);
}

judged_images read_scores(std::filesystem::path const& file) {
  auto const table = io::read_npy<double>(file);
  if (table.dimension() != 2 || table.shape(1) != 4)
    throw error(errc::bad_input, file.string() + " holds no scores (it has not four columns) remove it");
  judged_images j;
  for (std::size_t i = 0; i < table.shape(0); ++i) {
    if (!(table(i, 0) >= 0 && table(i, 0) <= 4294967295.0))
      throw error(errc::bad_input, message(file.string(), " holds no scores (row ", i, " names no image) remove it"));
    j.images.push_back(static_cast<std::uint32_t>(table(i, 0)));
    j.members.push_back(table(i, 1) != 0 ? 1 : 0);
    j.scores.push_back(table(i, 2));
    j.taken.push_back(table(i, 3) != 0 ? 1 : 0);
  }
  return j;
}

data::index_list found_at_one_percent(judged_images const& judged) {
  scores others;
  for (std::size_t i = 0; i < judged.scores.size(); ++i)
    if (judged.members[i] == 0) others.push_back(judged.scores[i]);
  std::ranges::sort(others, std::greater<>{});
  auto const allowed = others.size() / 100;
  double const border = allowed < others.size() ? others[allowed] : -std::numeric_limits<double>::infinity();
  data::index_list found;
  for (std::size_t i = 0; i < judged.scores.size(); ++i)
    if (judged.members[i] != 0 && judged.scores[i] > border) found.push_back(judged.images[i]);
  std::ranges::sort(found);
  return found;
}

score_histogram histogram_of_phi(
    std::filesystem::path const& outputs, study_data const& data, std::uint64_t seed, std::size_t role) {
  constexpr std::size_t bins = 60;
  network_outputs const network(outputs, data, seed);
  auto const images = strict_images(data.split_for(seed).roles[role]);
  auto const selected = network.of(images.images, false);
  auto const phi = privacy::rescaled_logit_scores(selected.view());
  auto sorted = phi;
  std::ranges::sort(sorted);
  score_histogram h;
  if (sorted.empty()) return h;
  auto const at = [&](double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  h.low = at(.001);
  h.high = at(.999);
  h.members.assign(bins, 0);
  h.others.assign(bins, 0);
  double const width = (h.high - h.low) / static_cast<double>(bins);
  for (std::size_t i = 0; i < phi.size(); ++i) {
    auto const bin = width > 0 ? std::clamp((phi[i] - h.low) / width, 0.0, static_cast<double>(bins - 1)) : 0.0;
    ++(images.members[i] != 0 ? h.members : h.others)[static_cast<std::size_t>(bin)];
  }
  return h;
}

}  // namespace papillon::study
