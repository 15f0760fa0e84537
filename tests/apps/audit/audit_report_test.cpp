// SPDX-License-Identifier: MIT
#include <audit/audit_report.hpp>

#include <cmath>
#include <cstdio>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <papillon/io/npy.hpp>
#include <papillon/privacy/audit.hpp>
#include <papillon/random/distributions.hpp>

#include <audit/audit_json.hpp>
#include <audit/roc_figure.hpp>
#include <audit/table.hpp>

#include "support/temporary_directory.hpp"

using namespace papillon;

namespace {

/// A hundred images more than an audit warns of, a fifth of the members easy to find, and one score that is none.
privacy::audit_result found(std::size_t images = 2400) {
  random::engine e(random::stream{1});
  std::vector<double> scores(images);
  random::fill_normal<double>(e, scores);
  std::vector<std::uint8_t> members(images);
  for (std::size_t i = 0; i < images; ++i) {
    members[i] = i % 2 == 0;
    if (i % 10 == 0) scores[i] += 3;
  }
  scores[1] = std::nan("");
  return privacy::audit({.scores = scores, .members = members});
}

}  // namespace

TEST_CASE("an audit is written as page, document, scores and figure, without gnuplot too") {
  test::temporary_directory const directory;
  auto const audited = found();
  auto const problems = audit::write_report(audited, directory / "out", {"no-such-gnuplot"});
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], Catch::Contains({"no-such-gnuplot"}));
  auto const scores = io::read_npy<double>(directory / "out" / "scores" / "scores.npy");
  CHECK(scores.size() == 2400);
  CHECK(scores(2) == audited.attacks[0].scores[2]);
  auto const page = io::read_file<std::string>(directory / "out" / "index.html");
  CHECK_THAT(page,
      Catch::Contains("Not drawn") && Catch::Contains("1 scores are not numbers") && Catch::Contains("<b>scores</b>"));
  auto const document = nlohmann::ordered_json::parse(io::read_file<std::string>(directory / "out" / "audit.json"));
  CHECK(document == audit::to_json(audited));
}

TEST_CASE("the document holds what was found, and null where nothing can be told") {
  auto const audited = found();
  auto const& attack = audited.attacks[0];
  auto const a = audit::to_json(audited).at("attacks").at(0);
  CHECK(a.at("auc").at("value") == attack.auc.value);
  CHECK(a.at("auc").at("low") == attack.auc.limits().low);
  CHECK(a.at("tpr_at_1_percent").at("percent") == Approx(100 * attack.at_one_percent.found.rate()));
  CHECK(a.at("tpr_at_1_percent").at("false_alarms") <= 12);
  CHECK(a.at("accuracy").at("percent") == Approx(100 * attack.accuracy()));
  CHECK(a.at("source") == "cross-validated");
  auto const few = audit::to_json(found(400)).at("attacks").at(0);  // 200 others have no 0.1 %
  CHECK(few.at("tpr_at_tenth_percent").at("percent").is_null());
  CHECK(few.at("tpr_at_tenth_percent").at("false_alarms").is_null());
}

TEST_CASE("every number of the page is one of audit.json, rounded") {
  test::temporary_directory const directory;
  auto const audited = found();
  (void)audit::write_report(audited, directory / "out", {"no-such-gnuplot"});
  auto const page = io::read_file<std::string>(directory / "out" / "index.html");
  auto const document = audit::to_json(audited);
  std::string const mark = "<span data-from=\"";
  int numbers = 0;
  for (auto at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 1), ++numbers) {
    auto const begin = at + mark.size(), end = page.find('"', begin);
    auto const text = page.substr(end + 2, page.find('<', end) - end - 2);
    auto const pointer = page.substr(begin, end - begin);
    INFO(pointer << " shows " << text);
    auto const point = text.find('.');
    double const half = 0.5 * std::pow(10.0, point == std::string::npos ? 0.0 : -double(text.size() - point - 1));
    double const exact = document.at(nlohmann::ordered_json::json_pointer(pointer)).get<double>();
    CHECK(std::abs(std::stod(text) - exact) <= half * (1 + 1e-9));
  }
  CHECK(numbers > 15);
}

TEST_CASE("the table has a line an attack, with dashes for what the others are too few to tell") {
  auto const text = audit::table(found(400));
  std::istringstream lines(text);
  std::string first, head, attack;
  std::getline(lines, first);
  std::getline(lines, head);
  std::getline(lines, attack);
  CHECK(first == "200 members and 200 others");
  CHECK_THAT(
      attack, Catch::StartsWith("scores ") && Catch::Contains("too few others") && Catch::EndsWith("cross-validated"));
  CHECK_THAT(text, Catch::Contains("Warning: 1 scores are not numbers"));
}

TEST_CASE("a drawn curve keeps its ends, and the points between that can be told apart") {
  auto const audited = found();
  auto const figure = audit::roc_figure(audited, "roc");
  CHECK_THAT(figure.data, Catch::Contains("\nscores,0,0,0,") && Catch::EndsWith("\nscores,1,1,0.9969306539,1\n"));
  privacy::roc_curve const curve(std::span<double const>(audited.attacks[0].scores), audited.members);
  std::istringstream rows(figure.data.substr(figure.data.find('\n') + 1));
  double wrong = 0, found_rate = 0, low = 0, high = 0, last_wrong = 0, last_found = 0;
  std::size_t count = 0;
  for (std::string row; std::getline(rows, row);) {
    REQUIRE(std::sscanf(row.c_str(), "scores,%lf,%lf,%lf,%lf", &wrong, &found_rate, &low, &high) == 4);
    ++count;
    CHECK((low <= found_rate && found_rate <= high));
    CHECK((wrong - last_wrong < 0.02 && found_rate - last_found < 0.02));
    last_wrong = wrong;
    last_found = found_rate;
  }
  CHECK(count > 100);
  CHECK(count < curve.points().size() / 2);
}
