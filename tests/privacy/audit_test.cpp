// SPDX-License-Identifier: MIT
#include <papillon/privacy/audit.hpp>

#include <Eigen/Core>

#include <papillon/random/distributions.hpp>
#include <papillon/tensor/eigen.hpp>
#include <papillon/tensor/xtensor.hpp>

#include "reference_fixture.hpp"
#include "support/error_text.hpp"

using namespace papillon;
using namespace papillon::privacy;
using test::reference_fixture;
using numbers = std::vector<double>;
using flags = std::vector<std::uint8_t>;

namespace {

audit_attack const& attack_of(audit_result const& found, std::string const& name) {
  for (auto const& a : found.attacks)
    if (a.name == name) return a;
  FAIL("no attack " << name);
  return found.attacks.front();
}

std::vector<std::string> names_of(audit_result const& found) {
  std::vector<std::string> names;
  for (auto const& a : found.attacks) names.push_back(a.name);
  return names;
}

bool warns(audit_result const& found, std::string const& part) {
  return std::any_of(
      found.warnings.begin(), found.warnings.end(),
      [&](std::string const& w) { return w.find(part) != std::string::npos; });
}

std::string refusal(audit_input const& in) {
  return test::error_text(
      errc::bad_input, [&] { (void)audit(in); });
}

/// The fixture's numbers as an audit takes them.
struct fixture_arrays : reference_fixture {
  numbers outputs = logits(0, 0, images), others, population_outputs = logits(0, images, population), population_others;
  flags image_labels = flags(labels.begin(), labels.begin() + images);
  flags population_labels = flags(labels.begin() + images, labels.end());

  fixture_arrays() {
    for (unsigned m = 1; m <= networks; ++m) {
      for (double z : logits(m, 0, images)) others.push_back(z);
      for (double z : logits(m, images, population)) population_others.push_back(z);
    }
  }
};

/// Two classes, phi of network r (0: the target) on image i ~ N(mean of the image + [r was trained on i], 1/4), half of
/// the images IN.
struct simulation {
  std::size_t images, networks;
  std::vector<numbers> phi;
  std::vector<flags> members;
  flags labels;

  simulation(std::size_t n, std::size_t networks_, std::uint64_t seed) : images(n), networks(networks_) {
    random::engine e(random::stream{seed});
    numbers means(n);
    random::fill_normal<double>(e, means);
    for (std::size_t r = 0; r <= networks; ++r) {
      phi.emplace_back(n);
      members.emplace_back(n);
      random::fill_normal<double>(e, phi.back());
      for (std::size_t i = 0; i < n; ++i) {
        members.back()[i] = random::uniform<double>(e) < 0.5;
        phi.back()[i] = 3 * means[i] + members.back()[i] + phi.back()[i] / 2;
      }
    }
    for (std::size_t i = 0; i < n; ++i) labels.push_back(i % 3 == 0);
  }

  /// Logits with that phi.
  [[nodiscard]] numbers outputs(std::size_t r) const {
    numbers z;
    for (std::size_t i = 0; i < images; ++i) {
      z.push_back(labels[i] == 0 ? phi[r][i] : 0);
      z.push_back(labels[i] == 0 ? 0 : phi[r][i]);
    }
    return z;
  }
  [[nodiscard]] std::pair<numbers, flags> references() const {
    std::pair<numbers, flags> all;
    for (std::size_t r = 1; r <= networks; ++r) {
      for (double z : outputs(r)) all.first.push_back(z);
      all.second.insert(all.second.end(), members[r].begin(), members[r].end());
    }
    return all;
  }
};

}  // namespace

