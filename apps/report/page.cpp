// SPDX-License-Identifier: MIT
#include <report/page.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

#include <papillon/config.hpp>
#include <papillon/error.hpp>

#include <report/html.hpp>
#include <report/series.hpp>
#include <report/template.hpp>
#include <report/view.hpp>
#include <study/results_json.hpp>
#include <study/summary.hpp>

namespace papillon::report {

namespace {

using json = nlohmann::ordered_json;
using study::configuration_result;

/// Seeds of a configuration whose experiments are listed one by one; results.json has all.
constexpr std::size_t most_seeds = 10;

bool exists(double number) { return !std::isnan(number); }

/// Texts with their names, in order.
view named_list(std::vector<std::pair<std::string, std::string>> const& texts) {
  view list{view::type::list};
  for (auto const& [name, text] : texts) {
    view item;
    item["name"] = name;
    item["text"] = text;
    list.push_back(item);
  }
  return list;
}

view text_list(std::vector<std::string> const& texts) {
  view list{view::type::list};
  for (auto const& text : texts) list.push_back(text);
  return list;
}

/// Makes the values that the templates name. What the page says depends on the study, in flags; what it shows of
/// numbers comes from its document.
class page_values {
 public:
  explicit page_values(study::results const& study)
      : study_(study), document_(study::to_json(study)), styles_(series_styles(study)),
        strict_(study.scale.members == "trained"), dense_(study::find_configuration(study, "dense")) {}

  [[nodiscard]] view make(std::vector<page_figure> const& figures, std::vector<std::string> const& problems) const {
    view v;
    for (char const* key : {"scale", "headline", "trade_off", "paper"})
      v[key] = view_of(document_, "/" + std::string(key));
    v["line"] = view_of(document_, strict_ ? "/trade_off/strict" : "/trade_off/all");
    v["warnings"] = text_list(study_.warnings);
    v["problems"] = text_list(problems);
    v["facts"] = named_list(study_.provenance);
    add_configurations(v);
    if (!study_.attack_checks.empty()) v["checks"] = attack_checks();
    add_flags(v);
    add_figures(v, figures);
    v["dash"] = std::string(dash);
    v["version"] = std::string(PAPILLON_VERSION);
    return v;
  }

 private:
  using eligible = bool (*)(configuration_result const&);

  static bool has_strongest(configuration_result const& c) { return !c.summary.strongest.empty(); }
  static bool has_matched(configuration_result const& c) { return exists(c.summary.matched.defence.mean); }
  static bool has_course(configuration_result const& c) {
    return std::ranges::any_of(
        c.summary.course, [](auto const& point) { return exists(point.defence.mean); });
  }
  static bool has_memorisation(configuration_result const& c) {
    return exists(c.summary.memorisation.mean) || exists(c.summary.overlap.mean);
  }
  static bool has_privacy(configuration_result const& c) {
    return exists(c.privacy.noise) || exists(c.privacy.audited);
  }
  static bool has_unpruned(configuration_result const& c) {
    return std::ranges::any_of(
        c.attacks, [](auto const& a) { return exists(a.summary.defence_to_unpruned.change.mean); });
  }
  static bool has_control(configuration_result const& c) { return exists(c.summary.to_control.change.mean); }
  [[nodiscard]] bool any(eligible which) const {
    return std::any_of(study_.configurations.begin(), study_.configurations.end(), which);
  }

  [[nodiscard]] static std::string at(std::size_t i) { return message("/configurations/", i); }
  [[nodiscard]] std::size_t place(configuration_result const& c) const {
    return static_cast<std::size_t>(&c - study_.configurations.data());
  }

  /// A configuration in words and flags, and its summary; `reading` is the one that the study takes.
  [[nodiscard]] view summary_view(configuration_result const& c) const {
    view v;
    auto const pointer = at(place(c));
    for (char const* key :
        {"nonzeros", "nonzero_percent", "total_epochs", "learning_rate", "weight_decay", "privacy", "summary"})
      v[key] = view_of(document_, pointer + "/" + key);
    v["reading"] = view_of(document_, pointer + "/summary/" + (strict_ ? "strict" : "all"));
    v["name"] = c.name;
    v["control_of"] = c.control_of;
    v["colour"] = std::string(std::ranges::find(styles_, c.series, &series_style::name)->colour);
    v["dense"] = view(&c == dense_);
    v["listed"] = view(has_strongest(c));
    v["matched"] = view(has_matched(c));
    v["followed"] = view(has_course(c));
    v["memorised"] = view(has_memorisation(c));
    v["private"] = view(has_privacy(c));
    auto const& d = c.summary.to_dense;
    bool const decided = d.corrected_p < study::test_level;
    v["better"] = view(decided && d.change.mean > 0);
    v["worse"] = view(decided && d.change.mean < 0);
    v["undecided"] = view(!decided && exists(d.change.mean));
    return v;
  }

