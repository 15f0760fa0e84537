// SPDX-License-Identifier: MIT
#include <study/metrics_file.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/sha256.hpp>

#include <study/part_file.hpp>
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

/// What files of earlier versions begin with.
constexpr std::string_view header_without_hashes =
    metrics_file::header.substr(0, metrics_file::header.size() - std::string_view(",sha256\n").size());

/// The hash of a line, from that of the line before; before the first line stands that of the training's identity.
std::string next_hash(std::string const& before, std::string_view line) {
  return io::to_hex(io::sha256().update(std::string_view(before)).update(line).finish());
}

}  // namespace

metrics_file::metrics_file(std::filesystem::path file, int epochs, std::string work)
    : file_(std::move(file)), work_(std::move(work)) {
  if (epochs == 0) return;
  auto const content = io::read_file<std::string>(file_);
  std::string_view rest = content;
  auto const first = take_line(rest);
  bool const hashed = first == header.substr(0, header.size() - 1);
  if (!hashed && first != header_without_hashes) damaged(0);
  auto hash = work_;
  for (int e = 0; epochs < 0 ? !rest.empty() : e < epochs; ++e) {
    auto line = take_line(rest);
    if (hashed) {
      auto const comma = std::min(line.rfind(','), line.size());
      hash = next_hash(hash, line.substr(0, comma));
      if (line.substr(comma) != "," + hash) damaged(e);
      line = line.substr(0, comma);
    }
    lines_.push_back(parse(line, e));
  }
}

void metrics_file::append(train::epoch_metrics const& m) {
  lines_.push_back(m);
  std::string text(header);
  auto hash = work_;
  for (auto const& line : lines_) {
    auto fields = std::to_string(line.epoch);
    for (auto const field : measures) add(fields, number_text(line.*field));
    add(fields, line.best ? "1" : "0");
    for (auto const field : speeds) add(fields, number_text(line.*field));
    hash = next_hash(hash, fields);
    text += fields + "," + hash + "\n";
  }
  io::write_atomically(file_, text);
}

void metrics_file::damaged(int epoch) const {
  throw error(errc::bad_input, message(file_.string(), " is damaged, or of another training (no line of epoch ", epoch,
                                   " of this one) ", repair_advice));
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
      throw error(errc::bad_input,
          message(file_.string(), " cannot be used (a number of epoch ", epoch, " is not finite) ", repair_advice));
  m.best = take(line, ',') == "1";
  read(speeds);
  if (!line.empty()) damaged(epoch);
  return m;
}

}  // namespace papillon::study
