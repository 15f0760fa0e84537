// SPDX-License-Identifier: MIT
#include "reference_fixture.hpp"

#include <papillon/privacy/lira.hpp>
#include <papillon/privacy/student.hpp>
#include <papillon/random/distributions.hpp>

using namespace papillon;
using namespace papillon::privacy;
using namespace papillon::test;
using numbers = std::vector<double>;
using bytes = std::vector<std::uint8_t>;

namespace {

/// phi of the fixture.
struct fixture_phi : reference_fixture {
  numbers own = target(phi), others = references(phi);

  [[nodiscard]] references_view view() const { return {others, keep, networks}; }
};

lira_settings with(lira_variance v) { return {v, lira_centre::mean, lira_offline_score::one_sided}; }
lira_settings constexpr two_sided{lira_variance::pooled, lira_centre::mean, lira_offline_score::two_sided};

/// a x + b.
numbers affine(numbers x, double a, double b) {
  for (double& v : x) v = a * v + b;
  return x;
}

}  // namespace

TEST_CASE("the logarithm of the normal distribution function in both tails") {  // expected: scipy's log_ndtr
  CHECK(log_normal_cdf(-1e4) == Approx(-50000010.12927892).epsilon(1e-14));
  CHECK(log_normal_cdf(-40) == Approx(-804.6084420137539).epsilon(1e-14));
  CHECK(log_normal_cdf(-30) == Approx(-454.32124395634327).epsilon(1e-14));
  CHECK(log_normal_cdf(-29.9) == Approx(-451.3229124585287).epsilon(1e-14));
  CHECK(log_normal_cdf(-5) == Approx(-15.064998393988727).epsilon(1e-14));
  CHECK(log_normal_cdf(0) == Approx(-.6931471805599453).epsilon(1e-14));
  CHECK(log_normal_cdf(3) == Approx(-.001350809964748193).epsilon(1e-13).margin(0));
  CHECK(log_normal_cdf(8) == Approx(-6.220960574271743e-16).epsilon(1e-13).margin(0));
  CHECK(log_normal_cdf(30) == Approx(-4.906713927147908e-198).epsilon(1e-12).margin(0));
}

TEST_CASE("means and deviations of the references on the fixture") {
  fixture_phi const f;
  reference_statistics const in(f.view(), 0, reference_side::in), out(f.view(), 0, reference_side::out);
  for (std::size_t i = 0; i < 12; ++i) CHECK((in.count[i] == 4 && out.count[i] == 4));
  check_scores(in.mean, {2.167173, 2.880316, 1.181841, 1.045078, 1.231495, 2.424918, 2.094638, 2.360826, .185974,
                            1.836053, 2.444208, 3.229450});
  check_scores(out.mean, {-.961845, .264367, .899571, -1.667561, -1.514411, -.469202, 1.158892, -2.058479, -1.152199,
                             -1.525686, 1.039481, -.861932});
  auto const deviation = [](reference_statistics const& s) {
    numbers d;
    for (std::size_t i = 0; i < s.count.size(); ++i)
      d.push_back(std::sqrt(s.squares[i] / static_cast<double>(s.count[i])));
    return d;
  };
  check_scores(deviation(in), {1.215896, 1.921762, 1.297377, .748477, .583697, 1.162321, 1.600606, 1.364763, .520137,
                                  .315597, .644964, .243211});
  check_scores(deviation(out),
      {.289715, .192097, .163449, 1.964523, .711067, .467642, .220557, 1.738412, 1.131510, .575118, .583089, 1.961270});
  CHECK(std::sqrt(in.pooled_variance()) == Approx(1.263876896).margin(5e-10));
  CHECK(std::sqrt(out.pooled_variance()) == Approx(1.229253372).margin(5e-10));
  CHECK(std::sqrt(in.total_variance()) == Approx(1.373169705).margin(5e-10));
  CHECK(std::sqrt(out.total_variance()) == Approx(1.523379199).margin(5e-10));
}

TEST_CASE("LiRA online on the fixture, with each variance") {
  fixture_phi const f;
  auto const example = lira_online(f.own, f.view(), with(lira_variance::example));
  check_scores(example, {12.499555, -3.130360, 84.145629, 2.055552, 6.008311, -3.320518, 21.999383, -1.176508, 1.597900,
                            -30.080522, -2.178069, -40.550791});
  CHECK(f.auc(example) == Approx(.916667).margin(5e-7));
  auto const pooled = lira_online(f.own, f.view(), with(lira_variance::pooled));
  check_scores(pooled, {.034436, -2.360022, .412221, 3.563764, 1.932137, -2.175320, .636056, -1.262206, 1.076549,
                           -1.771317, -.569099, -.509953});
  CHECK(f.auc(pooled) == Approx(.805556).margin(5e-7));
  CHECK(lira_online(f.own, f.view()) == pooled);  // the default below 64 references
  auto const total = lira_online(f.own, f.view(), with(lira_variance::total));
  check_scores(total, {-.004114, -1.872833, .174126, 2.417212, 1.374616, -1.719906, .514407, -1.139177, .802840,
                          -1.419691, -.355260, -.522825});
  CHECK(f.auc(total) == Approx(.833333).margin(5e-7));
}

