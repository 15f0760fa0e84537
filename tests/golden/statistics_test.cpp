// SPDX-License-Identifier: MIT
// Statistics and ROC curves against SciPy and scikit-learn. Tolerances are relative: 1e-12 for sums of a few hundred
// terms, 1e-10 for distributions, where rounding of an argument alone moves the extreme ones by some 1e-12.
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <papillon/io/safetensors.hpp>
#include <papillon/privacy/auc_difference.hpp>
#include <papillon/privacy/statistics.hpp>

using namespace papillon;
using namespace papillon::privacy;

namespace {

io::safetensors golden_file() {
  return io::safetensors::read(std::filesystem::path(PAPILLON_GOLDEN_DIR) / "statistics.safetensors");
}

/// The rows of a tensor (rows, columns).
std::vector<std::span<double const>> rows(io::safetensors const& file, std::string const& name) {
  auto const all = file.get<double>(name);
  std::size_t const count = file.dims(name).at(0), size = file.dims(name).at(1);
  std::vector<std::span<double const>> r;
  for (std::size_t k = 0; k < count; ++k) r.push_back(all.subspan(k * size, size));
  return r;
}

Approx near(double expected, double relative = 1e-10) { return Approx(expected).epsilon(relative).margin(1e-300); }

}  // namespace

TEST_CASE("ROC points, area and rates with ties are scikit-learn's") {
  auto const file = golden_file();
  auto const members = file.get<std::uint8_t>("members");
  auto const scores = rows(file, "scores"), points = rows(file, "roc");
  roc_curve const curve(scores[0], members);
  REQUIRE(curve.points().size() == points[0].size() + 1);
  for (std::size_t k = 0; k < points[0].size(); ++k) {
    auto const& p = curve.points()[k + 1];
    CHECK(p.score == points[0][k]);
    CHECK(proportion{p.true_positives, curve.members()}.rate() == near(points[1][k], 1e-15));
    CHECK(proportion{p.false_positives, curve.others()}.rate() == near(points[2][k], 1e-15));
  }
  auto const shares = file.get<double>("shares"), tpr = file.get<double>("tpr"), tnr = file.get<double>("tnr");
  for (std::size_t k = 0; k < shares.size(); ++k) {
    CHECK(curve.true_positive_rate_at(shares[k]).found.rate() == near(tpr[k], 1e-12));
    CHECK(curve.true_negative_rate_at(shares[k]).found.rate() == near(tnr[k], 1e-12));
  }
  CHECK(curve.advantage() == near(file.get<double>("advantage")[0], 1e-12));
}

TEST_CASE("areas and their covariance are those of all pairs") {
  auto const file = golden_file();
  auto const scores = rows(file, "scores"), covariance = rows(file, "auc_covariance");
  auto const r = compare_auc(scores[0], scores[1], file.get<std::uint8_t>("members"));
  auto const auc = file.get<double>("auc");
  CHECK(r.a.value == near(auc[0], 1e-12));
  CHECK(r.b.value == near(auc[1], 1e-12));
  CHECK(r.a.standard_error == near(std::sqrt(covariance[0][0]), 1e-12));
  CHECK(r.b.standard_error == near(std::sqrt(covariance[1][1]), 1e-12));
  CHECK(r.covariance == near(covariance[0][1], 1e-12));
  double const variance = covariance[0][0] + covariance[1][1] - 2 * covariance[0][1];
  CHECK(r.standard_error() == near(std::sqrt(variance), 1e-11));
}

TEST_CASE("limits of proportions are SciPy's quantiles of beta distributions") {
  auto const file = golden_file();
  auto const t = rows(file, "clopper_pearson");
  for (std::size_t i = 0; i < t[0].size(); ++i) {
    INFO(t[0][i] << " of " << t[1][i] << " at " << t[2][i]);
    auto const limits = clopper_pearson(static_cast<std::size_t>(t[0][i]), static_cast<std::size_t>(t[1][i]), t[2][i]);
    CHECK(limits.low == near(t[3][i]));
    CHECK(limits.high == near(t[4][i]));
  }
}

TEST_CASE("the incomplete beta function and its inverse are SciPy's") {
  auto const file = golden_file();
  auto const t = rows(file, "beta"), q = rows(file, "beta_quantile");
  for (std::size_t i = 0; i < t[0].size(); ++i) {
    INFO("a " << t[0][i] << ", b " << t[1][i] << ", x " << t[2][i] << ", p " << q[2][i]);
    CHECK(incomplete_beta(t[0][i], t[1][i], t[2][i]) == near(t[3][i]));
    CHECK(inverse_incomplete_beta(q[0][i], q[1][i], q[2][i]) == near(q[3][i]));
  }
}

TEST_CASE("Student's t and the normal distribution are SciPy's") {
  auto const file = golden_file();
  auto const t = rows(file, "student"), q = rows(file, "student_quantile"), z = rows(file, "normal_quantile");
  for (std::size_t i = 0; i < t[0].size(); ++i) {
    INFO("t " << t[0][i] << " of " << t[1][i]);
    CHECK(student_two_sided(t[0][i], t[1][i]) == near(t[2][i]));
    double const half = t[2][i] / 2;
    CHECK(student_distribution(t[0][i], t[1][i]) == near(t[0][i] < 0 ? half : 1 - half));
  }
  for (std::size_t i = 0; i < q[0].size(); ++i) {
    INFO("p " << q[0][i] << " of " << q[1][i]);
    CHECK(student_quantile(q[0][i], q[1][i]) == near(q[2][i]));
  }
  for (std::size_t i = 0; i < z[0].size(); ++i) {
    INFO("p " << z[0][i]);
    CHECK(normal_quantile(z[0][i]) == near(z[1][i]));
  }
}

TEST_CASE("tests of differences and quantiles are SciPy's") {
  auto const file = golden_file();
  auto const differences = rows(file, "differences"), quantiles = rows(file, "quantiles");
  auto const t_test = file.get<double>("t_test"), flips = file.get<double>("sign_flip");
  auto const at = file.get<double>("quantile_at");
  for (std::size_t k = 0; k < differences.size(); ++k) {
    auto const r = summarise_differences(differences[k]);
    CHECK(r.p == near(t_test[k]));
    CHECK(r.sign_flip_p == near(flips[k], 1e-14));
    for (std::size_t i = 0; i < at.size(); ++i) CHECK(quantile(differences[k], at[i]) == near(quantiles[k][i], 1e-14));
  }
}
