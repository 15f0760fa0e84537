// SPDX-License-Identifier: MIT
#include <study/session_record.hpp>

#include <algorithm>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>

#include <study/claim.hpp>
#include <study/directories.hpp>
#include <study/provenance.hpp>

namespace papillon::study {

namespace {

nlohmann::ordered_json session_here(laboratory const& lab) {
  nlohmann::ordered_json session;
  for (auto const& [name, text] : build_facts()) session[name] = text;
  session["device"] = lab.description();
  for (auto const& [name, text] : worker_facts()) session[name] = text;
  session["start"] = time_text();
  return session;
}

/// Throws errc::bad_input.
nlohmann::ordered_json sessions_in(std::filesystem::path const& file) {
  auto found = io::parse_json(io::read_file<std::string>(file), file.string(), "look at it");
  auto const is_session = [](auto const& session) {
    return session.is_object() && std::ranges::all_of(session, [](auto const& fact) { return fact.is_string(); });
  };
  if (!found.is_array() || !std::ranges::all_of(found, is_session))
    throw error(errc::bad_input, file.string() + " cannot be used (it is no list of sessions) look at it");
  return found;
}

}  // namespace

session_record::session_record(
    std::filesystem::path file, laboratory const& lab, observer& watcher, std::function<void()> const& fence)
    : file_(std::move(file)), fence_(fence) {
  if (is_there(file_)) read(watcher);
  auto session = session_here(lab);
  if (!sessions_.empty())
    for (auto const* name : {"papillon", "git", "compiler", "flags", "instruction set", "lanes"})
      if (sessions_.back().value(name, "") != session.value(name, ""))
        watcher.note(file_.parent_path().filename().string() + " goes on with another " + name +
                     " (before: " + sessions_.back().value(name, "unknown") +
                     "): its numbers may not be bit for bit those of an uninterrupted run");
  sessions_.push_back(std::move(session));
  write();
}

void session_record::end(std::string const& how) {
  sessions_.back()["end"] = time_text();
  sessions_.back()["outcome"] = how;
  write();
}

void session_record::read(observer& watcher) {
  try {
    sessions_ = sessions_in(file_);
  } catch (error const& e) {
    auto aside = file_;
    for (int k = 1; is_there(aside); ++k) aside.replace_filename(message("provenance.unreadable.", k, ".json"));
    if (fence_) fence_();
    std::filesystem::rename(file_, aside);
    watcher.note(message(e.what(), ": moved to ", aside.filename().string(), ", and begun anew"));
  }
}

void session_record::write() const {
  if (fence_) fence_();
  io::write_atomically(file_, sessions_.dump(2) + "\n");
}

std::string other_bits(std::filesystem::path const& file, laboratory const& lab) {
  if (!is_there(file)) return {};
  nlohmann::ordered_json sessions;
  try {
    sessions = sessions_in(file);
  } catch (error const&) {
    return {};
  }
  if (sessions.empty()) return {};
  auto const here = session_here(lab);
  auto const of = [](nlohmann::ordered_json const& session) {
    return std::pair{made_here(session.value("device", "")).device, session.value("lanes", "")};
  };
  auto const [device, lanes] = of(sessions.back());
  auto const [own_device, own_lanes] = of(here);
  if (!device.empty() && device != own_device) return device;
  if (!lanes.empty() && lanes != own_lanes) return message(device, ", lanes ", lanes);
  return {};
}

}  // namespace papillon::study
