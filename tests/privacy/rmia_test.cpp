// SPDX-License-Identifier: MIT
#include "reference_fixture.hpp"

#include <set>

#include <papillon/privacy/calibrated.hpp>
#include <papillon/privacy/rmia.hpp>

using namespace papillon;
using namespace papillon::privacy;
using namespace papillon::test;
using numbers = std::vector<double>;
using bytes = std::vector<std::uint8_t>;

namespace {

/// log p_y of the fixture, of the images judged and of the population.
struct fixture_log_p : reference_fixture {
  numbers own = target(log_p), others = references(log_p);
  numbers own_population = target(log_p, images, population), others_population = references(log_p, images, population);

  [[nodiscard]] references_view view() const { return {others, keep, networks}; }
  [[nodiscard]] references_view population_view() const { return {others_population, networks}; }
};

numbers exponentials(numbers x) {
  for (double& v : x) v = std::exp(v);
  return x;
}

numbers plus(numbers x, double c) {
  for (double& v : x) v += c;
  return x;
}

/// All (found, wrongly) of an attack at any threshold.
std::set<std::pair<std::size_t, std::size_t>> roc_points(numbers const& scores, bytes const& members) {
  std::set<std::pair<std::size_t, std::size_t>> points;
  roc_curve const curve(std::span<double const>(scores), members);
  for (auto const& p : curve.points()) points.emplace(p.true_positives, p.false_positives);
  return points;
}

}  // namespace

TEST_CASE("RMIA online on the fixture") {
  fixture_log_p const f;
  auto const ratios = rmia_online(f.own, f.view());
  check_scores(exponentials(ratios), {1.144104, .758500, 1.349034, 1.734800, 1.495289, .703137, 1.201812, .792190,
                                         1.638507, .639562, .925854, 1.063989});
  CHECK(f.auc(ratios) == Approx(.805556).margin(5e-7));
  auto const population = rmia_online(f.own_population, f.population_view());
  auto const one = rmia_population_scores(ratios, population);
  check_scores(one, {.8, .5, .9, 1, 1, .4, .8, .5, 1, .4, .5, .6});
  CHECK(f.auc(one) == Approx(.805556).margin(5e-7));
  auto const two = rmia_population_scores(ratios, population, 2);
  check_scores(two, {.3, .1, .4, .5, .5, .1, .4, .1, .5, .1, .1, .2});
  CHECK(f.auc(two) == Approx(.777778).margin(5e-7));
}

TEST_CASE("RMIA offline on the fixture") {
  fixture_log_p const f;
  auto const ratios = rmia_offline(f.own, f.view());
  check_scores(exponentials(ratios), {1.218312, .748450, 1.177306, 1.631392, 1.491433, .742306, 1.110402, .862847,
                                         1.272361, .706679, .919028, 1.185817});
  CHECK(f.auc(ratios) == Approx(.75).margin(5e-7));
  auto const scores = rmia_population_scores(ratios, rmia_offline(f.own_population, f.population_view()));
  check_scores(scores, {1, .7, 1, 1, 1, .7, 1, .7, 1, .5, .9, 1});
  CHECK(f.auc(scores) == Approx(.805556).margin(5e-7));
}

TEST_CASE("calibrated loss on the fixture") {
  fixture_log_p const f;
  auto const scores = calibrated_scores(f.own, f.view());
  check_scores(scores, {.860432, -.047633, .298159, 2.009184, 1.418787, .178087, .211656, 1.547500, 1.163385, .657363,
                           .057636, 1.261823});
  CHECK(f.auc(scores) == Approx(.416667).margin(5e-7));
}

