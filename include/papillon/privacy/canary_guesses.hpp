// SPDX-License-Identifier: MIT
/// \file canary_guesses.hpp
/// What an auditor says of canaries, images of which each was trained on or left out by a fair coin of its own: "in" of
/// those with the highest scores, "out" of those with the lowest, nothing of the others. How many of both is fixed
/// before the scores are seen. T. Steinke, M. Nasr, M. Jagielski, "Privacy auditing with one (1) training run", 2023,
/// algorithm 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <papillon/config.hpp>
#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// So many guesses about canaries, so many of them right.
struct canary_guesses {
  std::size_t canaries = 0;  ///< m
  std::size_t guesses = 0;   ///< r
  std::size_t right = 0;     ///< v
};

namespace detail {

inline void check_guesses(canary_guesses const& g) {
  if (g.right > g.guesses || g.guesses > g.canaries)
    throw error(errc::usage, message("no audit of ", g.right, " right guesses out of ", g.guesses, " about ",
                                 g.canaries, " canaries (each is more than the next)"));
}

}  // namespace detail

/// Guesses "in" of the `highest` highest scores and "out" of the `lowest` lowest; included: 1 where the canary was
/// trained on, 0 where not. Equal scores of which only some would be guessed are not guessed at all and count as wrong:
/// nothing but the scores may decide, least of all the order of the canaries. Throws papillon::error (usage) where
/// sizes differ, there are fewer canaries than guesses, or a score is not a number.
[[nodiscard]] inline canary_guesses guess_canaries(
    std::span<double const> scores, std::span<std::uint8_t const> included, std::size_t highest, std::size_t lowest) {
  std::size_t const count = scores.size();
  if (included.size() != count)
    throw error(errc::usage,
        message("scores and canaries differ in number (", count, " and ", included.size(), "); one score a canary"));
  if (highest > count || lowest > count - highest)
    throw error(errc::usage, message("no ", highest, " guesses \"in\" and ", lowest, " guesses \"out\" about ", count,
                                 " canaries (at most one a canary)"));
  for (std::size_t i = 0; i < count; ++i)
    if (std::isnan(scores[i]))
      throw error(errc::usage, message("the score of canary ", i, " is not a number (its network may have diverged)"));
  std::vector<double> sorted(scores.begin(), scores.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  canary_guesses r{count, highest + lowest};
  // "in" above the first score that is not guessed any more, "out" below the last that is not guessed yet
  for (std::size_t i = 0; i < count; ++i) {
    bool const in = highest > 0 && (highest == count || scores[i] > sorted[highest]);
    bool const out = lowest > 0 && (lowest == count || scores[i] < sorted[count - lowest - 1]);
    r.right += (in && included[i] != 0) || (out && included[i] == 0);
  }
  return r;
}

}  // namespace papillon::privacy