TEST_CASE("an audit makes the attacks that its numbers allow, with their scores on the fixture") {
  fixture_arrays const f;
  auto const found = audit({.outputs = f.outputs,
      .labels = f.image_labels,
      .members = f.members,
      .references = {f.others, f.keep},
      .population = {f.population_outputs, f.population_labels, f.population_others}});
  CHECK(names_of(found) == std::vector<std::string>{"gap", "loss", "confidence", "entropy", "modified-entropy",
                               "class-loss", "calibrated", "rmia", "lira-offline", "student-offline", "lira-online",
                               "student", "rmia-online", "rmia-population"});
  auto const area = [&](std::string const& name) { return attack_of(found, name).auc.value; };
  CHECK(area("loss") == Approx(.805556).margin(5.1e-7));
  CHECK(area("entropy") == Approx(.833333).margin(5.1e-7));
  CHECK(area("modified-entropy") == Approx(.805556).margin(5.1e-7));
  CHECK(area("calibrated") == Approx(.416667).margin(5.1e-7));
  CHECK(area("rmia") == Approx(.75).margin(5.1e-7));
  CHECK(area("lira-offline") == Approx(.611111).margin(5.1e-7));
  CHECK(area("student-offline") == Approx(.777778).margin(5.1e-7));
  CHECK(area("lira-online") == Approx(.805556).margin(5.1e-7));
  CHECK(area("student") == Approx(.861111).margin(5.1e-7));
  CHECK(area("rmia-online") == Approx(.805556).margin(5.1e-7));
  CHECK(attack_of(found, "rmia-population").scores == numbers{1, .7, 1, 1, 1, .7, 1, .7, 1, .5, .9, 1});
  // the network is right on all members, and on all others but one
  auto const& gap = attack_of(found, "gap");
  CHECK(gap.source == threshold_source::fixed);
  CHECK(gap.decisions.members.count == 6);
  CHECK(gap.decisions.others.count == 1);
  CHECK(gap.accuracy() == Approx((1 + 1.0 / 6) / 2));
  CHECK(found.strongest().name == "student");
  CHECK(found.members == f.members);
  CHECK(warns(found, "Only 6 members"));
  CHECK_FALSE(attack_of(found, "loss").at_one_percent.shown);
}

TEST_CASE("references of which nothing is said were trained on none of the images") {
  fixture_arrays const f;
  auto const found =
      audit({.outputs = f.outputs, .labels = f.image_labels, .members = f.members, .references = {f.others, {}}});
  auto const names = names_of(found);
  CHECK(names.back() == "student-offline");
  auto const one = audit({.outputs = f.outputs,
      .labels = f.image_labels,
      .members = f.members,
      .references = {std::span(f.others).first(f.outputs.size()), {}}});
  CHECK(names_of(one).back() == "rmia");
}

TEST_CASE("vectors, Eigen and xtensor matrices of any number type are audited alike") {
  fixture_arrays const f;
  auto const expected = audit({.outputs = f.outputs, .labels = f.image_labels, .members = f.members});
  Eigen::MatrixXf eigen(12, 4);  // column-major; the fixture's logits are exact in float
  auto tensor = xt::xtensor<double, 2>::from_shape({12, 4});
  for (int i = 0; i < 12; ++i)
    for (int c = 0; c < 4; ++c) {
      eigen(i, c) = static_cast<float>(f.outputs[static_cast<std::size_t>(4 * i + c)]);
      tensor(i, c) = f.outputs[static_cast<std::size_t>(4 * i + c)];
    }
  std::vector<std::int64_t> const labels(f.image_labels.begin(), f.image_labels.end());
  std::vector<float> const members(f.members.begin(), f.members.end());
  auto const by_eigen = audit({.outputs = eigen, .labels = labels, .members = members});
  auto const by_tensor = audit({.outputs = tensor, .labels = labels, .members = members});
  for (std::size_t a = 0; a < expected.attacks.size(); ++a) {
    CHECK(by_eigen.attacks[a].scores == expected.attacks[a].scores);
    CHECK(by_tensor.attacks[a].scores == expected.attacks[a].scores);
  }
}