  void add_configurations(view& v) const {
    view all{view::type::list};
    for (auto const& c : study_.configurations) {
      auto item = summary_view(c);
      item["attacks"] = view_of(document_, at(place(c)) + "/attacks");
      item["seeds"] = first_seeds(c);
      if (c.seeds.size() > most_seeds) item["more_seeds"] = message("The first ", most_seeds, " of ", c.seeds.size());
      item["settings"] = named_list(c.keys);
      all.push_back(item);
    }
    v["configurations"] = std::move(all);
    v["controls"] = control_groups();
    v["pruned"] = pruned_rows();
    v["dense"] = dense_ ? summary_view(*dense_) : view(false);
    auto const* best = study::find_configuration(study_, study_.headline.best);
    v["best"] = best && !study_.headline.best.empty() ? summary_view(*best) : view(false);
    for (auto const& c : study_.configurations)
      if (!c.summary.strongest_found.empty()) {
        v["bounds"] = view_of(document_, at(place(c)) + "/summary/strongest_found");
        break;
      }
  }

  /// A page of every experiment of very many seeds is larger than a browser likes.
  [[nodiscard]] view first_seeds(configuration_result const& c) const {
    view list{view::type::list};
    for (std::size_t i = 0; i < std::min(c.seeds.size(), most_seeds); ++i)
      list.push_back(view_of(document_, message(at(place(c)), "/seeds/", i)));
    return list;
  }

  /// Of every pruned configuration and attack, what it was before and after.
  [[nodiscard]] view pruned_rows() const {
    view list{view::type::list};
    for (auto const& c : study_.configurations) {
      auto const* unpruned = study::find_configuration(study_, c.pruned_from);
      if (!unpruned || !has_unpruned(c)) continue;
      auto const& before = *unpruned;
      for (std::size_t i = 0; i < c.attacks.size(); ++i) {
        auto const& change = c.attacks[i].summary.defence_to_unpruned;
        auto const same = std::ranges::find(before.attacks, c.attacks[i].name, &study::listed_attack::name);
        if (!exists(change.change.mean) || same == before.attacks.end()) continue;
        auto row = summary_view(c);
        row["unpruned"] = summary_view(before);
        row["attack"] = c.attacks[i].name;
        row["after"] = view_of(document_, message(at(place(c)), "/attacks/", i, "/summary"));
        row["before"] =
            view_of(document_, message(at(place(before)), "/attacks/", same - before.attacks.begin(), "/summary"));
        row["helps"] = view(change.over_images.low > 0);
        row["harms"] = view(change.over_images.high < 0);
        list.push_back(row);
      }
    }
    return list;
  }

  /// Controls, grouped by what they isolate; each with the summary of the configuration that it explains.
  [[nodiscard]] view control_groups() const {
    std::vector<std::string> groups;
    for (auto const& c : study_.configurations)
      if (has_control(c) && std::find(groups.begin(), groups.end(), c.isolates) == groups.end())
        groups.push_back(c.isolates);
    view list{view::type::list};
    for (auto const& group : groups) {
      view rows{view::type::list};
      for (auto const& c : study_.configurations) {
        if (!has_control(c) || c.isolates != group) continue;
        auto row = summary_view(c);
        row["explained"] = summary_view(*study::find_configuration(study_, c.control_of));
        rows.push_back(row);
      }
      view item;
      item["isolates"] = group;
      item["rows"] = std::move(rows);
      list.push_back(item);
    }
    return list;
  }

