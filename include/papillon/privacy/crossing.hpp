// SPDX-License-Identifier: MIT
/// \file crossing.hpp
/// Where a statement about a positive number, true of small ones and false of large ones, ceases to be true: bounds
/// that hold from below or from above are one side of it or the other.
#pragma once

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// The statement is true of `below` and false of `above`, which are neighbours but for rounding.
struct crossing {
  double below = 0, above = 1;
};

/// holds(double) -> bool: true of 0, which is not asked, and false of some finite number.
template <class F> [[nodiscard]] crossing find_crossing(F const& holds) {
  crossing c;
  for (; holds(c.above); c.above *= 2) c.below = c.above;
  for (int step = 0; step < 60; ++step) {
    double const middle = (c.below + c.above) / 2;
    (holds(middle) ? c.below : c.above) = middle;
  }
  return c;
}

}  // namespace papillon::privacy
