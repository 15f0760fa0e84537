// SPDX-License-Identifier: MIT
#include <study/metrics_file.hpp>

#include <cmath>
#include <string>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>

#include <study/text.hpp>

namespace papillon::study {

namespace {

using member = double train::epoch_metrics::*;
constexpr member measures[] = {&train::epoch_metrics::learning_rate, &train::epoch_metrics::train_loss,
    &train::epoch_metrics::train_accuracy, &train::epoch_metrics::validation_loss,
    &train::epoch_metrics::validation_accuracy};
constexpr member speeds[] = {&train::epoch_metrics::seconds, &train::epoch_metrics::images_per_second};

void add(std::string& line, std::string const& field) {
  line += ',';
  line += field;
}

std::string_view take(std::string_view& rest, char end) {
  auto const at = rest.find(end);
  auto const part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}
std::string_view take_line(std::string_view& rest) { return take(rest, '\n'); }

}  // namespace

metrics_file::metrics_file(std::filesystem::path file, int epochs) : file_(std::move(file)) {
  if (epochs == 0) return;
  auto const content = io::read_file<std::string>(file_);
  std::string_view rest = content;
  auto line = take_line(rest);
  if (line != header.substr(0, header.size() - 1)) damaged(0);
  for (int e = 0; e < epochs; ++e) lines_.push_back(parse(take_line(rest), e));
}

void metrics_file::append(train::epoch_metrics const& m) {
  lines_.push_back(m);
  std::string text(header);
  for (auto const& line : lines_) {
    text += std::to_string(line.epoch);
    for (auto const field : measures) add(text, number_text(line.*field));
    add(text, line.best ? "1" : "0");
    for (auto const field : speeds) add(text, number_text(line.*field));
    text += '\n';
  }
  io::write_atomically(file_, text);
}

void metrics_file::damaged(int epoch) const {
  throw error(errc::bad_input, message(file_.string(), " is damaged (no line of epoch ", epoch,
                                   ") remove the run's directory to train it again"));
}

train::epoch_metrics metrics_file::parse(std::string_view line, int epoch) const {
  train::epoch_metrics m;
  if (!read_number(take(line, ','), m.epoch) || m.epoch != epoch) damaged(epoch);
  auto const read = [&](auto const& list) {
    for (auto const field : list)
      if (!read_number(take(line, ','), m.*field)) damaged(epoch);
  };
  read(measures);
  for (auto const field : measures)
    if (!std::isfinite(m.*field))
      throw error(errc::bad_input, message(file_.string(), " cannot be used (a number of epoch ", epoch,
                                       " is not finite) remove the run's directory to train it again"));
  m.best = take(line, ',') == "1";
  read(speeds);
  if (!line.empty()) damaged(epoch);
  return m;
}

}  // namespace papillon::study
