// SPDX-License-Identifier: MIT
#include <papillon/structure/fuse.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
constexpr int k = 1;
#else
constexpr int k = 0;
#endif
int rows = fuse<k>(chain<dense_pattern(2, 3), dense_pattern(3, 2)>{}).rows();
