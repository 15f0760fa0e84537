// SPDX-License-Identifier: MIT
/// \file papillon.hpp
/// The core: structures, policies, random numbers, tensors, operations and networks. It needs nothing but the
/// standard library, threads and OpenMP. Written by scripts/update-umbrellas.
#pragma once

#include <papillon/config.hpp>
#include <papillon/error.hpp>
#include <papillon/structure/chain.hpp>
#include <papillon/structure/pattern.hpp>
#include <papillon/exec/policy.hpp>
