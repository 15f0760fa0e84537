// SPDX-License-Identifier: MIT
/// \file metrics_file.hpp
/// metrics.csv of a training: one line an epoch. The file is replaced as a whole after every epoch, so it is complete whenever a
/// process ends; resuming drops the lines of epochs that the checkpoint does not have.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <papillon/study/files.hpp>
#include <papillon/study/value.hpp>

namespace papillon::study {

/// What is known at the end of an epoch. Accuracies in percent, losses in nats.
struct epoch_metrics {
  int epoch = 0;  ///< counted from 1
  double learning_rate = 0;
  double train_loss = 0, train_accuracy = 0;  ///< on the augmented images, while they are trained on
  double validation_loss = 0, validation_accuracy = 0;
  double seconds = 0;            ///< of the epoch, validation included
  double images_per_second = 0;  ///< trained

  friend bool operator==(epoch_metrics const&, epoch_metrics const&) = default;
};

/// The lines of a metrics.csv. Lines are in order of epochs, from 1, without gaps.
class metrics_file {
 public:
  static constexpr std::string_view header =
      "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds,images_per_second\n";

  /// Reads the lines of the first `epochs` epochs, if the file is there. Throws errc::bad_input if it has not got them.
  metrics_file(std::filesystem::path file, int epochs) : file_(std::move(file)) {
    if (epochs == 0) return;
    auto const content = read_file(file_);
    std::string_view rest = content;
    auto line = take_line(rest);
    if (line != header.substr(0, header.size() - 1)) damaged(0);
    for (int e = 1; e <= epochs; ++e) {
      lines_.push_back(parse(take_line(rest), e));
    }
  }

  /// Adds the next epoch and writes the file. Throws errc::failed.
  void append(epoch_metrics const& m) {
    lines_.push_back(m);
    std::string text(header);
    for (auto const& line : lines_) {
      text += std::to_string(line.epoch);
      for (auto const member : members) {
        text += ',';
        text += detail::number_text(line.*member);
      }
      text += '\n';
    }
    write_file(file_, text);
  }

  [[nodiscard]] std::vector<epoch_metrics> const& lines() const { return lines_; }

 private:
  static constexpr double epoch_metrics::*members[] = {&epoch_metrics::learning_rate,   &epoch_metrics::train_loss,
                                                      &epoch_metrics::train_accuracy,  &epoch_metrics::validation_loss,
                                                      &epoch_metrics::validation_accuracy, &epoch_metrics::seconds,
                                                      &epoch_metrics::images_per_second};

  [[noreturn]] void damaged(int epoch) const {
    throw error(errc::bad_input, file_.string() + " is damaged (no line of epoch " + std::to_string(epoch) + ") remove the run's directory to train it again");
  }

  static std::string_view take(std::string_view& rest, char end) {
    auto const at = rest.find(end);
    auto const part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return part;
  }
  static std::string_view take_line(std::string_view& rest) { return take(rest, '\n'); }

  [[nodiscard]] epoch_metrics parse(std::string_view line, int epoch) const {
    epoch_metrics m;
    if (!detail::read_number(take(line, ','), m.epoch) || m.epoch != epoch) damaged(epoch);
    for (auto const member : members)
      if (!detail::read_number(take(line, ','), m.*member)) damaged(epoch);
    if (!line.empty()) damaged(epoch);
    return m;
  }

  std::filesystem::path file_;
  std::vector<epoch_metrics> lines_;
};

}  // namespace papillon::study