TEST_CASE("RMIA does not change when all probabilities are scaled") {
  fixture_log_p const f;
  double const c = -2000;  // exp(c) itself underflows
  auto const own = plus(f.own, c), others = plus(f.others, c);
  check_equal(rmia_online(own, references_view(others, f.keep, f.networks)), rmia_online(f.own, f.view()), 1e-11);
  // of the target alone: all ratios move alike, those of the population too (none are equal in the fixture)
  auto const ratios = rmia_offline(f.own, f.view()), population = rmia_offline(f.own_population, f.population_view());
  CHECK(rmia_population_scores(plus(ratios, -2), plus(population, -2)) == rmia_population_scores(ratios, population));
}

TEST_CASE("every point of RMIA's curve is one of its ratio's") {
  fixture_log_p const f;
  auto const ratios = rmia_online(f.own, f.view()), population = rmia_online(f.own_population, f.population_view());
  auto const all = roc_points(ratios, f.members);
  for (double gamma : {.5, 1.0, 1.1, 2.0}) {
    auto const some = roc_points(rmia_population_scores(ratios, population, gamma), f.members);
    CHECK(std::includes(all.begin(), all.end(), some.begin(), some.end()));
  }
}

TEST_CASE("the share of the population counts equal ratios, and is none's for what is no number") {
  numbers const ratios{0, 1, -1, not_a_number, 3}, population{0, 1, 1, not_a_number};
  CHECK(rmia_population_scores(ratios, population) == numbers{.5, 1, .25, 0, 1});
  CHECK_THROWS_AS(rmia_population_scores(ratios, numbers()), error);
  CHECK_THROWS_AS(rmia_population_scores(ratios, population, 0), error);
}

TEST_CASE("RMIA and calibration give no score to an image without the references they need") {
  numbers const own{-1, -1, -1}, others{-1, -2, -3, -4, -5, -6};
  bytes const keep{1, 0, 1, 1, 0, 0};  // two networks; the images: all IN, all OUT, one of each
  references_view const view(others, keep, 2);
  auto const online = rmia_online(own, view), offline = rmia_offline(own, view),
             calibrated = calibrated_scores(own, view);
  CHECK((std::isnan(online[0]) && std::isnan(online[1]) && !std::isnan(online[2])));
  CHECK((std::isnan(offline[0]) && !std::isnan(offline[1]) && !std::isnan(offline[2])));
  CHECK((std::isnan(calibrated[0]) && calibrated[1] == 2.5 && calibrated[2] == 5.0));
}

TEST_CASE("a reference that diverged takes the score of its images, it does not make members") {
  numbers const own{-1, -1}, others{not_a_number, -2, not_a_number, -2};
  CHECK(std::isnan(rmia_online(own, references_view(others, 2))[0]));
  CHECK(std::isnan(rmia_offline(own, references_view(others, 2))[0]));
  CHECK(rmia_offline(own, references_view(others, 2), 1)[1] == Approx(1).epsilon(1e-15));
}

TEST_CASE("RMIA averages the log ratios of queries") {
  numbers const own{-1, -3}, others{-2, -5, -2, -5};  // one image, two queries, two references that agree
  CHECK(rmia_online(own, references_view(others, 2, 2)) == numbers{1.5});
}

TEST_CASE("a is chosen by the area under the curve, on the shadow") {
  fixture_log_p const f;
  double const a = choose_rmia_a(f.own, f.view(), f.members);
  double const best = f.auc(rmia_offline(f.own, f.view(), a));
  for (int tenth = 0; tenth <= 10; ++tenth) {
    double const auc = f.auc(rmia_offline(f.own, f.view(), tenth / 10.0));
    CHECK(auc <= best);
    if (tenth / 10.0 < a) CHECK(auc < best);
  }
  // a = 1 compares with the reference, a = 0 hardly: here the members stand out only against their reference
  numbers const own{-2, -1}, others{-4, -1};
  CHECK(choose_rmia_a(own, references_view(others, 1), bytes{1, 0}) > 0);
  CHECK_THROWS_AS(choose_rmia_a(f.own, f.view(), bytes(12, 1)), error);
  CHECK_THROWS_AS(rmia_offline(f.own, f.view(), 1.5), error);
}
