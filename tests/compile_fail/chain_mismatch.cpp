// SPDX-License-Identifier: MIT
#include <papillon/structure/chain.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using w = chain<pattern{1, 4, 4, 4}, pattern{4, 4, 4, 1}, pattern{1, 2, 2, 2}>;
#else
using w = chain<pattern{1, 4, 4, 4}, pattern{4, 4, 4, 1}, pattern{1, 2, 2, 8}>;
#endif
int rows = w::rows;
