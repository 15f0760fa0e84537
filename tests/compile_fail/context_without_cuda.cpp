// SPDX-License-Identifier: MIT
#include <papillon/exec/context.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using policy = exec::cuda;
#else
using policy = exec::emulated;
#endif
exec::context<policy> const where;