TEST_CASE("probabilities are recognised and taken as logarithms") {
  fixture_arrays const f;
  auto const expected = audit({.outputs = f.outputs, .labels = f.image_labels, .members = f.members});
  numbers p = f.outputs;
  for (std::size_t i = 0; i < p.size(); i += 4) {
    double sum = 0;
    for (std::size_t c = i; c < i + 4; ++c) sum += p[c] = std::exp(p[c]);
    for (std::size_t c = i; c < i + 4; ++c) p[c] /= sum;
  }
  auto const found = audit({.outputs = p, .labels = f.image_labels, .members = f.members});
  CHECK(warns(found, "are probabilities"));
  CHECK_FALSE(warns(expected, "are probabilities"));
  test::check_equal(attack_of(found, "loss").scores, attack_of(expected, "loss").scores, 1e-12);

  for (double& x : p) x = x > 0.4 ? 1 : 0;
  for (std::size_t i = 0; i < p.size(); i += 4)
    for (std::size_t c = i; c < i + 4; ++c) p[c] = c == i ? 1 : 0;
  CHECK(warns(audit({.outputs = p, .labels = f.image_labels, .members = f.members}), "are 0 or 1"));
  CHECK_THAT(refusal({.outputs = f.outputs, .labels = f.image_labels, .members = f.members, .probabilities = true}),
      Catch::Contains("target outputs of image 0 are no probabilities"));
}

TEST_CASE("several queries are averaged") {
  fixture_arrays const f;
  numbers twice = f.outputs;
  twice.insert(twice.end(), f.outputs.begin(), f.outputs.end());
  auto const one = audit({.outputs = f.outputs, .labels = f.image_labels, .members = f.members});
  auto const two = audit({.outputs = twice, .labels = f.image_labels, .members = f.members, .queries = 2});
  for (std::size_t a = 0; a < one.attacks.size(); ++a)
    test::check_equal(two.attacks[a].scores, one.attacks[a].scores, 1e-14);
}

TEST_CASE("more classes than a byte counts") {
  numbers outputs(4 * 1000, 0.0);
  std::vector<int> const labels{999, 256, 0, 3};
  for (std::size_t i = 0; i < 2; ++i) outputs[1000 * i + static_cast<std::size_t>(labels[i])] = 5;
  auto const found = audit({.outputs = outputs, .labels = labels, .members = flags{1, 1, 0, 0}});
  CHECK(attack_of(found, "loss").auc.value == 1);
  CHECK(attack_of(found, "loss").source == threshold_source::oracle);  // too few for five folds
}

TEST_CASE("thresholds of a shadow transfer, and its discriminators are judged on the target") {
  simulation const target(40, 0, 1), shadow(60, 0, 2);
  auto const z = target.outputs(0), shadow_z = shadow.outputs(0);
  auto const found = audit({.outputs = z,
      .labels = target.labels,
      .members = target.members[0],
      .shadow = {shadow_z, shadow.labels, shadow.members[0], {}}});
  auto const& loss = attack_of(found, "loss");
  CHECK(loss.source == threshold_source::transferred);
  auto const shadow_scores = loss_scores(outputs_view(shadow_z, shadow.labels, 2));
  CHECK(loss.threshold == best_balanced_threshold(shadow_scores, shadow.members[0]));
  CHECK(attack_of(found, "class-loss").source == threshold_source::transferred);
  CHECK(found.attacks.size() == 6 + 9);
  CHECK(attack_of(found, "discriminator 30 lr 0.01").source == threshold_source::transferred);
  CHECK(attack_of(found, "discriminator 30 lr 0.01").scores.size() == 40);
  CHECK(audit({.outputs = z,
                  .labels = target.labels,
                  .members = target.members[0],
                  .shadow = {shadow_z, shadow.labels, shadow.members[0], {}},
                  .discriminators = false})
            .attacks.size() == 6);
}

TEST_CASE("the response to noise is an attack of its own") {
  fixture_arrays const f;
  numbers response(f.outputs.size());
  for (std::size_t k = 0; k < response.size(); ++k) response[k] = k / 4 % 2 == 0 ? 0.1 : 0.2;  // members are steadier
  auto const found =
      audit({.outputs = f.outputs, .labels = f.image_labels, .members = f.members, .response = response});
  CHECK(attack_of(found, "steadiness").auc.value == 1);
  CHECK(attack_of(found, "steadiness").scores[1] == Approx(-0.8));
}