  /// Checks of the attacks, those of one control together.
  [[nodiscard]] view attack_checks() const {
    view groups{view::type::list};
    for (auto const& name : study::names_of<study::attack_control>) {
      view rows{view::type::list};
      for (std::size_t i = 0; i < study_.attack_checks.size(); ++i)
        if (study::name_of(study_.attack_checks[i].control) == name)
          rows.push_back(view_of(document_, message("/attack_checks/", i)));
      if (rows.is_empty_list()) continue;
      view group;
      group[std::string(name)] = view(true);
      group["rows"] = std::move(rows);
      groups.push_back(group);
    }
    view v;
    v["groups"] = std::move(groups);
    return v;
  }

  /// Whether guessing comes as far on the dense network: on n images it has a standard deviation of 50 / sqrt(n)
  /// points; seeds share the images, so they do not count.
  [[nodiscard]] bool few_images() const {
    bool const listed = has_strongest(*dense_);
    double const images = 2.0 * (listed || strict_ ? study_.scale.trained_images : study_.scale.part_images);
    double const accuracy = listed ? dense_->summary.strongest_accuracy.mean : papers_accuracy();
    return images > 0 && accuracy - 50.0 < 2 * 50.0 / std::sqrt(images);
  }
  [[nodiscard]] double papers_accuracy() const {
    return (strict_ ? dense_->summary.strict : dense_->summary.all).attack_accuracy.mean;
  }

  void add_flags(view& v) const {
    auto const& h = study_.headline;
    bool const attacked = dense_ && (has_strongest(*dense_) || exists(papers_accuracy()));
    v["attacked"] = view(attacked);
    v["few_images"] = view(attacked && few_images());
    v["compared"] = view(h.better + h.worse + h.undecided > 0);
    v["none_decided"] = view(h.better + h.worse == 0);
    v["none_better"] = view(h.better == 0 && h.worse > 0);
    v["unfinished"] = view(study_.scale.trainings_done < study_.scale.trainings);
    v["any_listed"] = view(any(has_strongest));
    v["any_matched"] = view(any(has_matched));
    v["any_followed"] = view(any(has_course));
    v["any_memorised"] = view(any(has_memorisation));
    v["any_control"] = view(any(has_control));
    v["any_private"] = view(any(has_privacy));
    v["any_pruned"] = view(any(has_unpruned));
    auto const& line = strict_ ? study_.trade_off.strict : study_.trade_off.all;
    v["line_drawn"] = view(line.share_explained >= 0.5);
    v["line_interval"] = view(exists(line.slope_low));
    v["any_ratio"] = view(exists(line.mean_ratio));
    v["line_withheld"] = view(line.share_explained < 0.5);
  }

  void add_figures(view& v, std::vector<page_figure> const& figures) const {
    view shown, absent{view::type::list};
    auto const leave_out = [&](std::string const& title, std::string const& why) {
      view item;
      item["title"] = title;
      item["why"] = why;
      absent.push_back(item);
    };
    for (auto const& f : figures) {
      if (!f.nothing_to_draw.empty()) {
        leave_out(f.title, f.nothing_to_draw);
        continue;
      }
      view item;
      item["svg"] = f.svg;
      item["files"] = f.files;
      item["failure"] = f.failure;
      item["drawn"] = view(!f.svg.empty());
      shown[f.name] = std::move(item);
    }
    if (!any(has_strongest)) leave_out("The strongest attack", "needs a list of attacks (attack.list)");
    if (!any(has_control))
      leave_out("Controls", "needs configurations that explain others; the preset controls has them");
    if (!any(has_matched)) leave_out("Matched accuracy", "needs a list of attacks on the dense network and on others");
    if (!any(has_memorisation))
      leave_out("Memorisation", "needs reference networks (attack.references); the preset lira has them");
    v["figure"] = std::move(shown);
    v["any_absent"] = view(!absent.is_empty_list());
    v["absent"] = std::move(absent);
  }

  study::results const& study_;
  json document_;
  std::vector<series_style> styles_;
  bool strict_;
  configuration_result const* dense_;
};

}  // namespace

std::string page(
    study::results const& study, std::vector<page_figure> const& figures, std::vector<std::string> const& problems) {
  auto v = page_values(study).make(figures, problems);
  for (auto const& [name, text] : template_parts())
    if (name != "page") v[name] = text.substr(0, text.find_last_not_of('\n') + 1);
  kainjow::mustache::mustache page(template_parts().at("page"));
  page.set_custom_escape(escape);
  return page.render(v);
}

}  // namespace papillon::report
