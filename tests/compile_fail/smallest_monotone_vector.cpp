// SPDX-License-Identifier: MIT
#include <papillon/structure/smallest_monotone.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using w = smallest_monotone<1, 9, 2>;
#else
using w = smallest_monotone<1, 9, 2, input_factor::any>;
#endif
int rows = w::rows;
