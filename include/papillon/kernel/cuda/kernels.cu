// SPDX-License-Identifier: MIT
// The study's kernels, compiled for CUDA devices.
#include <papillon/train/network_kernels.cuh>

PAPILLON_INSTANTIATE_NETWORK_KERNELS(float);
PAPILLON_INSTANTIATE_STUDY_KERNELS(float);
PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::data::draw_placements);
