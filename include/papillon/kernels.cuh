// SPDX-License-Identifier: MIT
/// \file kernels.cuh
/// PAPILLON_INSTANTIATE_KERNELS(T), a line of a .cu file, compiles every kernel that networks, training and attacks
/// launch with scalars T. Structures are tables, not types, so any chain or mask of one's own needs no other line.
/// papillon::cuda has them for float.
#pragma once

#include <papillon/data/device_batch.hpp>
#include <papillon/exec/cuda_launch.cuh>
#include <papillon/nn/kernels/elementwise.hpp>
#include <papillon/nn/kernels/loss_kernel.hpp>
#include <papillon/nn/kernels/norm_kernels.hpp>
#include <papillon/privacy/attack_kernels.hpp>
#include <papillon/product/chain_product.hpp>
#include <papillon/product/gather_gradient.hpp>
#include <papillon/product/gather_product.hpp>
#include <papillon/prune/selection_kernels.hpp>
#include <papillon/train/optimiser_kernels.hpp>

#define PAPILLON_INSTANTIATE_ELEMENTWISE(...) PAPILLON_INSTANTIATE_KERNEL(papillon::nn::elementwise<__VA_ARGS__>)

#define PAPILLON_INSTANTIATE_PRODUCT(T, Width)                                 \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::gather_product<T, Width, 1>); \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::gather_product<T, Width, 4>); \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::gather_gradient<T, Width>)

#define PAPILLON_INSTANTIATE_NETWORK_KERNELS(T)                                                         \
  PAPILLON_INSTANTIATE_PRODUCT(T, 1);                                                                   \
  PAPILLON_INSTANTIATE_PRODUCT(T, 2);                                                                   \
  PAPILLON_INSTANTIATE_PRODUCT(T, 4);                                                                   \
  PAPILLON_INSTANTIATE_PRODUCT(T, 8);                                                                   \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::chain_product<T, 4, papillon::product::few_rows<T>>);  \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::chain_product<T, 4, papillon::product::many_rows<T>>); \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::chain_product<T, 2, papillon::product::many_rows<T>>); \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::chain_product<T, 1, papillon::product::many_rows<T>>); \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::add_strips<T>);                                        \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::pack_weights<T>);                                      \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::sum_rows<T>);                                          \
  PAPILLON_INSTANTIATE_KERNEL(papillon::nn::norm_moments<T>);                                           \
  PAPILLON_INSTANTIATE_KERNEL(papillon::nn::norm_derivative_sums<T>);                                   \
  PAPILLON_INSTANTIATE_KERNEL(papillon::nn::cross_entropy_loss<T>);                                     \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::norm_statistics<T>);                                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::norm_running_inv_std<T>);                              \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::norm_value<T>);                                        \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::norm_derivative_means<T>);                             \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::norm_derivative<T>);                                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::set_zero<T>);                                          \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::relu_value<T>);                                        \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::relu_derivative<T>);                                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::pool_value<T>);                                        \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::pool_derivative<T>);                                   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::padded_shortcut_value<T>);                             \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::nn::padded_shortcut_derivative<T>);                        \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::train::sgd_update<T>);                                     \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::train::adam_update<T>);                                    \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::data::batch_value<T>)

#define PAPILLON_INSTANTIATE_STUDY_KERNELS(T)                                 \
  PAPILLON_INSTANTIATE_KERNEL(papillon::prune::count_ranked<T>);              \
  PAPILLON_INSTANTIATE_KERNEL(papillon::prune::count_digits<T>);              \
  PAPILLON_INSTANTIATE_KERNEL(papillon::prune::pick_digit<T>);                \
  PAPILLON_INSTANTIATE_KERNEL(papillon::prune::count_equal<T>);               \
  PAPILLON_INSTANTIATE_KERNEL(papillon::prune::remove_smallest<T>);           \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::privacy::add_noise<T>);          \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::privacy::probability_change<T>); \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::privacy::feature_value<T>);      \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::privacy::next_rows<T>);          \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::privacy::row_value<T>);          \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::privacy::binary_derivative<T>)

#define PAPILLON_INSTANTIATE_KERNELS(T)    \
  PAPILLON_INSTANTIATE_NETWORK_KERNELS(T); \
  PAPILLON_INSTANTIATE_STUDY_KERNELS(T);   \
  PAPILLON_INSTANTIATE_ELEMENTWISE(papillon::data::draw_placements)
