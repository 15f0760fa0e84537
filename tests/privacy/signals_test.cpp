// SPDX-License-Identifier: MIT
#include "reference_fixture.hpp"

using namespace papillon;
using namespace papillon::privacy;
using papillon::test::check_scores;
using papillon::test::reference_fixture;
using labels = std::vector<std::uint8_t>;
using logits = std::vector<double>;

namespace {

double constexpr infinity = std::numeric_limits<double>::infinity();

logits log_of(std::vector<double> const& p) {
  logits z;
  for (double v : p) z.push_back(std::log(v));
  return z;
}

/// A signal of one image.
template <class Signal> double of(Signal signal, logits const& z, std::uint8_t y) {
  labels const one{y};
  return signal(outputs_view(z, one, static_cast<int>(z.size())))[0];
}

}  // namespace

TEST_CASE("logits of the fixture are those the expected scores were computed from") {
  CHECK(reference_fixture::logits(0, 0, 1) == logits{3, 1.25, .5, 1.75});
  CHECK(reference_fixture::logits(8, 21, 1) == logits{.75, 3, 1.25, -1.5});
  double sum = 0;
  for (unsigned m = 0; m <= 8; ++m)
    for (double z : reference_fixture::logits(m, 0, 22)) sum += z;
  CHECK(sum == 297.25);
}

TEST_CASE("signals without references on the fixture") {
  reference_fixture const f;
  auto const phi = f.target(rescaled_logit_scores);
  check_scores(phi, {.611818, .148048, 3.058877, 1.685328, .936219, -.208133, 2.688551, -.314672, .757301, -.679373,
                        1.126127, .972024});
  CHECK(f.auc(phi) == Approx(.805556).margin(5e-7));
  auto const loss = f.target([](outputs_view const& o) { return loss_scores(o); });
  check_scores(loss, {-.433316, -.621860, -.045872, -.170066, -.330819, -.802619, -.065768, -.862810, -.384535,
                         -1.089451, -.280874, -.320863});
  CHECK(f.auc(loss) == Approx(.805556).margin(5e-7));
  auto const entropy = f.target(entropy_scores);
  check_scores(entropy, {-.995731, -1.058172, -.218935, -.585291, -.798839, -1.107271, -.304074, -1.241437, -.863339,
                            -1.152516, -.663680, -.844113});
  CHECK(f.auc(entropy) == Approx(.833333).margin(5e-7));
  auto const modified = f.target(modified_entropy_scores);
  check_scores(modified, {-.206924, -.427411, -.003093, -.037336, -.144475, -.615435, -.005667, -.665166, -.180003,
                             -1.014578, -.121957, -.124071});
  CHECK(f.auc(modified) == Approx(.805556).margin(5e-7));
  auto const gap = f.target(gap_scores);  // the network is right on all but image 9
  for (std::size_t i = 0; i < gap.size(); ++i) CHECK(gap[i] == (i == 9 ? 0.0 : 1.0));
}

TEST_CASE("confidence is the highest probability's logarithm, whatever the label") {
  for (std::uint8_t const y : labels{0, 1, 2})
    CHECK(of([](auto const& o) { return confidence_scores(o); }, log_of({.7, .2, .1}), y) ==
          Approx(std::log(.7)).epsilon(1e-14));
}

TEST_CASE("entropies, also at probabilities 0 and 1") {
  auto const some = log_of({.7, .2, .1});
  CHECK(of(entropy_scores, some, 0) == Approx(-.80181855).margin(5e-9));
  CHECK(of(modified_entropy_scores, some, 0) == Approx(-.16216725).margin(5e-9));
  CHECK(of(modified_entropy_scores, some, 1) == Approx(-2.14086734).margin(5e-9));
  CHECK(of(modified_entropy_scores, some, 2) == Approx(-2.95973626).margin(5e-9));
  for (auto const& certain : {log_of({1, 0, 0}), logits{1000, 0, 0}}) {  // logits of -infinity, and large ones
    CHECK(of(entropy_scores, certain, 0) == 0.0);
    CHECK(of(modified_entropy_scores, certain, 0) == 0.0);
    CHECK(of(modified_entropy_scores, certain, 1) == Approx(-138.15510558).margin(5e-9));
  }
}

