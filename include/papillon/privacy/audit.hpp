// SPDX-License-Identifier: MIT
/// \file audit.hpp
/// Membership inference against one network, from what it answers: every attack that the given numbers allow, judged on
/// images of which the caller knows whether the network was trained on them. Nothing is trained but discriminators on a
/// shadow; no file is read or written. With xt::xtensor z, y, t of shapes (n, C), (n), (n) and references r, keep:
///   auto const found = privacy::audit({.outputs = z, .labels = y, .members = t, .references = {r, keep}});
#pragma once

#include <functional>
#include <map>

#include <papillon/privacy/attack.hpp>
#include <papillon/privacy/audit_result.hpp>
#include <papillon/privacy/audited_network.hpp>
#include <papillon/privacy/calibrated.hpp>
#include <papillon/privacy/cross_validation.hpp>
#include <papillon/privacy/rmia.hpp>
#include <papillon/privacy/student.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

namespace detail {

/// Features for discriminators (features.hpp) of the first query; a response that was not measured is 0.
inline samples audit_samples(
    audited_network const& n, std::span<std::uint8_t const> members, std::span<double const> response) {
  auto const classes = static_cast<std::size_t>(n.classes), images = n.labels.size();
  samples s{xt::zeros<float>({images, 3 * classes}), {members.begin(), members.end()}};
  std::vector<double> z(classes);
  for (std::size_t i = 0; i < images; ++i) {
    n.view().copy_logits(0, i, z);
    double const sum = log_sum_exp(z);
    for (std::size_t c = 0; c < classes; ++c) {
      s.features(i, c) = static_cast<float>(std::exp(z[c] - sum));
      if (!response.empty()) s.features(i, classes + c) = static_cast<float>(response[i * classes + c]);
    }
    s.features(i, 2 * classes + n.labels[i]) = 1.0f;
  }
  return s;
}

/// One audit: each step adds the attacks that it can.
class auditor {
 public:
  auditor(audit_input const& in, std::function<void()> const& before_part)
      : in_(in), before_part_(before_part), members_(read_membership(in.members, "members")), folds_(members_) {
    auto const count = static_cast<std::size_t>(std::count(members_.begin(), members_.end(), 1));
    if (count == 0 || count == members_.size())
      refuse_audit(count == 0 ? "there are no members" : "there are no others", "an attack is judged on both",
          "give images that the network was trained on and images that it was not");
    if (in.scores.empty() && in.outputs.empty())
      refuse_audit("there is nothing to attack", "neither scores nor outputs are given", "give one of them");
    bool const lacks_outputs = in.outputs.empty() && !(in.shadow.outputs.empty() && in.references.outputs.empty());
    if (lacks_outputs || (in.references.outputs.empty() && !in.population.outputs.empty()))
      refuse_audit("outputs are missing",
          lacks_outputs ? "a shadow or references are given, but not what the target answers"
                        : "a population is given, but no references",
          "give the outputs of all of them");
    if (auto const fewer = std::min(count, members_.size() - count); fewer < 100)
      warn(message("Only ", fewer, fewer == count ? " members" : " others",
          ": intervals are wide, and rates at few false alarms cannot be told. Give 100 of each at least."));
  }

  void attack_by_scores() {
    if (in_.scores.empty()) return;
    require_size(in_.scores, images(), "scores", "members");
    auto scores = in_.scores.values();
    auto const bad = std::count_if(scores.begin(), scores.end(), [](double s) { return std::isnan(s); });
    if (bad > 0) warn(message(bad, " scores are not numbers: they count as lower than all others."));
    add("scores", std::move(scores));
  }

  /// Reads what all other attacks start from; false if there are no outputs.
  [[nodiscard]] bool read_outputs() {
    if (in_.outputs.empty()) return false;
    target_ = read_network(in_.outputs, in_.labels, images(), in_, "target");
    response_ = read_response(in_.response, target_);
    if (in_.shadow.outputs.empty()) {
      note_probabilities();
      return true;
    }
    shadow_members_ = read_membership(in_.shadow.members, "shadow members");
    if (std::count(shadow_members_.begin(), shadow_members_.end(), 1) %
            static_cast<std::ptrdiff_t>(shadow_members_.size()) ==
        0)
      refuse_audit(
          "the shadow has members only, or others only", "thresholds are chosen on both", "give images of both");
    shadow_ = read_network(in_.shadow.outputs, in_.shadow.labels, shadow_members_.size(), in_, "shadow");
    if (shadow_.classes != target_.classes)
      refuse_audit(message("the shadow has ", shadow_.classes, " classes"), message("the target has ", target_.classes),
          "give a shadow of the same classes");
    shadow_response_ = read_response(in_.shadow.response, shadow_);
    note_probabilities();
    return true;
  }

