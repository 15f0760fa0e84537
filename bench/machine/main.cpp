// SPDX-License-Identifier: MIT
#include <context.hpp>

PAPILLON_BENCH_MAIN()
