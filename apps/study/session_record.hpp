// SPDX-License-Identifier: MIT
/// \file session_record.hpp
/// Who worked on a training, with what, from when to when: the list of sessions in its provenance.json. Numbers do not
/// hang on it, so a file that is damaged does not stop the work.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include <study/laboratory.hpp>

namespace papillon::study {

/// A process's work on a training, as the last session of the list.
class session_record {
 public:
  /// Begins it; notes where the session before had another build, or where its list was damaged and is moved aside.
  /// `fence` is called before anything is written.
  session_record(
      std::filesystem::path file, laboratory const& lab, observer& watcher, std::function<void()> const& fence);

  void end(std::string const& how);

 private:
  void read(observer& watcher);
  void write() const;

  std::filesystem::path file_;
  std::function<void()> fence_;
  nlohmann::ordered_json sessions_ = nlohmann::ordered_json::array();
};

/// What the last session had other than this one would: device or lanes, with which a training has other bits; empty:
/// nothing, or that is not known.
[[nodiscard]] std::string other_bits(std::filesystem::path const& file, laboratory const& lab);

}  // namespace papillon::study