TEST_CASE("logits too large for probabilities keep their order and digits") {
  auto const loss = [](auto const& o) { return loss_scores(o); };
  CHECK(of(loss, {1e4, 0}, 1) == -1e4);
  CHECK(of(rescaled_logit_scores, {1e4, 0}, 1) == -1e4);
  CHECK(of(rescaled_logit_scores, {1e4, 0}, 0) == 1e4);
  CHECK(of(rescaled_logit_scores, {1e300, -1e300}, 0) == 2e300);
  CHECK(of(loss, {100, 0}, 0) == Approx(-std::exp(-100.0)).epsilon(1e-14));  // p rounds to 1
  CHECK(of(loss, {101, 0}, 0) > of(loss, {100, 0}, 0));
  CHECK(of(rescaled_logit_scores, {-3e4, -3e4}, 0) == Approx(0).margin(1e-15));
  CHECK(of(loss, {-infinity, 0}, 0) == -infinity);
  CHECK(std::isnan(of(loss, {test::not_a_number, test::not_a_number}, 0)));
}

TEST_CASE("two classes: phi is the difference of the logits; a hundred: uniform probabilities") {
  CHECK(of(rescaled_logit_scores, {.5, 3}, 0) == Approx(-2.5).epsilon(1e-14));
  CHECK(of(rescaled_logit_scores, {.5, 3}, 1) == Approx(2.5).epsilon(1e-14));
  logits const flat(100, 7.0);
  CHECK(of(rescaled_logit_scores, flat, 99) == Approx(-std::log(99.0)).epsilon(1e-13));
  CHECK(of(entropy_scores, flat, 0) == Approx(-std::log(100.0)).epsilon(1e-13));
  // (1 - 1/C) log(1/C) + (C - 1)/C log(1 - 1/C)
  CHECK(of(modified_entropy_scores, flat, 5) == Approx(.99 * std::log(.01) + .99 * std::log(.99)).epsilon(1e-13));
}

TEST_CASE("several queries of an image are averaged on the logarithmic scale") {
  std::vector<float> const z{3, 0, /**/ 0, 1, /**/ 1, 0, /**/ 0, 5};  // [2 queries][2 images][2 classes]
  labels const y{0, 1};
  outputs_view const outputs(z, y, 2, 2);
  CHECK(gap_scores(outputs) == std::vector<double>{1, 1});
  auto const phi = rescaled_logits(outputs);
  check_scores(phi, {3, 1, 1, 5});
  check_scores(rescaled_logit_scores(outputs), {2, 3});
  auto const expected = (-std::log1p(std::exp(-3.0)) - std::log1p(std::exp(-1.0))) / 2;
  CHECK(loss_scores(outputs)[0] == Approx(expected).epsilon(1e-14));
  CHECK_THROWS_AS(mean_over_queries(phi, 3), error);
}

TEST_CASE("a temperature divides the logits") {
  logits const z{3, 0, -1}, half{1.5, 0, -.5};
  CHECK(of([](auto const& o) { return log_probabilities(o, 2); }, z, 2) ==
        Approx(of([](auto const& o) { return log_probabilities(o); }, half, 2)).epsilon(1e-14));
  CHECK_THROWS_AS(of([](auto const& o) { return log_probabilities(o, 0); }, z, 2), error);
}

TEST_CASE("outputs of sizes that disagree are refused") {
  logits const z(12);
  labels const y{0, 1, 2};
  CHECK(outputs_view(z, y, 4).images() == 3);
  CHECK_THROWS_AS(outputs_view(z, y, 3), error);
  CHECK_THROWS_AS(outputs_view(z, y, 4, 2), error);
  CHECK_THROWS_AS(outputs_view(z, y, 2, 2), error);  // as many logits as it takes, but label 2
  CHECK_THROWS_AS(outputs_view(z, y, 1), error);
  CHECK_THROWS_AS(outputs_view(z, y, 4, 0), error);
  CHECK(loss_scores(outputs_view(std::span<float const>(), std::span<std::uint8_t const>(), 4)).empty());
}
