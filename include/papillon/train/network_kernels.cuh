// SPDX-License-Identifier: MIT
/// \file network_kernels.cuh
/// Lines of a .cu file that compile kernels with scalars T for the device: PAPILLON_INSTANTIATE_NETWORK_KERNELS(T) every kernel that
/// networks, training and evaluation launch, PAPILLON_INSTANTIATE_STUDY_KERNELS(T) those of pruning and attacks. Structures are
/// tables, not types, so any chain or mask of one's own needs no other line. papillon::cuda has both for float.
#pragma once

#include <papillon/data/device_batch.hpp>
#include <papillon/kernel/cuda_launch.cuh>
#include <papillon/ops/device/attack_kernels.hpp>
#include <papillon/ops/device/chain_product.hpp>
#include <papillon/ops/device/elementwise.hpp>
#include <papillon/ops/device/gather_gradient.hpp>
#include <papillon/ops/device/gather_product.hpp>
#include <papillon/ops/device/loss_kernel.hpp>
#include <papillon/ops/device/norm_kernels.hpp>
#include <papillon/ops/device/optimiser_kernels.hpp>
#include <papillon/ops/device/selection_kernels.hpp>

#define PAPILLON_INSTANTIATE_ELEMENTWISE(...) PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::elementwise<__VA_ARGS__>)

#define PAPILLON_INSTANTIATE_PRODUCT(T, Width)                                              \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::gather_product<T, Width, 1>);          \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::gather_product<T, Width, 4>);          \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::gather_gradient<T, Width>)

#define PAPILLON_INSTANTIATE_NETWORK_KERNELS(T)                                             \
  PAPILLON_INSTANTIATE_PRODUCT(T, 1);                                                       \
  PAPILLON_INSTANTIATE_PRODUCT(T, 2);                                                       \
  PAPILLON_INSTANTIATE_PRODUCT(T, 4);                                                       \
  PAPILLON_INSTANTIATE_PRODUCT(T, 8);                                                       \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::chain_product<T, 4, papillon::ops::device::few_rows<T>>);              \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::chain_product<T, 4, papillon::ops::device::many_rows<T>>);             \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::chain_product<T, 2, papillon::ops::device::many_rows<T>>);             \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::chain_product<T, 1, papillon::ops::device::many_rows<T>>);             \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::add_strips<T>);                        \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::pack_weights<T>);                      \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::sum_rows<T>);                          \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::norm_moments<T>);                      \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::norm_derivative_sums<T>);              \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::cross_entropy_loss<T>);                \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::norm_statistics<T>);              \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::norm_running_inv_std<T>);         \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::norm_value<T>);                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::norm_derivative_means<T>);        \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::norm_derivative<T>);              \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::set_zero<T>);                     \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::relu_value<T>);                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::relu_derivative<T>);              \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::pool_value<T>);                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::pool_derivative<T>);              \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::padded_shortcut_value<T>);        \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::padded_shortcut_derivative<T>);   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::sgd_update<T>);                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::adam_update<T>);                  \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::data::batch_value<T>)

#define PAPILLON_INSTANTIATE_STUDY_KERNELS(T)                                               \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::count_ranked<T>);                      \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::count_digits<T>);                      \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::pick_digit<T>);                        \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::count_equal<T>);                       \
  PAPILLON_INSTANTIATE_KERNEL(papillon::ops::device::remove_smallest<T>);                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::add_noise<T>);                    \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::probability_change<T>);           \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::feature_value<T>);                \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::next_rows<T>);                    \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::row_value<T>);                    \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::ops::device::binary_derivative<T>)
