// SPDX-License-Identifier: MIT
#include <papillon/structure/csr_mask.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using s = std::vector<int>;  // positions without a shape
#else
using s = csr_mask;
#endif

template <structure S> int coefficients(S const& s) { return s.nnz(); }
int count(s const& positions) { return coefficients(positions); }
