// SPDX-License-Identifier: MIT
#include <papillon/papillon.hpp>

#include <string_view>

// The L = 2 chain of a 64 x 576 weight: 3,200 coefficients instead of 36,864.
using weight = papillon::chain<papillon::pattern{1, 32, 32, 2}, papillon::pattern{32, 2, 18, 1}>;
static_assert(weight::rows == 64 && weight::cols == 576 && weight::nnz == 3200);

#if defined(_OPENMP)
static_assert(papillon::exec::policy<papillon::exec::omp>);
#endif

static_assert(PAPILLON_VERSION_NUMBER >= 100 && std::string_view(PAPILLON_VERSION).find('.') == 1);

int main() { return weight{}.depth() == 2 ? 0 : 1; }
