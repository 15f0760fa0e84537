// SPDX-License-Identifier: MIT
/// \file papillon.hpp
/// The core: structures, policies, random numbers, tensors, operations and networks. It needs nothing but the
/// standard library, threads and OpenMP. Written by scripts/update-umbrellas.
#pragma once

#include <papillon/config.hpp>
#include <papillon/error.hpp>
#include <papillon/structure/chain.hpp>
#include <papillon/structure/concepts.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/draw.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/factor_link.hpp>
#include <papillon/structure/fuse.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/pattern.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/structure/support.hpp>
#include <papillon/exec/parallel.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/random/distributions.hpp>
#include <papillon/random/elementary.hpp>
#include <papillon/random/engine.hpp>
#include <papillon/random/philox.hpp>
#include <papillon/random/stream.hpp>
#include <papillon/tensor/buffer.hpp>
#include <papillon/tensor/shape.hpp>
#include <papillon/tensor/tensor.hpp>
#include <papillon/tensor/tensor_view.hpp>
#include <papillon/tensor/vec.hpp>
#include <papillon/ops/activation.hpp>
#include <papillon/ops/batch_norm.hpp>
#include <papillon/ops/convolution.hpp>
#include <papillon/ops/convolution_plan.hpp>
#include <papillon/ops/linear.hpp>
#include <papillon/ops/loss.hpp>
#include <papillon/ops/nonzeros.hpp>
#include <papillon/ops/pooling.hpp>
#include <papillon/ops/product_plan.hpp>
#include <papillon/ops/tile_kernel.hpp>
#include <papillon/nn/any_layer.hpp>
#include <papillon/nn/batch_norm.hpp>
#include <papillon/nn/conv2d.hpp>
#include <papillon/nn/global_average_pool.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/nn/linear.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/nn/network.hpp>
#include <papillon/nn/padded_shortcut.hpp>
#include <papillon/nn/relu.hpp>
#include <papillon/nn/run.hpp>
#include <papillon/nn/weight.hpp>
#include <papillon/nn/workspace.hpp>
