// SPDX-License-Identifier: MIT
/// \file training_observer.hpp
/// What a training tells about itself while it runs: after every batch its progress, after every epoch its metrics and
/// the state to keep. A training prints nothing and writes no file itself.
#pragma once

#include <papillon/train/training_state.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Where the running epoch stands after a batch.
struct batch_progress {
  int epoch = 0;          ///< counted from 0
  int epochs = 0;         ///< of the whole training
  int batch = 0;          ///< finished batches of this epoch, from 1
  int batches = 0;        ///< of an epoch
  double batch_loss = 0;  ///< mean training loss of this batch, before its step
  double loss = 0;        ///< mean training loss of this epoch so far
  double accuracy = 0;    ///< training accuracy of this epoch so far, a fraction
  double seconds = 0;     ///< since the epoch began
  double images_per_second = 0;
};

/// One finished epoch.
struct epoch_metrics {
  int epoch = 0;  ///< counted from 0
  double learning_rate = 0;
  double train_loss = 0;           ///< mean over the epoch, measured on the augmented images as they were trained on
  double train_accuracy = 0;       ///< likewise; a fraction
  double validation_loss = 0;      ///< at the end of the epoch; 0 without validation images
  double validation_accuracy = 0;  ///< a fraction
  bool best = false;               ///< whether this epoch became the best so far
  bool record = false;             ///< whether its validation accuracy exceeds that of every epoch before
  double seconds = 0;              ///< of the epoch, validation included
  double images_per_second = 0;    ///< training only
};

/// Callbacks, both optional. What they throw ends the training; its state stays that of the last finished epoch.
template <class T> struct training_observer {
  std::function<void(batch_progress const&)> batch{};
  std::function<void(epoch_metrics const&, training_state<T> const&)> epoch{};
};

}  // namespace papillon::train