  void attack_by_signals() {
    auto const target = target_.view();
    add("gap", gap_scores(target), 0.5, threshold_source::fixed);
    for (auto const& s : graded_signals)
      add_signal(std::string(s.name), s.scores(target), [&] { return s.scores(shadow_.view()); });
    add_class_loss(loss_scores(target));
    if (!response_.empty())
      add_signal("steadiness", steadiness(response_), [&] { return steadiness(shadow_response_); });
  }

  /// The discriminators of attack.hpp, trained on the shadow.
  template <exec::policy Policy> void attack_by_discriminators(Policy const& policy) {
    if (!has_shadow() || !in_.discriminators) return;
    bool const measured = !response_.empty() && !shadow_response_.empty();
    auto const none = std::span<double const>();
    auto const found = run_attack(policy,
        audit_samples(shadow_, shadow_members_, measured ? std::span<double const>(shadow_response_) : none),
        audit_samples(target_, members_, measured ? std::span<double const>(response_) : none), {}, 0,
        {.before_batch = before_part_});
    for (std::size_t d = 0; d < found.result.discriminators.size(); ++d) {
      std::vector<double> scores(images());
      for (std::size_t i = 0; i < images(); ++i) scores[i] = static_cast<double>(found.target_scores(i, d));
      add("discriminator " + found.result.discriminators[d].name, std::move(scores), 0.0,
          threshold_source::transferred);
    }
  }

  void attack_by_references() {
    auto const& r = in_.references;
    if (r.outputs.empty()) return;
    std::vector<std::uint8_t> const keep = read_membership(r.members, "reference members");
    std::size_t const networks = reference_count(keep.size());
    std::vector<double> losses, phis;
    for (std::size_t k = 0; k < networks; ++k) {
      begin_part();
      auto const n = read_reference(r.outputs, k, target_, message("reference ", k));
      auto const loss = log_probabilities(n.view()), phi = rescaled_logits(n.view());
      if (loss == log_probabilities(target_.view()))
        warn(message("Reference ", k,
            " (counted from 0) answers what the target answers on every image: it is the same "
            "network, and attacks with references find what they were told."));
      losses.insert(losses.end(), loss.begin(), loss.end());
      phis.insert(phis.end(), phi.begin(), phi.end());
    }
    auto const view = [&](std::vector<double> const& values) {
      auto const count = static_cast<int>(networks);
      return keep.empty() ? references_view(values, count, in_.queries)
                          : references_view(values, keep, count, in_.queries);
    };
    bool const have_in = std::any_of(keep.begin(), keep.end(), [](auto k) { return k != 0; });
    add_reference_attacks(view(losses), view(phis), have_in);
    add_population_attack(view(losses));
    for (auto const& [without, names] : lacking_)
      warn(message(without, " images have no score by ", names,
          ", for want of references with or without them: they count as lower than all others."));
  }

