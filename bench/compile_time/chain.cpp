// SPDX-License-Identifier: MIT
// budget: a chain of 20 factors of size 2^20 | 2 s
#include <papillon/structure/dyadic_butterfly.hpp>

using butterfly = papillon::dyadic_butterfly<20>;
static_assert(butterfly::depth() == 20);
static_assert(butterfly::rows() == 1 << 20);
static_assert(butterfly::nnz() == 20 << 21);
