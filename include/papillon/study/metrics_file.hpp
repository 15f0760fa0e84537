// SPDX-License-Identifier: MIT
/// \file metrics_file.hpp
/// metrics.csv of a training: one line an epoch. The file is replaced as a whole after every epoch, so it is complete
/// whenever a process ends; resuming drops the lines of epochs that the checkpoint does not have.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/study/value.hpp>
#include <papillon/train/training_observer.hpp>

namespace papillon::study {

/// The lines of a metrics.csv: all epochs from 0 on. Accuracies are fractions, losses in nats, `best` is 1 for an epoch
/// that was the best so far.
class metrics_file {
 public:
  static constexpr std::string_view header =
      "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,best,seconds,images_per_"
      "second\n";

  /// Reads the lines of the first `epochs` epochs, if the file is there. Throws errc::bad_input if it has not got them.
  metrics_file(std::filesystem::path file, int epochs) : file_(std::move(file)) {
    if (epochs == 0) return;
    auto const content = io::read_file<std::string>(file_);
    std::string_view rest = content;
    auto line = take_line(rest);
    if (line != header.substr(0, header.size() - 1)) damaged(0);
    for (int e = 0; e < epochs; ++e) lines_.push_back(parse(take_line(rest), e));
  }

  /// Adds the next epoch and writes the file. Throws errc::failed.
  void append(train::epoch_metrics const& m) {
    lines_.push_back(m);
    std::string text(header);
    for (auto const& line : lines_) {
      text += std::to_string(line.epoch);
      for (auto const field : measures) add(text, detail::number_text(line.*field));
      add(text, line.best ? "1" : "0");
      for (auto const field : speeds) add(text, detail::number_text(line.*field));
      text += '\n';
    }
    io::write_atomically(file_, text);
  }

  [[nodiscard]] std::vector<train::epoch_metrics> const& lines() const { return lines_; }

 private:
  using member = double train::epoch_metrics::*;
  static constexpr member measures[] = {&train::epoch_metrics::learning_rate, &train::epoch_metrics::train_loss,
                                        &train::epoch_metrics::train_accuracy, &train::epoch_metrics::validation_loss,
                                        &train::epoch_metrics::validation_accuracy};
  static constexpr member speeds[] = {&train::epoch_metrics::seconds, &train::epoch_metrics::images_per_second};

  static void add(std::string& line, std::string const& field) {
    line += ',';
    line += field;
  }

  [[noreturn]] void damaged(int epoch) const {
    throw error(errc::bad_input, file_.string() + " is damaged (no line of epoch " + std::to_string(epoch) +
                                     ") remove the run's directory to train it again");
  }

  static std::string_view take(std::string_view& rest, char end) {
    auto const at = rest.find(end);
    auto const part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return part;
  }
  static std::string_view take_line(std::string_view& rest) { return take(rest, '\n'); }

  [[nodiscard]] train::epoch_metrics parse(std::string_view line, int epoch) const {
    train::epoch_metrics m;
    if (!detail::read_number(take(line, ','), m.epoch) || m.epoch != epoch) damaged(epoch);
    auto const read = [&](auto const& list) {
      for (auto const field : list)
        if (!detail::read_number(take(line, ','), m.*field)) damaged(epoch);
    };
    read(measures);
    m.best = take(line, ',') == "1";
    read(speeds);
    if (!line.empty()) damaged(epoch);
    return m;
  }

  std::filesystem::path file_;
  std::vector<train::epoch_metrics> lines_;
};

}  // namespace papillon::study
