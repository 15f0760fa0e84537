// SPDX-License-Identifier: MIT
/// \file kernels.cuh
/// PAPILLON_INSTANTIATE_KERNELS(T), a line of a .cu file, compiles every kernel that networks, training and attacks
/// launch with scalars T. Structures are tables, not types, so any chain or mask of one's own needs no other line.
/// papillon::cuda has them for float.
#pragma once

#include <papillon/data/batches.hpp>
#include <papillon/exec/cuda_launch.cuh>
#include <papillon/nn/kernels/group_norm_kernels.hpp>
#include <papillon/nn/kernels/loss.hpp>
#include <papillon/nn/kernels/membership_penalty.hpp>
#include <papillon/nn/kernels/norm_kernels.hpp>
#include <papillon/nn/kernels/paired_divergence.hpp>
#include <papillon/nn/layers/channel_bias.hpp>
#include <papillon/nn/layers/gelu.hpp>
#include <papillon/nn/layers/global_average_pool.hpp>
#include <papillon/nn/layers/padded_shortcut.hpp>
#include <papillon/nn/layers/relu.hpp>
#include <papillon/nn/layers/self_attention.hpp>
#include <papillon/nn/layers/token_norm.hpp>
#include <papillon/privacy/feature_kernels.hpp>
#include <papillon/product/chain_product.hpp>
#include <papillon/product/gather_gradient.hpp>
#include <papillon/product/gather_product.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/private_gradient.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/weight_pull.hpp>

/// A functor of for_each, and one of for_each_row (exec/for_each.hpp).
#define PAPILLON_INSTANTIATE_FOR_EACH(...) PAPILLON_INSTANTIATE_KERNEL(papillon::exec::index_kernel<__VA_ARGS__>)
#define PAPILLON_INSTANTIATE_FOR_EACH_ROW(...) PAPILLON_INSTANTIATE_KERNEL(papillon::exec::row_kernel<__VA_ARGS__>)

#define PAPILLON_INSTANTIATE_PRODUCT(T, Width)                                 \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::gather_product<T, Width, 1>); \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::gather_product<T, Width, 4>); \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::gather_gradient<T, Width>);   \
  PAPILLON_INSTANTIATE_KERNEL(papillon::product::gather_image_gradients<T, Width>)

#define PAPILLON_INSTANTIATE_KERNELS(T)                                                                 \
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
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::product::copy_rows<T>);                                   \
  PAPILLON_INSTANTIATE_KERNEL(papillon::nn::norm_moments<T>);                                           \
  PAPILLON_INSTANTIATE_KERNEL(papillon::nn::norm_derivative_sums<T>);                                   \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::norm_channel_statistics<T>);                              \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::norm_running_inv_std<T>);                                 \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::norm_derivative_means<T>);                                \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::norm_value<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::norm_derivative<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::group_norm_value<T>);                                 \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::group_norm_derivative<T>);                            \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::group_norm_parameter_sums<T>);                            \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::token_statistics<T>);                                 \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::token_norm_value<T>);                                 \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::token_norm_derivative<T>);                            \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::token_norm_sums<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::biased_row<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::bias_sums<T>);                                        \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::bias_sum<T>);                                             \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::next_step<T>);                                            \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::dropout_value<T>);                                    \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::dropout_derivative<T>);                               \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::attention_weights<T>);                                \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::attention_value<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::attention_scores_derivative<T>);                      \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::attention_derivative<T>);                             \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::gelu_value<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::gelu_derivative<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::copied_row<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::relu_value<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::relu_derivative<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::pool_value<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::pool_derivative<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::padded_shortcut_value<T>);                            \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::nn::padded_shortcut_derivative<T>);                       \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::cross_entropy_value<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::binary_cross_entropy_value<T>);                           \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::sorted_classes<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::paired_divergence_derivative<T>);                         \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::membership_input<T>);                                     \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::membership_penalty_derivative<T>);                        \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::nn::add_softmax_derivative<T>);                               \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::exec::zero_value<T>);                                         \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::train::sgd_update<T>);                                        \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::train::adam_update<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::train::pulled_gradient<T>);                                   \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::train::squares_of_gradients<T>);                          \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::train::parameter_selection);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::train::clipping_factor<T>);                                   \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::train::clipped_rows<T>);                                  \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::train::sum_of_lanes<T>);                                      \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::train::noisy_mean<T>);                                        \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::data::draw_placements);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH_ROW(papillon::data::batch_pixel_row<T, papillon::exec::device_lanes>);  \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::data::batch_row<T>);                                          \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::privacy::add_noise<T>);                                       \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::privacy::probability_change<T>);                              \
  PAPILLON_INSTANTIATE_FOR_EACH(papillon::privacy::feature_value<T>)
