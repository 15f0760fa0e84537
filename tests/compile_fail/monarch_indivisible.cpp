// SPDX-License-Identifier: MIT
#include <papillon/structure/monarch.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using w = monarch<21, 16, 4, 4>;
#else
using w = monarch<21, 16, 3, 4>;
#endif
int rows = w::rows;
