// SPDX-License-Identifier: MIT
// FFHT: the Hadamard transform of one vector by one thread, out of place as ours.
#include "problem.hpp"

#include <bit>

#if PAPILLON_BENCH_FFHT
#  include <fht/fht.h>
#endif

namespace bench {

#if PAPILLON_BENCH_FFHT
namespace {

work hadamard(problem const& p, float const* x, float* y) {
  int const levels = std::countr_zero(static_cast<unsigned>(p.rows));
  auto* const in = const_cast<float*>(x);  // it is only read
  return {[=] { fht_float_oop(in, y, levels); }, p.coefficients(), p.coefficients() * sizeof(float)};
}

}  // namespace

std::vector<candidate<float>> ffht_candidates() {
  return {{"ffht", false, [](problem const& p) { return p.is_transform() && p.vectors == 1; }, hadamard}};
}
#else
std::vector<candidate<float>> ffht_candidates() { return {}; }
#endif

}  // namespace bench
