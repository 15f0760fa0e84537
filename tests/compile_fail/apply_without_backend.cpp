// SPDX-License-Identifier: MIT
// Operators run on the host.
#include <papillon/operators/transforms.hpp>

using namespace papillon;

#ifdef PAPILLON_SHOULD_FAIL
using policy = exec::emulated;
#else
using policy = exec::seq;
#endif

void use(std::vector<float> const& x, std::vector<float>& y) {
  apply(policy{}, make_walsh_hadamard<float>(8), x, y);
  apply_adjoint(policy{}, make_walsh_hadamard<float>(8), x, y);
}
