// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <vector>

#include <papillon/privacy/attack.hpp>

#include "policies/discriminators.hpp"

using namespace papillon;
using namespace papillon::privacy;

namespace {

/// Two classes, six columns. Members are surer of their class by `gap`; the response columns carry nothing.
samples made_up(std::size_t count, double gap, std::uint64_t seed) {
  samples s{xt::xtensor<float, 2>::from_shape({count, 6}), std::vector<std::uint8_t>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    random::engine e({seed, 0, random::purpose::test}, 0, i);
    bool const member = i % 2 == 0;
    std::size_t const label = (i / 2) % 2;
    float const p = random::uniform<float>(e, 0.2f, 0.8f) + (member ? static_cast<float>(gap) : 0.0f);
    s.members[i] = member;
    s.features(i, label) = p;
    s.features(i, 1 - label) = 1 - p;
    s.features(i, 2) = random::uniform<float>(e);
    s.features(i, 3) = random::uniform<float>(e);
    s.features(i, 4) = label == 0 ? 1.0f : 0.0f;
    s.features(i, 5) = label == 1 ? 1.0f : 0.0f;
  }
  return s;
}

std::vector<std::uint32_t> rows_of(samples const& s) {
  std::vector<std::uint32_t> rows(s.size());
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

attack_settings small() {
  attack_settings s;
  s.hidden = {{5}, {4, 3}};
  s.learning_rates = {0.01, 0.001};
  s.epochs = 6;
  s.batch = 32;
  return s;
}

}  // namespace

TEST_CASE("the three discriminators have the paper's numbers of parameters") {
  CHECK(nn::make_perceptron<float>(30, {30}, 1).parameter_count() == 961);
  CHECK(nn::make_perceptron<float>(30, {30, 30}, 1).parameter_count() == 1891);
  CHECK(nn::make_perceptron<float>(30, {100, 100, 100}, 1).parameter_count() == 23401);
  auto const net = nn::make_perceptron<float>(30, {30, 30}, 1);
  CHECK(net.parameters().front().name == "0.weight");
  CHECK(net.parameters().back().name == "4.bias");
  CHECK_THROWS_AS(nn::make_perceptron<float>(30, {0}, 1), error);
}

TEST_CASE("the default attack has the nine discriminators of the paper") {
  auto const all = discriminators_of({});
  REQUIRE(all.size() == 9);
  CHECK(name_of(all[0]) == "30 lr 0.01");
  CHECK(name_of(all[4]) == "30-30 lr 0.001");
  CHECK(name_of(all[8]) == "100-100-100 lr 0.0001");
  CHECK(all[8].epochs == 80);
  CHECK(all[8].batch == 256);
}

TEST_CASE("initial weights and biases fill the range of their fan-in") {
  auto const net = nn::make_perceptron<float>(30, {100, 100, 100}, 1);
  auto const w = nn::initialise(net, {1, 1, random::purpose::discriminator_initialisation});
  for (auto const& s : net.parameters()) {
    double const bound = 1 / std::sqrt(s.name.starts_with("0.") ? 30.0 : 100.0);
    double largest = 0;
    for (std::size_t i = 0; i < s.size; ++i)
      largest = std::max(largest, std::abs(static_cast<double>(w.parameters[s.offset + i])));
    INFO(s.name);
    CHECK(largest <= bound * (1 + 1e-6));
    if (s.size >= 100) CHECK(largest > 0.9 * bound);  // missed with probability 0.9^100 = 3e-5, and the seed is fixed
  }
}

TEST_CASE("a discriminator learns what no linear one could") {
  // members have both numbers of the same sign
  samples s{xt::xtensor<float, 2>::from_shape({400, 2}), std::vector<std::uint8_t>(400)};
  for (std::size_t i = 0; i < 400; ++i) {
    random::engine e({5, 0, random::purpose::test}, 0, i);
    for (std::size_t j : {0u, 1u}) s.features(i, j) = random::uniform<float>(e, -1.0f, 1.0f);
    s.members[i] = (s.features(i, 0) > 0) == (s.features(i, 1) > 0);
  }
  discriminator const d(exec::omp{1}, s, rows_of(s), {{20, 20}, 0.01, 60, 32, false}, 1);
  auto const scores = d.scores(s);
  CHECK(evaluate_attack(std::span<float const>(scores), s.members, 0.0).accuracy > 95);
}

TEST_CASE("standardised features do not care about their units") {
  auto s = made_up(203, 0.1, 3);
  discriminator_settings const settings{{5}, 0.01, 5, 32, true};
  auto const before = discriminator(exec::omp{1}, s, rows_of(s), settings, 1).scores(s);
  for (std::size_t i = 0; i < s.size(); ++i) s.features(i, 2) *= 1024.0f;  // exact in floating point
  auto const after = discriminator(exec::omp{1}, s, rows_of(s), settings, 1).scores(s);
  CHECK(before == after);
}

TEST_CASE("a constant feature is no trouble when standardised") {
  auto s = made_up(50, 0.1, 3);
  for (std::size_t i = 0; i < s.size(); ++i) s.features(i, 3) = 0.25f;
  for (float v : discriminator(exec::omp{1}, s, rows_of(s), {{5}, 0.01, 2, 32, true}, 1).scores(s))
    CHECK(std::isfinite(v));
}

TEST_CASE("the attack gives the same bits on one and on two threads") {
  auto const shadow = made_up(301, 0.1, 1), target = made_up(177, 0.1, 2);
  auto const one = run_attack(exec::omp{1}, shadow, target, small(), 11),
             two = run_attack(exec::omp{2}, shadow, target, small(), 11);
  CHECK((one.target_scores == two.target_scores));
  REQUIRE(one.result.discriminators.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(one.result.discriminators[i].holdout_accuracy == two.result.discriminators[i].holdout_accuracy);
    CHECK(one.result.discriminators[i].target.auc == two.result.discriminators[i].target.auc);
    CHECK(one.result.discriminators[i].name == name_of(discriminators_of(small())[i]));
  }
  auto const other = run_attack(exec::omp{2}, shadow, target, small(), 12);
  CHECK_FALSE((other.target_scores == one.target_scores));
}

TEST_CASE("the reference policy trains the same discriminators up to rounding") {
  auto const shadow = made_up(65, 0.1, 1), target = made_up(33, 0.1, 2);
  auto settings = small();
  settings.epochs = 2;
  auto const fast = run_attack(exec::omp{2}, shadow, target, settings, 11),
             plain = run_attack(exec::seq{}, shadow, target, settings, 11);
  // Six Adam steps of at most 0.01 a parameter: rounding of 1e-7 may be amplified by Adam's division, not past 1e-3.
  for (std::size_t i = 0; i < target.size(); ++i)
    for (std::size_t d = 0; d < 4; ++d)
      CHECK(fast.target_scores(i, d) == Approx(plain.target_scores(i, d)).margin(1e-3));
}

TEST_CASE("members that are surer are found, members that are alike are not") {
  auto settings = small();
  settings.hidden = {{8}, {10, 8}};  // wide enough that no layer is born without a living neuron
  settings.epochs = 30;
  // With a gap g of the 0.6 wide range the best rule is right in 50 (1 + g / 0.6) percent: 75 for 0.3.
  auto const found = run_attack(exec::omp{}, made_up(2001, 0.3, 1), made_up(1001, 0.3, 2), settings, 1).result;
  for (auto const& d : {found.discriminators[0], found.discriminators[2]}) {
    CHECK(d.target.accuracy > 70);
    CHECK(d.target.accuracy < 80);
    CHECK(std::abs(d.holdout_accuracy - 75) < 4 * 100 * std::sqrt(0.25 / 400));
  }
  CHECK(found.loss.target.accuracy > 70);
  CHECK(found.loss.oracle_accuracy >= found.loss.target.accuracy);
  auto const blind = run_attack(exec::omp{}, made_up(2001, 0.0, 1), made_up(1001, 0.0, 2), settings, 1).result;
  for (auto const& d : blind.discriminators) CHECK(std::abs(d.target.accuracy - 50) < 4 * 100 * std::sqrt(0.25 / 1001));
}

TEST_CASE("judges of the hold-out are never trained on") {
  auto const split = split_for_holdout(101, 0.8, 4);
  CHECK(split.fit().size() == 81);
  CHECK(split.judge().size() == 20);
  std::set<std::uint32_t> all(split.fit().begin(), split.fit().end());
  all.insert(split.judge().begin(), split.judge().end());
  CHECK(all.size() == 101);
  CHECK(*all.rbegin() == 100);
  CHECK(split.order != split_for_holdout(101, 0.8, 5).order);
  CHECK_THROWS_AS(split_for_holdout(1, 0.8, 4), error);
}

TEST_CASE("hold-out accuracies know nothing of the judges' membership") {
  auto shadow = made_up(301, 0.3, 1);
  auto const target = made_up(101, 0.3, 2);
  auto const before = run_attack(exec::omp{}, shadow, target, small(), 3).result;
  auto const split = split_for_holdout(301, 0.8, 3);
  for (auto r : split.judge()) shadow.members[r] = !shadow.members[r];
  auto const after = run_attack(exec::omp{}, shadow, target, small(), 3).result;
  for (std::size_t i = 0; i < 4; ++i)  // the same verdicts, each now judged the other way
    CHECK(before.discriminators[i].holdout_accuracy + after.discriminators[i].holdout_accuracy ==
          Approx(100).epsilon(1e-12));
}

TEST_CASE("features that are not numbers give an attack that guesses, not a crash") {
  auto shadow = made_up(61, 0.1, 1);
  shadow.features.fill(std::numeric_limits<float>::quiet_NaN());
  auto const r = run_attack(exec::omp{}, shadow, shadow, small(), 1).result;
  for (auto const& d : r.discriminators) CHECK(d.target.balanced_accuracy == 50.0);  // one verdict for everyone
}

TEST_CASE("an error in a discriminator reaches the caller") {
  auto settings = small();
  settings.hidden.push_back({-1});
  auto const s = made_up(61, 0.1, 1);
  CHECK_THROWS_AS(run_attack(exec::omp{}, s, s, settings, 1), error);
  samples const narrow{xt::xtensor<float, 2>::from_shape({61, 3}), s.members};
  CHECK_THROWS_AS(run_attack(exec::omp{}, s, narrow, small(), 1), error);
}

namespace {

/// Counts batches and ends the attack at one of them; keeps what was finished, and knows it.
struct interrupted_attack {
  int batches = 0, last = std::numeric_limits<int>::max();
  std::mutex counting;
  std::map<std::size_t, discriminator_outcome> kept;

