// SPDX-License-Identifier: MIT
#include <study/statistics.hpp>

#include <cmath>
#include <cstddef>

namespace papillon::study {

spread spread_of(std::span<double const> values) noexcept {
  spread s;
  double sum = 0;
  for (double v : values) {
    if (is_missing(v)) continue;
    sum += v;
    ++s.count;
  }
  if (s.count == 0) return s;
  s.mean = sum / s.count;
  if (s.count == 1) return s;
  double squares = 0;
  for (double v : values) {
    if (is_missing(v)) continue;
    squares += (v - s.mean) * (v - s.mean);
  }
  s.deviation = std::sqrt(squares / (s.count - 1));
  return s;
}

significance differs(spread const& a, spread const& b) noexcept {
  if (is_missing(a.mean) || is_missing(a.deviation) || is_missing(b.mean) || is_missing(b.deviation))
    return significance::unknown;
  return std::abs(a.mean - b.mean) > a.deviation + b.deviation ? significance::yes : significance::no;
}

double ratio(double accuracy, double defence, double dense_accuracy, double dense_defence) noexcept {
  double const da = std::abs(accuracy - dense_accuracy);
  if (!(da > 0) || dense_defence == 0) return missing;
  return (std::abs(defence - dense_defence) / dense_defence) * (dense_accuracy / da);
}

double slope_through(accuracy_and_defence dense, std::span<accuracy_and_defence const> others) noexcept {
  double products = 0, squares = 0;
  for (auto const& p : others) {
    double const da = p.accuracy - dense.accuracy, dd = p.defence - dense.defence;
    if (is_missing(da) || is_missing(dd)) continue;
    products += da * dd;
    squares += da * da;
  }
  return squares > 0 ? products / squares : missing;
}

}  // namespace papillon::study
