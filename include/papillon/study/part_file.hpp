// SPDX-License-Identifier: MIT
/// \file part_file.hpp
/// A part of a study's results (a network's, an attack's) as a JSON file of its own, together with the hash of the work
/// it is the result of. The file is written last of all a task writes: where it is, the task is finished.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/study/identity.hpp>
#include <papillon/study/results_json.hpp>

namespace papillon::study {

/// Writes the result of a piece of work. Throws errc::failed.
template <class Part>
void write_part(std::filesystem::path const& file, identity const& work, Part part) {
  nlohmann::ordered_json document, result;
  document["sha256"] = work.hash;
  document["identity"] = work.text;
  detail::describe(detail::writer(result), part);
  document["result"] = std::move(result);
  std::string text;
  detail::print(document, "", text);
  io::write_atomically(file, text + "\n");
}

/// Reads it. Throws errc::bad_input for a file that is damaged or of other work.
template <class Part>
[[nodiscard]] Part read_part(std::filesystem::path const& file, identity const& work) {
  auto const fail = [&](std::string const& why) {
    throw error(errc::bad_input, file.string() + " cannot be used (" + why + ") remove it to do its work again");
  };
  auto const document = nlohmann::ordered_json::parse(io::read_file<std::string>(file), nullptr, false);
  if (!document.is_object() || !document.contains("result")) fail("it is no result, or damaged");
  if (!document.contains("sha256") || document["sha256"] != work.hash) fail("it is the result of other work");
  Part part;
  try {
    detail::describe(detail::reader(document["result"], ""), part);
  } catch (error const& e) {
    fail(e.what());
  }
  return part;
}

}  // namespace papillon::study