TEST_CASE("membership that is drawn by lot is not found, by any attack") {
  // Every area is 1/2 but for chance; 3.5 standard errors are exceeded by one of 13 attacks once in 160 such tests.
  simulation s(600, 8, 3);
  s.members[0] = simulation(600, 0, 4).members[0];
  auto const z = s.outputs(0);
  auto const [r, keep] = s.references();
  auto const found = audit({.outputs = z, .labels = s.labels, .members = s.members[0], .references = {r, keep}});
  CHECK(found.attacks.size() == 13);
  for (auto const& a : found.attacks) {
    CAPTURE(a.name);
    CHECK(std::abs(a.auc.value - 0.5) < 3.5 * a.auc.standard_error + 1e-12);
  }
}

TEST_CASE("a reference that is the target itself is named, and LiRA finds what it was told") {
  simulation const s(600, 16, 5);
  auto [r, keep] = s.references();
  auto const z = s.outputs(0);
  auto const honest = audit({.outputs = z, .labels = s.labels, .members = s.members[0], .references = {r, keep}});
  CHECK_FALSE(warns(honest, "the same network"));
  r.insert(r.end(), z.begin(), z.end());
  keep.insert(keep.end(), s.members[0].begin(), s.members[0].end());
  auto const found = audit({.outputs = z, .labels = s.labels, .members = s.members[0], .references = {r, keep}});
  CHECK(warns(found, "Reference 16 (counted from 0)"));
  CHECK(attack_of(found, "lira-online").auc.value > attack_of(honest, "lira-online").auc.value);
}

TEST_CASE("LiRA is right about nearly all images where references are copies of the target") {
  // The IN references of a member and the OUT references of another image answer what the target answers; the others
  // were trained on the other half.
  simulation s(600, 2, 7);
  for (std::size_t const r : {std::size_t{1}, std::size_t{2}})
    for (std::size_t i = 0; i < s.images; ++i) {
      s.phi[r][i] -= s.members[r][i];
      s.members[r][i] = s.members[0][i] == 0;
      s.phi[r][i] += s.members[r][i];
    }
  auto [r, keep] = s.references();
  auto const z = s.outputs(0);
  for (int copy = 0; copy < 2; ++copy) {
    r.insert(r.end(), z.begin(), z.end());
    keep.insert(keep.end(), s.members[0].begin(), s.members[0].end());
  }
  auto const found = audit({.outputs = z, .labels = s.labels, .members = s.members[0], .references = {r, keep}});
  CHECK(warns(found, "Reference 2"));
  CHECK(warns(found, "Reference 3"));
  CHECK(attack_of(found, "lira-online").auc.value > 0.99);
}

TEST_CASE("the order of images and of classes changes no area") {
  simulation const s(300, 0, 6);
  auto const z = s.outputs(0);
  auto const found = audit({.outputs = z, .labels = s.labels, .members = s.members[0]});
  numbers turned;
  flags labels, members;
  for (std::size_t i = s.images; i-- > 0;) {
    turned.push_back(z[2 * i + 1]);
    turned.push_back(z[2 * i]);
    labels.push_back(1 - s.labels[i]);
    members.push_back(s.members[0][i]);
  }
  auto const again = audit({.outputs = turned, .labels = labels, .members = members});
  for (std::string const name : {"gap", "loss", "confidence", "entropy", "modified-entropy"})
    CHECK(attack_of(again, name).auc.value == attack_of(found, name).auc.value);
}

TEST_CASE("scores that are upside down are suspected") {
  numbers scores;
  flags members;
  for (int i = 0; i < 300; ++i) {
    members.push_back(i % 2 == 0);
    scores.push_back(i % 7 - (members.back() ? 3.0 : 0.0));
  }
  auto const found = audit({.scores = scores, .members = members});
  CHECK(names_of(found) == std::vector<std::string>{"scores"});
  CHECK(warns(found, "upside down"));
  for (double& x : scores) x = -x;
  CHECK(audit({.scores = scores, .members = members}).warnings.empty());
  scores[0] = std::nan("");
  CHECK(warns(audit({.scores = scores, .members = members}), "1 scores are not numbers"));
}

