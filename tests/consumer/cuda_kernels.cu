// SPDX-License-Identifier: MIT
#include <papillon/kernel/cuda_launch.cuh>

#include "squares.hpp"

PAPILLON_INSTANTIATE_KERNEL(squares);
