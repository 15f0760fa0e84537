// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include <report/course_figure.hpp>
#include <report/csv.hpp>
#include <report/curves_figure.hpp>
#include <report/density_figure.hpp>
#include <report/differences_figure.hpp>
#include <report/gnuplot.hpp>
#include <report/html.hpp>
#include <report/label_placement.hpp>
#include <report/page.hpp>
#include <report/report.hpp>
#include <report/roc_figure.hpp>
#include <report/series.hpp>
#include <report/template.hpp>
#include <report/trade_off_figure.hpp>
#include <report/view.hpp>
#include <study/claim.hpp>
#include <study/results_json.hpp>
#include <study/summary.hpp>

#include "apps/study/synthetic_study.hpp"

using namespace papillon;
namespace fs = std::filesystem;

namespace {

/// A directory of its own, removed in the end.
struct scratch_folder {
  fs::path path =
      fs::temp_directory_path() / ("papillon_report_" + std::to_string(::getpid()) + "_" + std::to_string(next()));
  scratch_folder() { fs::create_directories(path); }
  ~scratch_folder() { fs::remove_all(path); }
  scratch_folder(scratch_folder const&) = delete;
  scratch_folder& operator=(scratch_folder const&) = delete;
  static int next() {
    static int count = 0;
    return count++;
  }
};

bool gnuplot_found() { return std::system("gnuplot --version >/dev/null 2>&1") == 0; }

std::string page_of(study::results const& study) {
  std::vector<report::page_figure> figures;
  for (char const* name :
      {"differences", "trade_off_strongest", "roc", "roc_attacks", "density", "scores", "trade_off", "curves"})
    figures.push_back({name, "Figure", "<svg><g/></svg>", "Files.", "", ""});
  return report::page(study, figures);
}

/// What is wrong with the elements of a page; empty: each is closed in order, and every < starts a tag.
std::string markup_error(std::string const& html) {
  static std::vector<std::string> const never_closed{"meta", "br", "hr", "img", "!DOCTYPE"};
  std::vector<std::string> open;
  for (auto at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    if (html.compare(at, 4, "<!--") == 0) {
      at = html.find("-->", at);
      continue;
    }
    auto const end = html.find('>', at);
    if (end == std::string::npos) return "unfinished tag at " + html.substr(at, 40);
    std::string const tag = html.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string::npos) return "stray < at " + html.substr(at, 40);
    std::string const name = tag.substr(0, tag.find_first_of(" \t\n/", 1));
    if (tag.front() == '/') {
      if (open.empty() || "/" + open.back() != name)
        return "<" + name + "> closes " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else if (tag.back() != '/' && std::find(never_closed.begin(), never_closed.end(), name) == never_closed.end()) {
      open.push_back(name);
    }
    at = end;
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

struct shown_number {
  std::string pointer, text;
};

std::vector<shown_number> numbers_on(std::string const& html) {
  std::vector<shown_number> all;
  std::string const mark = "data-from=\"";
  for (auto at = html.find(mark); at != std::string::npos; at = html.find(mark, at + 1)) {
    auto const begin = at + mark.size(), quote = html.find('"', begin), end = html.find('<', quote);
    all.push_back({html.substr(begin, quote - begin), html.substr(quote + 2, end - quote - 2)});
  }
  return all;
}

}  // namespace

TEST_CASE("every number of the page stands in results.json and is rounded correctly") {
  auto const study = test::synthetic_study();
  auto const document = nlohmann::ordered_json::parse(study::results_text(study));
  auto const numbers = numbers_on(page_of(study));
  CHECK(numbers.size() > 1000);
  for (auto const& n : numbers) {
    INFO(n.pointer << " shows " << n.text);
    double const exact = document.at(nlohmann::ordered_json::json_pointer(n.pointer)).get<double>();
    std::string plain = n.text;
    if (plain.starts_with("\u2212")) plain = "-" + plain.substr(std::string("\u2212").size());
    auto const point = plain.find('.');
    double const decimals = point == std::string::npos ? 0.0 : static_cast<double>(plain.size() - point - 1);
    REQUIRE(std::abs(std::stod(plain) - exact) <= 0.5 * std::pow(10.0, -decimals) * (1 + 1e-9));
  }
}

TEST_CASE("every number that a template names is one of results.json") {
  auto const text = study::results_text(test::synthetic_study());
  std::vector<std::string> const forms{"0", "1", "2", "3", "+1", "fine", "p", "short"};
  std::vector<std::string> const from_the_page{"reading", "line", "dash", "style", "svg", "files"};
  int numbers = 0;
  for (auto const& [part, source] : report::template_parts()) {
    if (part == "audit") continue;  // a page of its own, of an audit.json
    for (auto at = source.find("{{{"); at != std::string::npos; at = source.find("{{{", at + 3)) {
      auto const path = source.substr(at + 3, source.find("}}}", at) - at - 3);
      INFO(part << " names " << path);
      auto const last = path.rfind('.');
      std::string names = std::count(forms.begin(), forms.end(), path) == 1 ? "" : path;  // of a list's item
      if (last != std::string::npos) {
        CHECK(std::count(forms.begin(), forms.end(), path.substr(last + 1)) == 1);
        names.erase(last);
        ++numbers;
      }
      for (std::size_t begin = 0; begin < names.size();
           begin = std::min(names.find('.', begin), names.size() - 1) + 1) {
        auto const name = names.substr(begin, names.find('.', begin) - begin);
        CHECK((text.find("\"" + name + "\":") != std::string::npos ||
               std::count(from_the_page.begin(), from_the_page.end(), name) == 1));
      }
    }
  }
  CHECK(numbers > 50);
}

TEST_CASE("the tables show no number from elsewhere") {
  auto const study = test::synthetic_study();
  auto const html = page_of(study);
  int tables = 0;
  for (auto begin = html.find("<tbody>"); begin != std::string::npos; begin = html.find("<tbody>", begin + 1)) {
    auto const table = html.substr(begin, html.find("</tbody>", begin) - begin);
    if (table.find("about ") != std::string::npos) continue;  // the paper's ranges stand in words of this table
    ++tables;
    // Outside the marked spans and the names only tags and words are left.
    std::string rest;
    for (std::size_t i = 0; i < table.size();)
      if (table.compare(i, 16, "<span data-from=") == 0) i = table.find("</span>", i);
      else if (table[i] == '<') i = table.find('>', i) + 1;
      else rest += table[i++];
    std::vector<std::string> names;
    for (auto const& c : study.configurations) names.push_back(c.name);
    for (auto const& d : study.configurations[0].seeds[0].all.discriminators) names.push_back(d.name);
    std::sort(names.begin(), names.end(), [](auto const& a, auto const& b) { return a.size() > b.size(); });
    for (auto const& name : names)
      for (auto at = rest.find(name); at != std::string::npos; at = rest.find(name)) rest.erase(at, name.size());
    INFO(rest);
    CHECK(rest.find_first_of("0123456789") == std::string::npos);
  }
  CHECK(tables > 10);
}

TEST_CASE("the page of very many seeds lists the experiments of some, says so and stays small") {
  auto const few = page_of(test::synthetic_study(10)), many = page_of(test::synthetic_study(50));
  CHECK(few.find("The first 10 of") == std::string::npos);
  CHECK(many.find("The first 10 of 50 seeds; the others are in") != std::string::npos);
  CHECK(markup_error(many) == "");
  CHECK(many.find("/seeds/9/target/") != std::string::npos);
  CHECK(many.find("/seeds/10/target/") == std::string::npos);
  // The list of seeds alone grows with them: 40 more, each with what says where it is from.
  CHECK(many.size() < few.size() + 40 * 100);
}

TEST_CASE("the page is well formed, whatever is missing") {
  CHECK(markup_error("<p><b>x</p></b>") != "");  // the checker itself
  CHECK(markup_error("<p>1 < 2</p>") != "");
  for (int seeds : {0, 1, 3}) {
    INFO(seeds << " seeds");
    auto study = test::synthetic_study(seeds);
    CHECK(markup_error(page_of(study)) == "");
    CHECK(markup_error(page_of(test::papers_synthetic_study(seeds))) == "");
    study.configurations.erase(study.configurations.begin());
    study::summarise(study);
    CHECK(markup_error(page_of(study)) == "");
  }
  CHECK(markup_error(page_of(study::results{})) == "");
}

TEST_CASE("missing numbers are dashes, never nan") {
  auto study = test::synthetic_study(1);
  study.configurations[2].seeds.clear();
  study.configurations[0].seeds[0].shadow.quality.test_loss = study::missing;
  study::summarise(study);
  auto const html = page_of(study);
  CHECK(html.find("nan") == std::string::npos);
  CHECK(html.find("inf") == html.find("inference"));
  CHECK(html.find(report::dash) != std::string::npos);
}

TEST_CASE("the page says what is missing") {
  auto study = test::synthetic_study(1);
  CHECK_THAT(page_of(study), Catch::Contains("One seed:"));
  CHECK_THAT(page_of(study), !Catch::Contains("not finished"));
  study.scale.trainings_done -= 1;
  CHECK_THAT(page_of(study), Catch::Contains("not finished"));
  CHECK_THAT(page_of(test::synthetic_study(3)), !Catch::Contains("One seed:"));
  CHECK_THAT(page_of(study::results{}), Catch::Contains("has not been attacked yet"));
}

TEST_CASE("every warning of the study stands above its first table") {
  auto const study = test::synthetic_study(3);
  auto const html = page_of(study);
  REQUIRE(study.warnings.size() == 4);
  for (auto const& w : study.warnings) {
    INFO(w);
    CHECK(html.find(report::escape(w)) < html.find("<table"));
  }
}

TEST_CASE("parts without data are left out and named with what they need") {
  std::vector<std::string> const parts{"<h2>The strongest attack", "<h2>What the attacks find", "<h2>Controls",
      "<h2>At the same accuracy", "<h2>Memorisation"};
  auto const all = page_of(test::synthetic_study()), papers = page_of(test::papers_synthetic_study());
  for (auto const& part : parts) {
    INFO(part);
    CHECK_THAT(all, Catch::Contains(part));
    CHECK_THAT(papers, !Catch::Contains(part));
  }
  CHECK_THAT(all, !Catch::Contains("What this study does not show"));
  CHECK_THAT(papers, Catch::Contains("What this study does not show"));
  CHECK_THAT(
      papers, Catch::Contains("<li>Controls: needs configurations that explain others; the preset controls has them."));
  CHECK_THAT(papers, Catch::Contains("so that nothing can be said of protection"));
}

TEST_CASE("an attack that is no better than chance is called so") {
  auto study = test::papers_synthetic_study(3);
  CHECK_THAT(page_of(study), !Catch::Contains("of guessing on so few images"));
  study.scale.part_images = 40;  // 10.6 points against a standard deviation of 50 / sqrt(80) = 5.6
  CHECK_THAT(page_of(study), Catch::Contains("of guessing on so few images"));
  study = test::synthetic_study(3);
  CHECK_THAT(page_of(study), !Catch::Contains("of guessing on so few images"));
  study.scale.trained_images = 30;  // 12.7 points of the strongest attack against 50 / sqrt(60) = 6.5
  CHECK_THAT(page_of(study), Catch::Contains("of guessing on so few images"));
}

TEST_CASE("the opening praises what is better after correction and nothing else") {
  auto study = test::synthetic_study(3);
  CHECK(study.headline.best == "imp-24");
  CHECK_THAT(page_of(study), Catch::Contains("The largest gain is that of"));

  study = test::synthetic_study(1);  // larger means, no interval
  CHECK_THAT(page_of(study), !Catch::Contains("The largest gain"));
  CHECK_THAT(page_of(study), Catch::Contains("can it be told from chance"));

  study = test::synthetic_study(3);
  study.configurations.resize(2);  // imp-04, which is worse
  study::summarise(study);
  CHECK(study.headline.worse == 1);
  CHECK_THAT(page_of(study), !Catch::Contains("The largest gain"));
  CHECK_THAT(page_of(study), Catch::Contains("No sparse network is known to keep more to itself"));
}

TEST_CASE("without a list of attacks the opening follows the reading that the study is set to") {
  auto study = test::papers_synthetic_study(3);
  auto const first = [&] { return numbers_on(page_of(study)).front().pointer; };
  CHECK_THAT(first(), Catch::Contains("/all/"));
  study.scale.members = "trained";
  CHECK_THAT(first(), Catch::Contains("/strict/"));
  study = test::synthetic_study(3);
  CHECK_THAT(first(), Catch::Contains("/strongest_accuracy/"));
}

TEST_CASE("the paper's accuracy of the dense network is compared with the mean over targets and shadows") {
  auto const html = page_of(test::synthetic_study());
  auto const row = html.find("mean over targets and shadows");
  REQUIRE(row != std::string::npos);
  CHECK(html.find("/summary/mean_accuracy/mean", row) < html.find("</tr>", row));
}

TEST_CASE("controls of the attacks themselves have no place in figures of differences") {
  auto study = test::synthetic_study();
  study.configurations.push_back(study.configurations[9]);
  study.configurations.back().name = "untrained";
  study.configurations.back().control_of.clear();
  study::summarise(study);
  for (auto const& f : {report::differences_figure(study, "f"), report::strongest_trade_off_figure(study, "f"),
           report::density_figure(study, "f")}) {
    CHECK_THAT(f.data, Catch::Contains("narrow-6"));
    CHECK_THAT(f.data, !Catch::Contains("untrained"));
  }
}

TEST_CASE("checks of the attacks are rows, by control, and one that fails is a warning on top") {
  auto study = test::synthetic_study();
  auto const html = page_of(study);
  for (char const* title : {"The network is never asked", "Membership permuted, scores of the dense network",
           "An untrained network", "Random labels, learned by heart"})
    CHECK_THAT(html, Catch::Contains(title));
  // Found, with three standard errors; of the first permuted one, and of the last, which is to be exceeded.
  CHECK_THAT(html, Catch::Contains("\"/attack_checks/2/value\">0.512<") &&
                       Catch::Contains("\"/attack_checks/2/low\">0.457<") &&
                       Catch::Contains("above <span data-from=\"/attack_checks/7/expected\">95<"));
  auto const section = html.find("Checks of the attacks");
  CHECK(html.find("<span class=\"yes\">yes", section) != std::string::npos);
  CHECK(html.find(">no</td>", section) == std::string::npos);

  study.attack_checks[3].outcome = study::check_outcome::failed;
  study::summarise(study);
  auto const failed = page_of(study);
  auto const warning = failed.find("Attacks did not find what is known beforehand: loss on an untrained network");
  CHECK(warning < failed.find("<table"));
  CHECK(failed.find(">no</td>", failed.find("Checks of the attacks")) != std::string::npos);
  CHECK_THAT(page_of(test::papers_synthetic_study()), !Catch::Contains("Checks of the attacks"));
}

TEST_CASE("the line through dense is drawn from half of the squares on") {
  auto study = test::synthetic_study();
  CHECK(study.trade_off.all.share_explained > 0.5);
  CHECK_THAT(report::papers_trade_off_figure(study, "f").script, Catch::Contains("least squares through dense"));
  CHECK_THAT(page_of(study), !Catch::Contains("is not drawn"));
  study.trade_off.all.share_explained = 0.49;
  CHECK_THAT(report::papers_trade_off_figure(study, "f").script, !Catch::Contains("least squares through dense"));
  CHECK_THAT(page_of(study), Catch::Contains("is not drawn"));
}

TEST_CASE("texts from outside cannot become markup") {
  auto study = test::synthetic_study(1);
  std::string const evil = "<script>alert('x')</script>&\"";
  study.scale.preset = study.scale.data = study.scale.architecture = evil;
  study.provenance = {{evil, evil}};
  for (auto& c : study.configurations) {
    c.name = c.series = c.isolates = evil;
    c.keys = {{evil, evil}};
    for (auto& a : c.attacks) a.name = evil;
    for (auto& s : c.seeds)
      for (auto& d : s.all.discriminators) d.name = evil;
  }
  study::summarise(study);
  auto const html = report::page(study, {{"curves", evil, "", "", evil, ""}, {"roc", evil, "", "", "", evil}}, {evil});
  CHECK(html.find("<script") == std::string::npos);
  CHECK(markup_error(html) == "");
  CHECK(report::escape("a\x01"
                       "b") == "a b");
}

TEST_CASE("numbers have a typographic minus and no negative zero") {
  CHECK(report::fixed(-1.25, 1) == "\u22121.2");
  CHECK(report::fixed(-0.04, 1) == "0.0");
  CHECK(report::fixed(79.96, 1) == "80.0");
}

TEST_CASE("a table as comma-separated values quotes what needs it and leaves missing numbers empty") {
  report::csv_table table{"name", "value"};
  table.add("a, \"b\"", 0.1);
  table.add(std::string("c"), study::missing);
  CHECK(table.rows() == 2);
  CHECK(table.text() == "name,value\n\"a, \"\"b\"\"\",0.1\nc,\n");
}

TEST_CASE("series are told apart by order of appearance, and a figure takes a few of each") {
  auto const study = test::synthetic_study(1);
  auto const styles = report::series_styles(study);
  REQUIRE(styles.size() == 4);
  CHECK(styles[1].name == "imp");
  CHECK(styles[0].colour != styles[1].colour);
  CHECK(styles[2].point != styles[3].point);
  std::vector<std::string> names;
  for (auto const* c : report::select_of_series(study, 2, [](auto const& c) { return c.name != "S1L2"; }))
    names.push_back(c->name);
  CHECK(names == std::vector<std::string>{"dense", "imp-08", "imp-24", "S2L2", "S3L3", "restart-08", "narrow-6"});
}

TEST_CASE("the band of a ROC curve holds the limits of Clopper and Pearson") {
  auto study = test::synthetic_study(1);
  auto& attack = study.configurations[0].attacks[0];
  attack.roc.assign(study::roc_rates().size(), 1.0);  // 6 of 600
  attack.experiments[0].members = 600;
  auto const csv = report::roc_of_attacks(study, "f").data;
  auto const begin = csv.find("gap,0,1,");  // in percent, of a rate of 0
  REQUIRE(begin != std::string::npos);
  auto const comma = csv.find(',', begin + 8);
  CHECK(std::stod(csv.substr(begin + 8)) == Approx(0.36784164).margin(1e-8));
  CHECK(std::stod(csv.substr(comma + 1)) == Approx(2.1637956).margin(1e-7));
}

TEST_CASE("each pruned network stands beside the one that its pruning began with, attack by attack, with a verdict") {
  auto study = test::synthetic_study();
  auto const section_of = [](std::string const& html) {
    auto const begin = html.find("Does pruning harm or help?");
    return begin == std::string::npos ? "" : html.substr(begin, html.find("<h2>", begin) - begin);
  };
  auto& changes = study.configurations[1].attacks;  // of imp-04
  auto const verdicts = [&](double low, double high) {
    for (auto& a : changes) a.summary.defence_to_unpruned.over_images = {low, high};
    auto const section = section_of(page_of(study));
    auto const row = section.find(">imp-04<");
    return section.substr(row, section.find("</tr>", row) - row);
  };
  CHECK_THAT(verdicts(-9, -1), Catch::Contains(">harms<") && !Catch::Contains("helps"));
  CHECK_THAT(verdicts(1, 9), Catch::Contains(">helps<") && !Catch::Contains("harms"));
  CHECK_THAT(verdicts(-1, 9), Catch::Contains(">undecided<"));
  CHECK_THAT(verdicts(study::missing, study::missing), Catch::Contains(">undecided<"));
  CHECK_THAT(verdicts(1, 9), Catch::Contains("\"/configurations/0/attacks/0/summary/auc/mean\"") &&
                                 Catch::Contains("\"/configurations/1/attacks/0/summary/auc/mean\""));
  CHECK_THAT(section_of(page_of(study)), !Catch::Contains(">S1L2<"));
  // Of a file that somebody made: the other configuration lacks the attack, or is none.
  auto made_up = study;
  made_up.configurations[0].attacks.resize(1);
  CHECK_THAT(section_of(page_of(made_up)), Catch::Contains(">imp-04<"));
  made_up.configurations[1].pruned_from = "nobody";
  CHECK_THAT(section_of(page_of(made_up)), !Catch::Contains(">imp-04<"));
  for (auto& c : study.configurations) c.pruned_from.clear();
  study::summarise(study);
  for (auto& c : study.configurations)
    for (auto& a : c.attacks) CHECK(study::is_missing(a.summary.defence_to_unpruned.change.mean));
  CHECK(section_of(page_of(study)).empty());
}

TEST_CASE("courses of trainings are lines from chance to the end, where they were followed") {
  auto study = test::synthetic_study();
  auto const f = report::course_figure(study, "f");
  CHECK_THAT(f.data, Catch::Contains("dense,1,") && Catch::Contains("imp-24,3,") && !Catch::Contains("S1L2"));
  CHECK_THAT(f.script, Catch::Contains("title 'dense'"));
  CHECK_THAT(page_of(study), Catch::Contains("<h2>On the way</h2>"));
  for (auto& c : study.configurations) c.courses.clear();
  study::summarise(study);
  CHECK_THAT(report::course_figure(study, "f").why_not, Catch::Contains("attack.course"));
  CHECK_THAT(page_of(study), !Catch::Contains("On the way"));
}

TEST_CASE("labels of a scatter plot stay in the window and apart where there is room") {
  std::vector<report::labelled_point> points;
  for (int i = 0; i < 5; ++i)
    points.push_back({.x = 50.0 + 24 * i, .y = 60.0 + 14 * i, .width = 40, .height = 13, .bar_x = 5, .bar_y = 5});
  auto const places = report::place_labels(points, 300, 200, 6);
  for (std::size_t i = 0; i < places.size(); ++i) {
    CHECK(places[i].x >= 20);
    CHECK(places[i].x <= 280);
    CHECK(places[i].y >= 6.5);
    CHECK(places[i].y <= 193.5);
    for (std::size_t j = 0; j < i; ++j)
      CHECK((std::abs(places[i].x - places[j].x) >= 40 - 1e-9 || std::abs(places[i].y - places[j].y) >= 13 - 1e-9));
  }
}

TEST_CASE("a report is a folder with page, numbers and figures") {
  if (!gnuplot_found()) {
    std::cout << "[skipped] gnuplot is not installed\n";
    return;
  }
  scratch_folder const folder;
  for (int seeds : {1, 3}) {
    auto const out = folder.path / std::to_string(seeds) / "report";
    auto const study = test::synthetic_study(seeds);
    auto const written = report::write_report(study, out);
    CHECK(written.problems.empty());
    CHECK(study::results_text(study::parse_results(io::read_file<std::string>(out / "results.json"))) ==
          study::results_text(study));
    std::vector<std::string> names{
        "trade_off_strongest", "roc", "roc_attacks", "density", "scores", "trade_off", "curves"};
    if (seeds > 1) names.emplace_back("differences");  // they have no interval otherwise
    for (auto const& name : names) {
      INFO(name);
      auto const svg = io::read_file<std::string>(out / "figures" / (name + ".svg"));
      CHECK(svg.find("</svg>") != std::string::npos);
      auto const png = io::read_file<std::string>(out / "figures" / (name + ".png"));
      CHECK(png.substr(1, 3) == "PNG");
      CHECK(png.size() > 10000);
      auto const csv = io::read_file<std::string>(out / "figures" / (name + ".csv"));
      CHECK(std::count(csv.begin(), csv.end(), '\n') > 3);
      CHECK(csv.find("nan") == std::string::npos);
      CHECK_THAT(io::read_file<std::string>(written.index), Catch::Contains("href=\"figures/" + name + ".csv\""));
      CHECK_FALSE(fs::exists(out / "figures" / (name + ".gp.log")));
    }
    // every percentage of the figure is a label of the drawing
    auto const figure = io::read_file<std::string>(out / "figures" / "trade_off.svg");
    for (auto const& c : study.configurations)
      if (!study::is_control(c))
        CHECK_THAT(figure, Catch::Contains(c.name == "dense" ? "dense" : report::fixed(c.nonzero_percent, 1) + " %"));
    auto const html = io::read_file<std::string>(written.index);
    CHECK(markup_error(html) == "");
    CHECK(html.find("http") == html.find("http://www.w3.org"));  // stands alone: no other address but SVG's name space
    CHECK_THAT(html, !Catch::Contains("Not drawn"));
  }
}

TEST_CASE("figures of one seed on too few images for a rate are drawn with what there is") {
  if (!gnuplot_found()) {
    std::cout << "[skipped] gnuplot is not installed\n";
    return;
  }
  auto study = test::synthetic_study(1);
  study.configurations.resize(1);
  for (auto& a : study.configurations[0].attacks)
    for (auto& e : a.experiments)
      for (auto& p : e.found) p.rate = study::missing;
  study::summarise(study);
  scratch_folder const folder;
  CHECK(report::write_report(study, folder.path).problems.empty());
}

TEST_CASE("without gnuplot the rest of the report is written and the lack is named") {
  scratch_folder const folder;
  auto const written = report::write_report(test::synthetic_study(), folder.path, {"papillon-no-such-gnuplot"});
  REQUIRE(written.problems.size() == 9);
  CHECK_THAT(written.problems.front(), Catch::Contains("install gnuplot"));
  CHECK(fs::exists(folder.path / "results.json"));
  CHECK(fs::exists(folder.path / "figures" / "trade_off.gp"));
  auto const html = io::read_file<std::string>(written.index);
  CHECK(markup_error(html) == "");
  CHECK_THAT(html, Catch::Contains("Not drawn: cannot draw"));
}

TEST_CASE("a script that gnuplot refuses is an error with its words") {
  if (!gnuplot_found()) {
    std::cout << "[skipped] gnuplot is not installed\n";
    return;
  }
  scratch_folder const folder;
  io::write_atomically(folder.path / "bad.gp", "plot nonsense(x)\n");
  CHECK_THROWS_WITH(report::run_gnuplot(folder.path, "bad.gp"), Catch::Contains("undefined function"));
}

namespace {

/// A program in place of gnuplot.
std::string stand_in(fs::path const& folder, std::string const& text) {
  auto const file = folder / "stand-in";
  std::ofstream(file) << "#!/bin/sh\n" << text;
  fs::permissions(file, fs::perms::owner_all);
  return file.string();
}

bool is_alive(fs::path const& pid_file) {
  pid_t pid = 0;
  std::ifstream(pid_file) >> pid;
  return pid > 0 && ::kill(pid, 0) == 0 && [&] {  // one that has ended and waits to be asked after is no longer alive
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string const text{std::istreambuf_iterator<char>(status), {}};
    return text.find(") Z ") == text.npos;
  }();
}

}  // namespace

TEST_CASE("a drawing that does not end is ended, and what it has started with it") {
  scratch_folder const folder;
  auto const program = stand_in(folder.path, "sleep 1000 &\necho $! > sleeper\nwait\n");
  CHECK_THROWS_WITH(report::run_gnuplot(folder.path, "x.gp", {.name = program, .limit = std::chrono::seconds(1)}),
      Catch::Contains("has not ended after 1 s"));
  for (int i = 0; i < 200 && is_alive(folder.path / "sleeper"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK_FALSE(is_alive(folder.path / "sleeper"));

  std::atomic<bool> const stop{true};
  try {
    (void)report::write_report(test::synthetic_study(), folder.path / "report", {.name = program, .stop = &stop});
    FAIL("not interrupted");
  } catch (error const& e) {
    CHECK(e.code() == errc::interrupted);
  }
}

TEST_CASE("before every file of a report its fence is asked, and where that is closed nothing more is written") {
  scratch_folder const folder;
  auto const program = stand_in(folder.path,
      "for n in *.gp; do printf '<svg></svg>' > ${n%.gp}.svg; printf 'IEND\\256\\102\\140\\202' > ${n%.gp}.png; "
      "done\n");
  auto const out = folder.path / "report";
  auto const files = [&] {
    std::vector<fs::path> all;
    for (auto const& entry : fs::recursive_directory_iterator(out))
      if (entry.is_regular_file() && entry.path().parent_path().extension() != ".drawing") all.push_back(entry.path());
    std::ranges::sort(all);
    return all;
  };
  auto const study = test::synthetic_study(1);
  int asked = 0;
  std::size_t before = 0;
  auto const count = [&] {
    ++asked;
    auto const now = files().size();
    CHECK(now <= before + 1);
    before = now;
  };
  CHECK(report::write_report(study, out, {program}, count).problems.empty());
  CHECK(files().size() == before + 1);
  CHECK(files().size() > 20);
  int const in_all = asked;
  for (int const last : {1, 2, 4, 6, in_all - 1, in_all}) {
    fs::remove_all(out);
    std::vector<fs::path> left;
    int calls = 0;
    auto const close = [&] {
      left = files();
      if (++calls == last) throw study::claim_lost("it is another's");
    };
    CHECK_THROWS_AS(report::write_report(study, out, {program}, close), study::claim_lost);
    CHECK(calls == last);
    CHECK(files() == left);
  }
}

TEST_CASE("a picture that is cut off is a problem, and does not come into the report") {
  scratch_folder const folder;
  auto const program =
      stand_in(folder.path, "for n in *.gp; do printf '<svg>' > ${n%.gp}.svg; printf PNG > ${n%.gp}.png; done\n");
  auto const written = report::write_report(test::synthetic_study(), folder.path / "report", {program});
  REQUIRE_FALSE(written.problems.empty());
  for (auto const& problem : written.problems) CHECK_THAT(problem, Catch::Contains("cut off"));
  CHECK_FALSE(fs::exists(folder.path / "report" / "figures" / "roc.svg"));
}

TEST_CASE("an empty study has a page and no figures of its own") {
  scratch_folder const folder;
  auto const written = report::write_report({}, folder.path);
  CHECK(written.problems.empty());
  CHECK_THAT(io::read_file<std::string>(written.index), Catch::Contains("no network has been trained yet"));
}

TEST_CASE("curves of networks without validation images are those of the training, under their names") {
  auto study = test::synthetic_study();
  auto const held_back = report::curves_figure(study, "curves");
  for (auto& c : study.configurations)
    for (auto& s : c.seeds) {
      s.target.curve.validation_loss.clear();
      s.target.curve.validation_accuracy.clear();
    }
  auto const none = report::curves_figure(study, "curves");
  CHECK_THAT(held_back.script, Catch::Contains("using 2:5 with") && Catch::Contains("using 2:6 with"));
  CHECK_THAT(none.script, !Catch::Contains("using 2:5 with") && !Catch::Contains("using 2:6 with"));
  for (auto const* f : {&held_back, &none}) {
    CHECK_THAT(f->script, Catch::Contains("title 'dense' noenhanced"));
    CHECK_THAT(f->script, Catch::Contains("using 2:4 with"));
  }
}

TEST_CASE("a place that cannot be written is one error and keeps what was there") {
  scratch_folder const folder;
  std::ofstream(folder.path / "file") << "kept";
  try {
    (void)report::write_report(test::synthetic_study(1), folder.path / "file");
    FAIL("no error");
  } catch (error const& e) {
    CHECK(e.code() == errc::failed);
    CHECK_THAT(e.what(), Catch::Contains("cannot make"));
  }
  CHECK(io::read_file<std::string>(folder.path / "file") == "kept");
}
