// SPDX-License-Identifier: MIT
#include <report/page.hpp>

#include <cmath>
#include <cstddef>
#include <utility>

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

#include <papillon/config.hpp>
#include <papillon/error.hpp>

#include <report/html.hpp>
#include <report/template.hpp>
#include <report/view.hpp>

namespace papillon::report {

namespace {

using json = nlohmann::ordered_json;

/// What the page says depends on numbers of the document; these are looked up here, for decisions only.
class decisions {
 public:
  explicit decisions(json const& document)
      : document_(document), strict_(document.at("scale").at("members") == "trained") {}

  /// The reading of "member" that headline numbers take, and the other one.
  [[nodiscard]] std::string headline() const { return strict_ ? "strict" : "all"; }
  [[nodiscard]] std::string other() const { return strict_ ? "all" : "strict"; }

  /// Place of the dense configuration; -1: none.
  [[nodiscard]] int dense() const {
    for (std::size_t i = 0; i < size(); ++i)
      if (is_dense(i)) return static_cast<int>(i);
    return -1;
  }
  /// Place of the sparse configuration of the highest mean defence; -1: none.
  [[nodiscard]] int best() const {
    int best = -1;
    for (std::size_t i = 0; i < size(); ++i)
      if (!is_dense(i) && !std::isnan(defence(i)) && !std::isnan(number(at(i) + "/summary/accuracy/mean")) &&
          (best < 0 || defence(i) > defence(static_cast<std::size_t>(best))))
        best = static_cast<int>(i);
    return best;
  }
  /// Places of the IMP rounds of which the paper states a ratio; it rounds their percentages of weights to one decimal.
  [[nodiscard]] std::vector<std::size_t> in_papers_range() const {
    std::vector<std::size_t> places;
    double const from = number("/paper/ratio_from_percent") - 0.05, to = number("/paper/ratio_to_percent") + 0.05;
    for (std::size_t i = 0; i < size(); ++i)
      if (double const percent = number(at(i) + "/nonzero_percent");
          configuration(i).at("family") == "imp" && percent >= from && percent <= to)
        places.push_back(i);
    return places;
  }
  /// How far the attack on the dense network is above guessing, in points; NaN: not attacked.
  [[nodiscard]] double above_guessing() const {
    return dense() < 0 ? std::nan("") : number(headline_of(dense()) + "/above_guessing");
  }
  /// Whether guessing comes as far: on n images it has a standard deviation of 50 / sqrt(n) points; seeds share the
  /// images, so they do not count.
  [[nodiscard]] bool few_images() const {
    double const images = 2.0 * number(strict_ ? "/scale/trained_images" : "/scale/part_images");
    return images > 0 && above_guessing() < 2 * 50.0 / std::sqrt(images);
  }
  [[nodiscard]] bool best_is_better() const {
    return best() >= 0 && number(headline_of(best()) + "/defence_change") > 0;
  }
  [[nodiscard]] bool unfinished() const { return number("/scale/trainings_done") < number("/scale/trainings"); }
  [[nodiscard]] bool one_seed() const { return document_.at("scale").at("seeds").size() == 1; }

  [[nodiscard]] std::size_t size() const { return document_.at("configurations").size(); }

 private:
  [[nodiscard]] static std::string at(std::size_t i) { return message("/configurations/", i); }
  [[nodiscard]] std::string headline_of(int i) const {
    return at(static_cast<std::size_t>(i)) + "/summary/" + headline();
  }
  [[nodiscard]] json const& configuration(std::size_t i) const { return document_.at("configurations").at(i); }
  [[nodiscard]] bool is_dense(std::size_t i) const { return configuration(i).at("family") == "dense"; }
  [[nodiscard]] double defence(std::size_t i) const {
    return number(headline_of(static_cast<int>(i)) + "/defence/mean");
  }
  [[nodiscard]] double number(std::string const& pointer) const {
    auto const& j = document_.at(json::json_pointer(pointer));
    return j.is_number() ? j.get<double>() : std::nan("");
  }

  json const& document_;
  bool strict_;
};

/// A configuration without its experiments, and under `reading` its summary for one reading of "member".
view summary_view(json const& document, std::size_t i, std::string const& reading) {
  auto const& c = document.at("configurations").at(i);
  auto const at = message("/configurations/", i);
  view v;
  for (char const* key : {"name", "nonzero_percent", "summary"}) v[key] = view_of(document, at + "/" + key);
  v["family"] = c.at("family").get<std::string>();
  v["dense"] = view(c.at("family") == "dense");
  v["reading"] = view_of(document, at + "/summary/" + reading);
  return v;
}

/// All configurations under one reading.
view table_view(json const& document, std::string const& reading) {
  view rows{view::type::list};
  for (std::size_t i = 0; i < document.at("configurations").size(); ++i)
    rows.push_back(summary_view(document, i, reading));
  view table;
  table["members=" + std::string(reading == "strict" ? "trained" : "all")] = view(true);
  table["rows"] = std::move(rows);
  return table;
}

/// What the opening sentences and the table beside the paper speak of.
void add_highlights(view& v, json const& document, decisions const& d) {
  auto const summary = [&](int i) {
    return i < 0 ? view(false) : summary_view(document, static_cast<std::size_t>(i), d.headline());
  };
  v["dense"] = summary(d.dense());
  v["best"] = summary(d.best());
  v["attacked"] = view(!std::isnan(d.above_guessing()));
  v["below"] = view(d.above_guessing() < 0);
  v["few_images"] = view(d.few_images());
  v["best_is_better"] = view(d.best_is_better());
  v["slope"] = view_of(document, d.headline() == "strict" ? "/trade_off/strict_slope" : "/trade_off/slope");
  view rounds{view::type::list};
  for (auto const i : d.in_papers_range()) {
    auto round = summary_view(document, i, d.headline());
    round["first"] = view(rounds.is_empty_list());
    rounds.push_back(round);
  }
  v["rounds"] = std::move(rounds);
}

view page_view(
    json const& document, std::vector<page_figure> const& figures, std::vector<std::string> const& problems) {
  decisions const d(document);
  view v = view_of(document, "");
  add_highlights(v, document, d);
  v["unfinished"] = view(d.unfinished());
  v["one_seed"] = view(d.one_seed());
  view notes{view::type::list};
  for (auto const& problem : problems) notes.push_back(problem);
  v["problems"] = std::move(notes);
  v["figures"] = figures_view(figures);
  v["headline"] = table_view(document, d.headline());
  v["other"] = table_view(document, d.other());
  view facts{view::type::list};
  for (auto const& [name, text] : document.at("provenance").items()) {
    view fact;
    fact["name"] = name;
    fact["text"] = text.get<std::string>();
    facts.push_back(fact);
  }
  v["facts"] = std::move(facts);
  v["dash"] = std::string(dash);
  v["version"] = std::string(PAPILLON_VERSION);
  return v;
}

}  // namespace

std::string page(
    json const& document, std::vector<page_figure> const& figures, std::vector<std::string> const& problems) {
  auto v = page_view(document, figures, problems);
  for (auto const& [name, text] : template_parts())
    if (name != "page") v[name] = text.substr(0, text.find_last_not_of('\n') + 1);
  kainjow::mustache::mustache page(template_parts().at("page"));
  page.set_custom_escape(escape);
  return page.render(v);
}

}  // namespace papillon::report