TEST_CASE("LiRA offline on the fixture, one-sided and two-sided") {
  fixture_phi const f;
  auto const pooled = lira_offline(f.own, f.view());
  check_scores(pooled, {-.105629, -.771528, -.040294, -.003195, -.023369, -.537692, -.112810, -.081220, -.062052,
                           -.281801, -.638475, -.070271});
  CHECK(f.auc(pooled) == Approx(.611111).margin(5e-7));
  auto const both = lira_offline(f.own, f.view(), two_sided);
  check_scores(both, {1.944773, 1.129822, 2.668166, 4.845196, 3.112550, 1.147898, 1.899587, 2.131544, 2.331843,
                         1.362346, 1.127830, 2.238269});
  CHECK(f.auc(both) == Approx(.583333).margin(5e-7));
  // Far above the references' centre the score is tiny but no tie. The expected values were formed from a table with
  // six digits: x = (phi - mu) / s is known to 5e-7 (2 + x) / s, which changes log Phi(x) by x times as much.
  auto const own = lira_offline(f.own, f.view(), with(lira_variance::example));
  CHECK(own[0] == Approx(-2.790012e-8).epsilon(2e-4).margin(0));
  CHECK(own[2] == Approx(-3.796305e-40).epsilon(1e-3).margin(0));
  CHECK(own[6] == Approx(-2.024849e-12).epsilon(2e-4).margin(0));
}

TEST_CASE("LiRA with Student's distribution on the fixture") {
  fixture_phi const f;
  auto const online = student_online(f.own, f.view());
  check_scores(online, {.168996, -1.601851, .738857, 1.705628, 1.853025, -1.777077, .491871, -.746411, .991845,
                           -1.888116, -.675609, -.857972});
  CHECK(f.auc(online) == Approx(.861111).margin(5e-7));
  auto const offline = student_offline(f.own, f.view());
  check_scores(offline, {-.096450, -.781954, -.039953, -.067555, -.041079, -.528508, -.100123, -.201373, -.115599,
                            -.277466, -.636806, -.210546});
  CHECK(f.auc(offline) == Approx(.777778).margin(5e-7));
}

TEST_CASE("LiRA does not change under an increasing affine map of phi") {
  fixture_phi const f;
  auto const own = affine(f.own, 2.5, -7), others = affine(f.others, 2.5, -7);
  references_view const mapped(others, f.keep, f.networks);
  for (auto v : {lira_variance::pooled, lira_variance::example, lira_variance::total})
    for (auto c : {lira_centre::mean, lira_centre::median}) {
      lira_settings const s{v, c, lira_offline_score::one_sided};
      check_equal(lira_online(own, mapped, s), lira_online(f.own, f.view(), s), 1e-10);
      check_equal(lira_offline(own, mapped, s), lira_offline(f.own, f.view(), s), 1e-10);
    }
  check_equal(student_online(own, mapped), student_online(f.own, f.view()), 1e-10);
  check_equal(student_offline(own, mapped), student_offline(f.own, f.view()), 1e-10);
}

TEST_CASE("the centre may be the median, of even and odd numbers") {
  // OUT references of two images: 0, 1, 5, 100 and (one is IN) 0, 1, 5; deviations are about the means
  numbers const others{0, 0, 100, 7, 5, 5, 1, 1}, own{3, 1};
  bytes const keep{0, 0, 0, 1, 0, 0, 0, 0};
  references_view const view(others, keep, 4);
  auto const scores =
      lira_offline(own, view, {lira_variance::total, lira_centre::median, lira_offline_score::one_sided});
  check_equal(scores, {-std::log(2.0), -std::log(2.0)}, 1e-15);
}

TEST_CASE("an image's own deviation is at least 0.001, and the default from 64 references on") {
  numbers others(2 * 64), own{2.002, 1.002};  // all references agree: 2 on one image, 1 on the other
  bytes keep(others.size());
  for (std::size_t r = 0; r < 64; ++r) {
    others[2 * r] = 2;
    others[2 * r + 1] = 1;
    keep[2 * r] = keep[2 * r + 1] = r % 2 == 1;
  }
  references_view const view(others, keep, 64);
  check_equal(lira_offline(own, view), numbers(2, log_normal_cdf(2)), 1e-9);
  CHECK_THROWS_AS(lira_offline(own, view, with(lira_variance::pooled)), error);  // deviation 0
}

