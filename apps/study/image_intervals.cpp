// SPDX-License-Identifier: MIT
#include <study/image_intervals.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <papillon/privacy/crossed.hpp>
#include <papillon/privacy/roc.hpp>

#include <study/stored_scores.hpp>
#include <study/summary.hpp>

namespace papillon::study {

namespace {

/// The images that an attack judged, by seed and role.
using judgements = std::map<std::pair<std::uint64_t, std::string>, judged_images>;

class scores_on_disk {
 public:
  scores_on_disk(plan const& p, layout const& places, std::function<void()> const& before_file)
      : plan_(&p), places_(&places), before_file_(&before_file) {}

  [[nodiscard]] judgements of(std::string const& configuration, std::string const& attack) const {
    judgements all;
    for (experiment const& e : plan_->experiments) {
      if (plan_->configurations[e.configuration].name != configuration) continue;
      for (std::size_t item = 0; item < e.listed.size(); ++item)
        for (std::string const role : {"target", "shadow"}) {
          if (e.listed[item].first != attack) continue;
          if (*before_file_) (*before_file_)();
          if (auto judged = stored_scores(*plan_, *places_, e, item, role)) all[{e.seed, role}] = std::move(*judged);
        }
    }
    return all;
  }

 private:
  plan const* plan_;
  layout const* places_;
  std::function<void()> const* before_file_;
};

limits of_mean(std::vector<double> const& table, std::size_t seeds) {
  auto const crossed = privacy::estimate_crossed_mean(table, seeds);
  if (seeds > 1) {
    auto const both = crossed.limits();
    return {both.low, both.high};
  }
  double const half = privacy::normal_quantile(0.975) * std::sqrt(crossed.image_variance);
  return {crossed.mean - half, crossed.mean + half};
}

/// The difference of two defences: each image contributes to both, so the difference is taken image by image. Missing
/// where the two were not judged by the same images, or seeds have other images than one another.
limits of_difference(judgements const& mine, judgements const& others) {
  std::map<std::uint64_t, std::vector<double>> rows;
  std::map<std::string, data::index_list const*> images;
  for (auto const& [key, judged] : mine) {
    auto const beside = others.find(key);
    if (beside == others.end()) continue;
    auto const& [seed, role] = key;
    if (beside->second.images != judged.images) return {};
    auto const& first = images.try_emplace(role, &judged.images).first->second;
    if (*first != judged.images) return {};
    auto const right = [](judged_images const& j, std::size_t i) { return j.taken[i] == j.members[i] ? 1.0 : 0.0; };
    for (std::size_t i = 0; i < judged.images.size(); ++i)  // D = 200 - 2 A, A in percent
      rows[seed].push_back(-200 * (right(judged, i) - right(beside->second, i)));
  }
  std::vector<double> table;
  for (auto const& [seed, row] : rows) {
    if (row.size() != rows.begin()->second.size()) return {};
    table.insert(table.end(), row.begin(), row.end());
  }
  return table.empty() ? limits{} : of_mean(table, rows.size());
}

/// Of the area under the ROC curve, and of the members found at one percent of false alarms, in percent.
struct bootstrapped {
  limits auc, found;
};

/// Networks of one role, seed by seed, all judged by the same images.
struct judged_role {
  std::size_t images;
  std::vector<privacy::ranking> networks;
};

/// Mean over seeds and roles, as the statistics of an attack are; each role has images of its own. None where the
/// seeds of a role have different images.
bootstrapped of_rates(judgements const& all, std::function<void()> const& before_resample) {
  std::map<std::string, judged_role> roles;
  std::map<std::string, data::index_list const*> images;
  for (auto const& [key, judged] : all) {
    auto const& role = key.second;
    if (*images.try_emplace(role, &judged.images).first->second != judged.images) return {};
    auto& known = roles.try_emplace(role, judged_role{judged.images.size(), {}}).first->second;
    known.networks.emplace_back(std::span<double const>(judged.scores), std::span<std::uint8_t const>(judged.members));
  }
  if (roles.empty()) return {};
  std::size_t count = 0;
  auto const seeds = roles.begin()->second.networks.size();
  for (auto const& [name, role] : roles) {
    if (role.networks.size() != seeds) return {};
    count += role.images;
  }
  auto const over = [&](auto const& read) {
    auto const found = privacy::crossed_bootstrap(
        seeds, count, [&](std::span<std::uint32_t const> drawn, std::span<std::uint32_t const> weights) {
          if (before_resample) before_resample();
          double sum = 0;
          std::size_t first = 0;
          for (auto const& [name, role] : roles) {
            auto const mine = weights.subspan(first, role.images);
            first += role.images;
            for (std::size_t s = 0; s < seeds; ++s)
              if (drawn[s] > 0) sum += drawn[s] * read(privacy::roc_curve(role.networks[s], mine));
          }
          return sum / static_cast<double>(seeds * roles.size());
        });
    return limits{found.limits.low, found.limits.high};
  };
  bool const enough = std::ranges::count(all.begin()->second.members, 0) >= 100;
  return {over([](privacy::roc_curve const& c) { return c.auc().value; }),
      enough ? over([](privacy::roc_curve const& c) { return c.true_positive_rate_at(0.01).found.percent(); })
             : limits{}};
}

}  // namespace

void add_image_intervals(
    results& study, plan const& p, layout const& places, std::function<void()> const& before_part) {
  scores_on_disk const disk(p, places, before_part);
  auto const compare = [&](configuration_result const& c, configuration_result const& other) -> limits {
    auto const* mine = strongest_attack(c.attacks, other.attacks);
    auto const* others = strongest_attack(other.attacks, c.attacks);
    if (!mine || !others) return {};
    return of_difference(disk.of(c.name, mine->name), disk.of(other.name, others->name));
  };
  auto const* dense = find_configuration(study, "dense");
  for (auto& c : study.configurations) {
    if (!c.summary.strongest.empty()) {
      auto const found = of_rates(disk.of(c.name, c.summary.strongest), before_part);
      c.summary.auc_over_images = found.auc;
      c.summary.found_over_images = found.found;
    }
    if (dense && &c != dense) c.summary.to_dense.over_images = compare(c, *dense);
    if (auto const* explained = find_configuration(study, c.control_of); explained && explains_another(c))
      c.summary.to_control.over_images = compare(*explained, c);
    for (auto& a : c.attacks)
      if (!is_missing(a.summary.defence_to_unpruned.change.mean))
        a.summary.defence_to_unpruned.over_images =
            of_difference(disk.of(c.name, a.name), disk.of(c.pruned_from, a.name));
  }
}

}  // namespace papillon::study