  attack_outcome run(exec::omp policy, samples const& shadow, samples const& target) {
    attack_course course;
    course.before_batch = [this] {
      std::scoped_lock const lock(counting);
      if (++batches > last) throw error(errc::interrupted, "as asked");
    };
    course.known = [this](std::size_t i) {
      auto const found = kept.find(i);
      return found == kept.end() ? std::nullopt : std::optional(found->second);
    };
    course.finished = [this](
                          std::size_t i, discriminator_outcome const& found) { CHECK(kept.emplace(i, found).second); };
    return run_attack(policy, shadow, target, small(), 11, course);
  }
};

void check_same(attack_outcome const& a, attack_outcome const& b) {
  CHECK((a.target_scores == b.target_scores));
  REQUIRE(a.result.discriminators.size() == b.result.discriminators.size());
  for (std::size_t i = 0; i < a.result.discriminators.size(); ++i) {
    auto const &x = a.result.discriminators[i], &y = b.result.discriminators[i];
    CHECK(x.name == y.name);
    CHECK(x.holdout_accuracy == y.holdout_accuracy);
    CHECK(x.shadow_accuracy == y.shadow_accuracy);
    CHECK(x.target.auc == y.target.auc);
  }
  CHECK(a.result.loss.target.accuracy == b.result.loss.target.accuracy);
}

}  // namespace

TEST_CASE("an attack ends at any batch, keeps its discriminators, and goes on to the same bits") {
  auto const shadow = made_up(301, 0.1, 1), target = made_up(177, 0.1, 2);
  interrupted_attack whole;
  auto const wanted = whole.run({1}, shadow, target);
  check_same(wanted, run_attack(exec::omp{1}, shadow, target, small(), 11));
  REQUIRE(whole.kept.size() == 4);
  // Of each discriminator six epochs of 8 batches and one that judges, six of 10 and two that judge.
  CHECK(whole.batches == 4 * (6 * 8 + 1 + 6 * 10 + 2));
  int const threads = GENERATE(1, 2);
  for (int const last : {0, 1, 48, 110, 111, 300, 443}) {
    CAPTURE(last, threads);
    interrupted_attack cut;
    cut.last = last;
    try {
      (void)cut.run({threads}, shadow, target);
      FAIL("it was not interrupted");
    } catch (error const& e) {
      CHECK(e.code() == errc::interrupted);
    }
    CHECK(cut.batches <= last + threads);  // none after the one that was refused, on each thread
    auto const kept = cut.kept.size();
    if (threads == 1) CHECK(static_cast<int>(kept) == last / 111);
    cut.batches = 0;
    cut.last = std::numeric_limits<int>::max();
    check_same(wanted, cut.run({threads}, shadow, target));
    CHECK(cut.batches == static_cast<int>(4 - kept) * 111);
  }
}

TEST_CASE("what is known of another target is not used") {
  auto const shadow = made_up(65, 0.1, 1), target = made_up(33, 0.1, 2);
  interrupted_attack attack;
  auto const wanted = attack.run({1}, shadow, target);
  for (auto& [i, known] : attack.kept) known.target_scores.pop_back();
  attack_course course;
  course.known = [&](std::size_t i) { return std::optional(attack.kept.at(i)); };
  check_same(wanted, run_attack(exec::omp{1}, shadow, target, small(), 11, course));
}

TEMPLATE_TEST_CASE(
    "discriminators and the attack are the reference's under every policy", "", exec::omp, exec::emulated) {
  test::check_discriminators(TestType{}, 100, 4);
  test::check_attack(TestType{});
}

TEST_CASE("a discriminator with real threads is the one of the loops") {
  auto const all = test::samples_of_two_kinds(12, 3);
  std::vector<std::uint32_t> const rows{0, 3, 5, 6, 7, 8, 11};
  discriminator_settings const s{.hidden = {3}, .epochs = 1, .batch = 4};
  CHECK(discriminator(exec::emulated_threads{}, all, rows, s, 3).scores(all) ==
        discriminator(exec::emulated{}, all, rows, s, 3).scores(all));
}