TEST_CASE("an image without references on a side has no score") {
  numbers const others{1, 2, 3, 2, 4, 1, 0, 2, 2}, own{1, 1, 1};  // three networks, three images
  bytes const keep{1, 0, 1, 1, 0, 0, 1, 0, 0};                    // of the images: all IN, all OUT, one IN
  references_view const view(others, keep, 3);
  auto const online = lira_online(own, view);
  CHECK((std::isnan(online[0]) && std::isnan(online[1]) && !std::isnan(online[2])));
  auto const offline = lira_offline(own, view);
  CHECK((std::isnan(offline[0]) && !std::isnan(offline[1]) && !std::isnan(offline[2])));
  auto const student = student_online(own, view);
  CHECK((std::isnan(student[0]) && std::isnan(student[1]) && !std::isnan(student[2])));
  auto const student_out = student_offline(own, view);
  CHECK((std::isnan(student_out[0]) && !std::isnan(student_out[1]) && !std::isnan(student_out[2])));
  auto const example = lira_online(own, view, with(lira_variance::example));
  for (double s : example) CHECK(std::isnan(s));  // no image has two references on each side
}

TEST_CASE("references that no image was given to are all OUT; a side that none is on is an error") {
  numbers const others{1, 2, 3, 5}, own{1, 1};
  references_view const view(others, 2);
  CHECK(lira_offline(own, view) == lira_offline(own, references_view(others, bytes(4), 2)));
  CHECK_THROWS_AS(lira_online(own, view), error);
  CHECK_THROWS_AS(student_online(own, view), error);
}

TEST_CASE("scores of several queries are averaged") {
  fixture_phi const f;
  auto const moved = affine(f.others, .5, 1);
  numbers both, own = f.own;
  for (int r = 0; r < f.networks; ++r)
    for (auto const* from : {&f.others, &moved})
      both.insert(both.end(), from->begin() + 12 * r, from->begin() + 12 * r + 12);
  own.insert(own.end(), f.own.begin(), f.own.end());
  references_view const second(moved, f.keep, f.networks), view(both, f.keep, f.networks, 2);
  auto expected = lira_online(f.own, f.view());
  auto const other = lira_online(f.own, second);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = (expected[i] + other[i]) / 2;
  check_equal(lira_online(own, view), expected, 1e-13);
}

TEST_CASE("references of sizes that disagree are refused") {
  numbers const values(12);
  CHECK_THROWS_AS(references_view(values, bytes(11), 3), error);
  CHECK_THROWS_AS(references_view(values, 5), error);
  CHECK_THROWS_AS(references_view(values, 0), error);
  CHECK_THROWS_AS(references_view(values, 3, 0), error);
  CHECK_THROWS_AS(lira_offline(numbers(3), references_view(values, 3)), error);
  CHECK_THROWS_AS(student_offline(numbers(4), references_view(values, 3), 0.0), error);
}

TEST_CASE("areas under the curve of a simulated target are those of another generator") {
  // phi = mu_i + t + noise, mu_i of deviation 3, n references a side. Expected: one run of 4000 images with numpy,
  // whose standard error is .008, as is ours: .02 is 1.8 standard errors of the difference, less where scores are
  // alike.
  struct expected_auc {
    int references;
    double pooled, example, student, offline, two_sided, loss;
  };
  constexpr std::size_t images = 4000;
  for (auto const& row :
      {expected_auc{4, .698, .648, .690, .726, .613, .585}, expected_auc{16, .732, .724, .727, .736, .630, .576},
          expected_auc{64, .755, .751, .751, .756, .647, .576}}) {
    random::engine e(random::stream{.seed = 1}, static_cast<std::uint32_t>(row.references));
    auto const n = static_cast<std::size_t>(row.references);
    numbers own(images), others(2 * n * images);
    bytes members(images), keep(others.size());
    for (std::size_t i = 0; i < images; ++i) {
      double const mu = 3 * random::normal<double>(e);
      members[i] = i % 2;
      own[i] = mu + members[i] + random::normal<double>(e);
      for (std::size_t r = 0; r < 2 * n; ++r) {
        keep[r * images + i] = r < n;
        others[r * images + i] = mu + (r < n) + random::normal<double>(e);
      }
    }
    references_view const view(others, keep, 2 * row.references);
    auto const auc = [&](numbers const& scores) {
      return evaluate_attack(std::span<double const>(scores), members, 0.0).auc;
    };
    CAPTURE(n);
    CHECK(auc(lira_online(own, view, with(lira_variance::pooled))) == Approx(row.pooled).margin(.02));
    CHECK(auc(lira_online(own, view, with(lira_variance::example))) == Approx(row.example).margin(.02));
    CHECK(auc(student_online(own, view)) == Approx(row.student).margin(.02));
    CHECK(auc(lira_offline(own, view, with(lira_variance::pooled))) == Approx(row.offline).margin(.02));
    CHECK(auc(lira_offline(own, view, two_sided)) == Approx(row.two_sided).margin(.02));
    CHECK(auc(own) == Approx(row.loss).margin(.02));
  }
}
