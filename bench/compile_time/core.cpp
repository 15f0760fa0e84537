// SPDX-License-Identifier: MIT
// budget: the core's umbrella header | 2 s
#include <papillon/papillon.hpp>
