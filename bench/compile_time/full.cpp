// SPDX-License-Identifier: MIT
// budget: the full umbrella header | 5 s
#include <papillon/full.hpp>
