// SPDX-License-Identifier: MIT
/// \file lane_functions.hpp
/// Functions of single numbers on whatever a functor of rows holds: a register of lanes on the host, one lane on a
/// device.
#pragma once

#include <cmath>
#include <type_traits>

#include <papillon/exec/for_each.hpp>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // see tensor/vec.hpp

namespace papillon::inline PAPILLON_ISA::nn {

/// f of every lane of v, whose scalars are T.
template <class T, class V, class F> [[nodiscard]] PAPILLON_HD V map_lanes(V v, F const& f) {
  if constexpr (std::is_floating_point_v<V>) {
    return f(v);
  } else {
    constexpr int count = static_cast<int>(sizeof(V) / sizeof(T));
    for (int l = 0; l < count; ++l) v[l] = f(v[l]);
    return v;
  }
}

template <class T, class V> [[nodiscard]] PAPILLON_HD V exponential(V const& v) {
  return map_lanes<T>(
      v, [](T x) { return std::exp(x); });
}

}  // namespace papillon::nn

#pragma GCC diagnostic pop
