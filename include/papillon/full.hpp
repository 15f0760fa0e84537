// SPDX-License-Identifier: MIT
/// \file full.hpp
/// Everything: the core, and what needs Eigen, xtensor, nlohmann-json and OpenSSL (files, data, training, the study,
/// its report). Include the headers you use instead where compile time matters. Written by scripts/update-umbrellas.
#pragma once

#include <papillon/papillon.hpp>

#include <papillon/tensor/eigen.hpp>
#include <papillon/tensor/xtensor.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/io/sha256.hpp>
#include <papillon/ops/to_dense.hpp>
#include <papillon/data/augmentation.hpp>
#include <papillon/data/cifar10.hpp>
#include <papillon/data/collection.hpp>
#include <papillon/data/epoch_order.hpp>
#include <papillon/data/fill_batch.hpp>
#include <papillon/data/image_set.hpp>
#include <papillon/data/normalisation.hpp>
#include <papillon/data/split.hpp>
#include <papillon/data/split_file.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/train/adam.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/for_each_chunk.hpp>
#include <papillon/train/schedule.hpp>
#include <papillon/train/sgd.hpp>
#include <papillon/train/trainer.hpp>
#include <papillon/train/training_observer.hpp>
#include <papillon/train/training_state.hpp>
#include <papillon/prune/imp.hpp>
#include <papillon/prune/magnitude.hpp>
#include <papillon/prune/mask.hpp>
#include <papillon/prune/mask_file.hpp>
#include <papillon/privacy/attack_result.hpp>
#include <papillon/privacy/metrics.hpp>
#include <papillon/privacy/thresholds.hpp>
#include <papillon/study/configuration.hpp>
#include <papillon/study/files.hpp>
#include <papillon/study/identity.hpp>
#include <papillon/study/metrics_file.hpp>
#include <papillon/study/plan.hpp>
#include <papillon/study/presets.hpp>
#include <papillon/study/reference.hpp>
#include <papillon/study/results.hpp>
#include <papillon/study/results_json.hpp>
#include <papillon/study/schema.hpp>
#include <papillon/study/settings.hpp>
#include <papillon/study/settings_file.hpp>
#include <papillon/study/sha256.hpp>
#include <papillon/study/statistics.hpp>
#include <papillon/study/summary.hpp>
#include <papillon/study/value.hpp>
#include <papillon/report/curves_figure.hpp>
#include <papillon/report/figure.hpp>
#include <papillon/report/gnuplot.hpp>
#include <papillon/report/html.hpp>
#include <papillon/report/label_placement.hpp>
#include <papillon/report/page.hpp>
#include <papillon/report/report.hpp>
#include <papillon/report/style.hpp>
#include <papillon/report/tables.hpp>
#include <papillon/report/trade_off_figure.hpp>
