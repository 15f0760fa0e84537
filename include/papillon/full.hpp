// SPDX-License-Identifier: MIT
/// \file full.hpp
/// Everything: the core, and what needs Eigen, xtensor, nlohmann-json and OpenSSL (files, data, training, attacks).
/// Include the headers you use instead where compile time matters. Written by scripts/update-header-lists.
#pragma once

#include <papillon/papillon.hpp>

#include <papillon/tensor/eigen.hpp>
#include <papillon/tensor/xtensor.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/chain_file.hpp>
#include <papillon/io/narrow_float.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/io/sha256.hpp>
#include <papillon/operators/eigen.hpp>
#include <papillon/data/augmentation.hpp>
#include <papillon/data/batches.hpp>
#include <papillon/data/cifar10.hpp>
#include <papillon/data/collection.hpp>
#include <papillon/data/epoch_order.hpp>
#include <papillon/data/fill_batch.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/data/split.hpp>
#include <papillon/data/split_file.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/data/vector_set.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/optimiser.hpp>
#include <papillon/train/resident_network.hpp>
#include <papillon/train/schedule.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/state_dict.hpp>
#include <papillon/train/stepper.hpp>
#include <papillon/train/trainer.hpp>
#include <papillon/train/training_observer.hpp>
#include <papillon/train/training_state.hpp>
#include <papillon/prune/imp.hpp>
#include <papillon/prune/magnitude.hpp>
#include <papillon/prune/mask.hpp>
#include <papillon/privacy/attack.hpp>
#include <papillon/privacy/attack_result.hpp>
#include <papillon/privacy/calibrated.hpp>
#include <papillon/privacy/class_thresholds.hpp>
#include <papillon/privacy/discriminator.hpp>
#include <papillon/privacy/feature_kernels.hpp>
#include <papillon/privacy/features.hpp>
#include <papillon/privacy/lira.hpp>
#include <papillon/privacy/memorisation.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/network_features.hpp>
#include <papillon/privacy/outputs.hpp>
#include <papillon/privacy/reference_statistics.hpp>
#include <papillon/privacy/references.hpp>
#include <papillon/privacy/rmia.hpp>
#include <papillon/privacy/samples.hpp>
#include <papillon/privacy/signals.hpp>
#include <papillon/privacy/student.hpp>
#include <papillon/privacy/student_t.hpp>
#include <papillon/privacy/thresholds.hpp>
