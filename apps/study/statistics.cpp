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

estimate estimate_of(std::span<double const> values) {
  auto const mean = privacy::estimate_mean(values);
  auto const limits = mean.limits();
  return {static_cast<int>(mean.count), mean.mean, limits.low, limits.high};
}

difference difference_of(std::span<double const> values, std::span<double const> others) {
  constexpr std::size_t enough_to_flip = 6;
  auto const d = privacy::compare_paired(values, others);
  return {.change = {static_cast<int>(d.count), d.mean, d.low, d.high},
      .p = d.p,
      .corrected_p = missing,
      .sign_flip_p = d.count >= enough_to_flip ? d.sign_flip_p : missing};
}

void correct_together(std::span<difference* const> tests) {
  std::vector<double> p;
  for (auto const* test : tests) p.push_back(test->p);
  auto const corrected = privacy::holm(p);
  for (std::size_t i = 0; i < tests.size(); ++i) tests[i]->corrected_p = corrected[i];
}

}  // namespace papillon::study
