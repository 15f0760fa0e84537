// SPDX-License-Identifier: MIT
#include <papillon/structure/chain.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using w = chain<>;
#else
using w = chain<pattern{1, 1, 1, 1}>;
#endif
int rows = w::rows;