  [[nodiscard]] audit_result finish() && {
    found_.members = std::move(members_);
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::size_t images() const { return members_.size(); }
  [[nodiscard]] bool has_shadow() const { return !shadow_members_.empty(); }
  void begin_part() const {
    if (before_part_) before_part_();
  }
  void warn(std::string sentence) { found_.warnings.push_back(std::move(sentence)); }

  [[nodiscard]] static std::vector<double> read_response(any_matrix_view const& v, audited_network const& n) {
    if (!v.empty())
      require_size(v, n.labels.size() * static_cast<std::size_t>(n.classes), "responses", "images x classes");
    return v.values();
  }

  void note_probabilities() {
    if (target_.saturated)
      warn("All probabilities of the target are 0 or 1: only its decisions can be attacked. Give logits.");
    else if (target_.probabilities)
      warn("The target's outputs are probabilities, and are taken as their logarithms: logits show more.");
  }

  /// Minus the sum of each image's response.
  [[nodiscard]] static std::vector<double> steadiness(std::vector<double> const& response, std::size_t classes) {
    std::vector<double> scores(response.size() / classes);
    for (std::size_t k = 0; k < response.size(); ++k) scores[k / classes] -= response[k];
    return scores;
  }
  [[nodiscard]] std::vector<double> steadiness(std::vector<double> const& response) const {
    return steadiness(response, static_cast<std::size_t>(target_.classes));
  }

  /// An attack whose threshold is given.
  void add(std::string name, std::vector<double> scores, double threshold, threshold_source source) {
    auto const decisions = confusion_at(std::span<double const>(scores), members_, threshold);
    add(std::move(name), std::move(scores), decisions, threshold, source);
  }
  /// An attack whose threshold has to be found on the images.
  void add(std::string name, std::vector<double> scores) {
    double const threshold = best_balanced_threshold(scores, members_);
    if (folds_.possible()) {
      auto const decisions = folds_.decide(scores);
      add(std::move(name), std::move(scores), decisions, threshold, threshold_source::cross_validated);
    } else {
      add(std::move(name), std::move(scores), threshold, threshold_source::oracle);
    }
  }
  void add(std::string name, std::vector<double> scores, confusion const& decisions, double threshold,
      threshold_source source) {
    begin_part();
    roc_curve const curve(std::span<double const>(scores), members_);
    auto const auc = curve.auc();
    if (auc.value < 0.5 - 3 * auc.standard_error)
      warn(message("The area under the curve of ", name,
          " is below a half by more than three standard errors: members "
          "score lower than others. Are the scores, or the members, upside down?"));
    found_.attacks.push_back({std::move(name), std::move(scores), auc, curve.true_positive_rate_at(0.01),
        curve.true_positive_rate_at(0.001), decisions, threshold, source});
  }

  /// A score that both networks have: its threshold transfers from the shadow where there is one.
  template <class Shadow>
  void add_signal(std::string const& name, std::vector<double> scores, Shadow const& shadow_scores) {
    if (!has_shadow()) return add(name, std::move(scores));
    auto const of_shadow = shadow_scores();
    if (of_shadow.empty()) return add(name, std::move(scores));
    add(name, std::move(scores), best_balanced_threshold(of_shadow, shadow_members_), threshold_source::transferred);
  }

  /// One threshold a class; without a shadow, and without images enough to do without one, there is no such attack.
  void add_class_loss(std::vector<double> const& scores) {
    auto const classes = static_cast<std::size_t>(target_.classes);
    if (has_shadow()) {
      auto const thresholds =
          choose_class_thresholds(loss_scores(shadow_.view()), shadow_members_, shadow_.labels, classes);
      add("class-loss", thresholds.relative(scores, target_.labels), 0.0, threshold_source::transferred);
    } else if (folds_.possible()) {
      add("class-loss", folds_.relative_to_class(scores, target_.labels, classes), 0.0,
          threshold_source::cross_validated);
    }
  }

  /// N, which the sizes have to agree on.
  [[nodiscard]] std::size_t reference_count(std::size_t keep) const {
    std::size_t const each = target_.logits.size(), all = in_.references.outputs.size();
    if (all % each != 0)
      refuse_audit(message("the references' outputs have ", all, " numbers"),
          message("no multiple of the target's ", each), "give every reference's outputs of the target's images");
    if (keep != 0 && keep != all / each * images())
      refuse_audit(message("the references' members have ", keep, " numbers"),
          message(all / each, " references x ", images(), " images are ", all / each * images()),
          "give 1 or 0 for each reference and image");
    return all / each;
  }

  /// Reference k's answers about the images that `like` is about.
  [[nodiscard]] audited_network read_reference(
      any_matrix_view const& outputs, std::size_t k, audited_network const& like, std::string const& name) const {
    audited_network n{std::vector<double>(like.logits.size()), like.labels, like.classes, like.queries};
    outputs.copy(k * n.logits.size(), n.logits);
    make_logits(n.logits, name, in_.probabilities, n);
    return n;
  }

  /// Whether the references of a side scatter, so that a distribution can be fitted to them.
  [[nodiscard]] bool scatter(references_view const& phis, reference_side side) const {
    for (std::size_t q = 0; q < phis.queries(); ++q)
      if (!(reference_statistics(phis, q, side).pooled_variance() > 0)) return false;
    return true;
  }

  void add_reference_attacks(references_view const& losses, references_view const& phis, bool have_in) {
    auto const loss = log_probabilities(target_.view()), phi = rescaled_logits(target_.view());
    add_checked("calibrated", calibrated_scores(loss, losses));
    add_checked("rmia", rmia_offline(loss, losses));
    bool const out_scatters = scatter(phis, reference_side::out);
    if (out_scatters) {
      add_checked("lira-offline", lira_offline(phi, phis));
      add_checked("student-offline", student_offline(phi, phis));
    }
    if (!have_in) return;
    if (out_scatters && scatter(phis, reference_side::in)) {
      add_checked("lira-online", lira_online(phi, phis));
      add_checked("student", student_online(phi, phis));
    }
    add_checked("rmia-online", rmia_online(loss, losses));
  }
  void add_checked(std::string const& name, std::vector<double> scores) {
    auto const without = std::count_if(scores.begin(), scores.end(), [](double s) { return std::isnan(s); });
    if (static_cast<std::size_t>(without) == images()) return;
    if (without > 0) lacking_[without].append(lacking_[without].empty() ? "" : ", ").append(name);
    add(name, std::move(scores));
  }

  /// RMIA's share of the population.
  void add_population_attack(references_view const& losses) {
    auto const& p = in_.population;
    if (p.outputs.empty()) return;
    auto const population = read_network(p.outputs, p.labels, p.labels.size(), in_, "population");
    if (population.classes != target_.classes || p.references.size() != losses.networks() * population.logits.size())
      refuse_audit("the population does not fit",
          message("its references have ", p.references.size(), " numbers, ", losses.networks(), " x ",
              population.logits.size(), " are wanted, of ", target_.classes, " classes"),
          "give what the target and every reference answer about the population");
    std::vector<double> references;
    for (std::size_t k = 0; k < losses.networks(); ++k) {
      begin_part();
      auto const of_reference = log_probabilities(read_reference(p.references, k, population, "population").view());
      references.insert(references.end(), of_reference.begin(), of_reference.end());
    }
    auto const ratios = rmia_offline(log_probabilities(population.view()),
        references_view(references, static_cast<int>(losses.networks()), in_.queries));
    add_checked(
        "rmia-population", rmia_population_scores(rmia_offline(log_probabilities(target_.view()), losses), ratios));
  }

  audit_input const& in_;
  std::function<void()> const& before_part_;
  std::vector<std::uint8_t> members_;
  cross_validation folds_;
  audited_network target_, shadow_;
  std::vector<std::uint8_t> shadow_members_;
  std::vector<double> response_, shadow_response_;
  std::map<std::ptrdiff_t, std::string> lacking_;  ///< attacks that have no score for so many images
  audit_result found_;
};

}  // namespace detail

/// Attacks, in this order, by what is given:
///   scores      scores
///   outputs     gap, loss, confidence, entropy, modified-entropy, class-loss; with a response steadiness
///   shadow      the thresholds of these, and nine discriminators (attack.hpp)
///   references  calibrated, rmia; from two on lira-offline, student-offline; with IN references lira-online, student,
///               rmia-online; with a population rmia-population
/// Thresholds that do not come from a shadow are cross-validated. Throws papillon::error (bad_input) where sizes
/// differ, numbers are not finite, or there are no members or no others. Discriminators run on the policy's threads.
/// before_part(), if given, is called before each attack, reference and batch, by any thread; what it throws ends the
/// audit.
template <exec::policy Policy = exec::omp>
[[nodiscard]] audit_result audit(
    audit_input const& in, Policy const& policy = {}, std::function<void()> const& before_part = {}) {
  detail::auditor a(in, before_part);
  a.attack_by_scores();
  if (a.read_outputs()) {
    a.attack_by_signals();
    a.attack_by_discriminators(policy);
    a.attack_by_references();
  }
  return std::move(a).finish();
}

}  // namespace papillon::privacy
