// SPDX-License-Identifier: MIT
#include <papillon/structure/fuse.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using w = chain<pattern{2, 1, 3, 1}, pattern{3, 2, 1, 1}>;
#else
using w = chain<pattern{2, 2, 2, 4}, pattern{4, 2, 2, 2}>;
#endif
int rows = fuse<0>(w{}).rows();
