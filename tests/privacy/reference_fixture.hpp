// SPDX-License-Identifier: MIT
/// \file reference_fixture.hpp
/// A target and eight references of four classes, of which all attacks' scores are known: images 0 to 11 are judged,
/// 12 to 21 are the population that no network was trained on. The logits come from a congruential generator; the
/// expected scores in the tests were computed apart, from the formulas, with numpy.
#pragma once

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/references.hpp>
#include <papillon/privacy/signals.hpp>

namespace papillon::test {

inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct reference_fixture {
  static constexpr int networks = 8, images = 12, population = 10, classes = 4;

  std::vector<std::uint8_t> members, keep, labels;  // keep: [networks][images], labels of all 22 images

  reference_fixture() {
    for (unsigned i = 0; i < images; ++i) members.push_back(i % 2 == 0);
    for (unsigned m = 1; m <= networks; ++m)
      for (unsigned i = 0; i < images; ++i) keep.push_back(kept(m, i));
    for (unsigned i = 0; i < images + population; ++i) labels.push_back(static_cast<std::uint8_t>(i % classes));
  }

  static bool kept(unsigned m, unsigned i) {
    if (i >= images) return false;
    return m == 0 ? i % 2 == 0 : (m - 1 + 3 * i) % 8 < 4;
  }

  static double logit(unsigned m, unsigned i, unsigned c) {
    std::uint64_t const h = (1103515245ull * (97ull * m + 31ull * i + 7ull * c + 1) + 12345) % (std::uint64_t{1} << 31);
    double const noise = static_cast<double>(h / 65536 % 17) / 4 - 2;
    return noise + (c == i % classes ? 1.0 + 2.0 * kept(m, i) : 0.0);
  }

  /// Of network m, [images first .. first + count][classes].
  static std::vector<double> logits(unsigned m, unsigned first, unsigned count) {
    std::vector<double> z;
    for (unsigned i = first; i < first + count; ++i)
      for (unsigned c = 0; c < classes; ++c) z.push_back(logit(m, i, c));
    return z;
  }

  /// signal(outputs of network m on the images), of the target or, one after the other, of the references.
  template <class Signal> std::vector<double> target(Signal signal, unsigned first = 0, unsigned count = images) const {
    return of_network(0, signal, first, count);
  }
  template <class Signal>
  std::vector<double> references(Signal signal, unsigned first = 0, unsigned count = images) const {
    std::vector<double> all;
    for (unsigned m = 1; m <= networks; ++m)
      for (double v : of_network(m, signal, first, count)) all.push_back(v);
    return all;
  }

  [[nodiscard]] double auc(std::span<double const> scores) const {
    return privacy::evaluate_attack(scores, members, 0.0).auc;
  }

 private:
  template <class Signal>
  std::vector<double> of_network(unsigned m, Signal signal, unsigned first, unsigned count) const {
    auto const z = logits(m, first, count);
    return signal(privacy::outputs_view(z, std::span(labels).subspan(first, count), classes));
  }
};

inline std::vector<double> phi(privacy::outputs_view const& o) { return privacy::rescaled_logits(o); }
inline std::vector<double> log_p(privacy::outputs_view const& o) { return privacy::log_probabilities(o); }

/// The expected scores are printed with six digits after the point.
inline void check_scores(std::vector<double> const& scores, std::vector<double> const& expected) {
  REQUIRE(scores.size() == expected.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    CAPTURE(i);
    CHECK(scores[i] == Approx(expected[i]).margin(5.1e-7).epsilon(0));
  }
}

inline void check_equal(std::vector<double> const& a, std::vector<double> const& b, double tolerance) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(i);
    CHECK(a[i] == Approx(b[i]).margin(tolerance).epsilon(tolerance));
  }
}

}  // namespace papillon::test
