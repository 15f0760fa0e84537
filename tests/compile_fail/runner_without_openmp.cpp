// SPDX-License-Identifier: MIT
#include <papillon/nn/run/runner.hpp>

using namespace papillon;
#ifdef PAPILLON_SHOULD_FAIL
using policy = exec::omp;
#else
using policy = exec::seq;
#endif
void plan(nn::network<float> const& net) { nn::runner const run(policy{}, net, 1, nn::mode::eval); }
