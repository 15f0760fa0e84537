// SPDX-License-Identifier: MIT
#include <papillon/structure/dyadic_butterfly.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using w = dyadic_butterfly<26>;
#else
using w = dyadic_butterfly<25>;
#endif
int rows = w::rows;