TEST_CASE("a cross-validated accuracy does not flatter, an oracle does") {
  // 40 numbers that mean nothing: the best threshold of each draw is right on more than half of them, that of other
  // images is not. The mean over 200 draws has a standard error below 0.5 / sqrt(40 * 200) = 0.0056, three of which
  // are allowed.
  double honest = 0, oracle = 0;
  for (std::uint64_t draw = 0; draw < 200; ++draw) {
    random::engine e(random::stream{draw});
    numbers scores(40);
    random::fill_normal<double>(e, scores);
    flags members(40);
    for (std::size_t i = 0; i < 20; ++i) members[i] = 1;
    auto const found = audit({.scores = scores, .members = members}).attacks[0];
    honest += found.accuracy() / 200;
    oracle += confusion_at(std::span<double const>(scores), members, found.threshold).balanced_accuracy() / 200;
  }
  CHECK(honest < 0.5 + 3 * 0.0056);
  CHECK(honest > 0.42);  // folds that leave out members choose for others: a little below a half
  CHECK(oracle > 0.58);
}

TEST_CASE("what does not fit is refused by name") {
  fixture_arrays const f;
  audit_input const good{.outputs = f.outputs, .labels = f.image_labels, .members = f.members};
  auto in = good;
  in.labels = std::span(f.image_labels).first(11);
  CHECK_THAT(refusal(in), Catch::Contains("target labels have 11 numbers (images are 12)"));
  in = good;
  flags wrong = f.image_labels;
  wrong[3] = 4;
  in.labels = wrong;
  CHECK_THAT(refusal(in), Catch::Contains("image 3 has 4"));
  in = good;
  in.outputs = std::span(f.outputs).first(47);
  CHECK_THAT(refusal(in), Catch::Contains("target outputs have 47 numbers"));
  in = good;
  numbers infinite = f.outputs;
  infinite[5] = std::numeric_limits<double>::infinity();
  in.outputs = infinite;
  CHECK_THAT(refusal(in), Catch::Contains("target outputs of image 1 are not finite"));
  in = good;
  flags const all(12, 1), halves{2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  in.members = all;
  CHECK_THAT(refusal(in), Catch::Contains("there are no others"));
  in.members = halves;
  CHECK_THAT(refusal(in), Catch::Contains("members are not 0 and 1"));
  in = good;
  in.scores = std::span(f.outputs).first(11);
  CHECK_THAT(refusal(in), Catch::Contains("scores have 11 numbers"));
  in = good;
  in.references = {std::span(f.others).first(100), {}};
  CHECK_THAT(refusal(in), Catch::Contains("no multiple of the target's 48"));
  in.references = {f.others, std::span(f.keep).first(95)};
  CHECK_THAT(refusal(in), Catch::Contains("8 references x 12 images are 96"));
  in.references = {f.others, f.keep};
  in.population = {f.population_outputs, f.population_labels, f.others};
  CHECK_THAT(refusal(in), Catch::Contains("the population does not fit"));
  in.references = {};
  CHECK_THAT(refusal(in), Catch::Contains("a population is given, but no references"));
  CHECK_THAT(refusal({.members = f.members}), Catch::Contains("neither scores nor outputs"));
  CHECK_THAT(refusal({.scores = std::span(f.outputs).first(12), .members = f.members, .references = {f.others, {}}}),
      Catch::Contains("not what the target answers"));
}

TEST_CASE("an audit ends before any of its parts") {
  fixture_arrays const a;
  audit_input const in{.outputs = a.outputs,
      .labels = a.image_labels,
      .members = a.members,
      .shadow = {a.outputs, a.image_labels, a.members, {}},
      .references = {a.others, {}}};
  int parts = 0;
  auto const found = audit(in, exec::omp{1}, [&] { ++parts; });
  CHECK(parts > static_cast<int>(found.attacks.size()));  // references and batches are parts as well
  for (int const last : {0, 3, parts / 2, parts - 1}) {
    int begun = 0;
    CHECK_THROWS_AS(audit(in, exec::omp{1},
                        [&] {
                          if (begun++ == last) throw error(errc::interrupted, "as asked");
                        }),
        error);
    CHECK(begun == last + 1);
  }
}
