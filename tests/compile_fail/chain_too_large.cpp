// SPDX-License-Identifier: MIT
#include <papillon/structure/chain.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
// 2^30 coefficients in each factor.
using w = chain<dense_pattern(32768, 32768), dense_pattern(32768, 32768)>;
#else
// 2^30 coefficients in the first factor, 2^29 in the second.
using w = chain<dense_pattern(32768, 32768), dense_pattern(32768, 16384)>;
#endif
int nnz = w::nnz;
