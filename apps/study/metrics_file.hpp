// SPDX-License-Identifier: MIT
/// \file metrics_file.hpp
/// metrics.csv of a training: one line an epoch. The file is replaced as a whole after every epoch, so it is complete
/// whenever a process ends; resuming drops the lines of epochs that the checkpoint does not have. Every line ends with
/// a SHA-256 over the identity of the training, what stands before the line, and the line: each beginning of the file
/// can be checked by itself.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <papillon/train/training_observer.hpp>

namespace papillon::study {

/// The lines of a metrics.csv: all epochs from 0 on. Accuracies are fractions, losses in nats, `best` is 1 for an epoch
/// that was the best so far.
class metrics_file {
 public:
  static constexpr std::string_view header =
      "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,best,seconds,images_per_"
      "second,sha256\n";

  /// Reads the lines of the first `epochs` epochs of the training whose identity has the hash `work`, if the file is
  /// there; negative: all of them. Throws errc::bad_input if it has not got them, or they are damaged or of another.
  metrics_file(std::filesystem::path file, int epochs, std::string work);

  /// Adds the next epoch and writes the file. Throws errc::failed.
  void append(train::epoch_metrics const& m);

  [[nodiscard]] std::vector<train::epoch_metrics> const& lines() const { return lines_; }

 private:
  [[noreturn]] void damaged(int epoch) const;
  [[nodiscard]] train::epoch_metrics parse(std::string_view line, int epoch) const;

  std::filesystem::path file_;
  std::string work_;
  std::vector<train::epoch_metrics> lines_;
};

}  // namespace papillon::study
