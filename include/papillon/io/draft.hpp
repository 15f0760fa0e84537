// SPDX-License-Identifier: MIT
/// \file draft.hpp
/// Drafts: the temporary files that become a file when they are whole. Their names say who writes them, "NAME.tmp.HOST.
/// PID.START.N", so that those of nobody alive can be removed: START is when the process started, in ticks since the
/// machine did, as a process's number is given again. Needs POSIX; the start of a process is known on Linux.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <signal.h>
#include <unistd.h>

#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// Of this machine: letters, digits and '-', at most 32 of them.
[[nodiscard]] inline std::string host_name() {
  std::array<char, 256> text{};
  if (::gethostname(text.data(), text.size() - 1) != 0) return "unknown";
  std::string name = text.data();
  name.resize(std::min<std::size_t>(name.size(), 32));
  for (char& c : name)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) c = '-';
  return name.empty() ? "unknown" : name;
}

/// What this machine says of a process.
struct process_state {
  bool ended = false;       ///< there is none, or nothing but its exit status is left
  std::uint64_t start = 0;  ///< when it started, in ticks since the machine did; 0: that is not known
};

[[nodiscard]] inline process_state state_of(std::int64_t process) {
  if (::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH) return {.ended = true};
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(
      std::fopen(message("/proc/", process, "/stat").c_str(), "rb"), std::fclose);
  if (!file) return {};
  std::array<char, 1024> buffer{};
  std::string_view text(buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file.get()));
  auto const name_end = text.rfind(')');  // the program's name may hold anything
  if (name_end == std::string_view::npos || name_end + 2 >= text.size()) return {};
  text.remove_prefix(name_end + 1);
  process_state found{.ended = text[1] == 'Z' || text[1] == 'X'};
  for (int field = 3; field <= 22; ++field) {
    auto const space = text.find(' ');
    if (space == std::string_view::npos) return found;
    text.remove_prefix(space + 1);
  }
  std::from_chars(text.data(), text.data() + text.size(), found.start);
  return found;
}

/// Whether the process that had this number when it started is no more; a start of 0: not known.
[[nodiscard]] inline bool has_ended(std::int64_t process, std::uint64_t start) {
  auto const now = state_of(process);
  return now.ended || (start != 0 && now.start != 0 && now.start != start);
}

namespace detail {

inline constexpr std::string_view draft_mark = ".tmp.";

/// A number that is all of a text.
template <class Number> bool whole_number(std::string_view text, Number& x) {
  auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), x);
  return !text.empty() && status == std::errc{} && end == text.data() + text.size();
}

}  // namespace detail

/// What this process appends to the name of a file for its draft.
[[nodiscard]] inline std::string draft_suffix(int attempt) {
  return message(detail::draft_mark, host_name(), ".", ::getpid(), ".", state_of(::getpid()).start, ".", attempt);
}

/// Whether the name of a file is that of a draft.
[[nodiscard]] inline bool is_draft(std::string_view name) { return name.find(detail::draft_mark) != name.npos; }

enum class draft_owner {
  alive,   ///< a process of this machine
  dead,    ///< a process of this machine that is no more
  unknown  ///< on another machine, or the name does not say
};

/// Whose draft it is, from the file's name.
[[nodiscard]] inline draft_owner owner_of_draft(std::string_view name) {
  using enum draft_owner;
  auto const mark = name.rfind(detail::draft_mark);
  if (mark == name.npos) return unknown;
  std::vector<std::string_view> parts;
  for (auto rest = name.substr(mark + detail::draft_mark.size());;) {
    auto const dot = rest.find('.');
    parts.push_back(rest.substr(0, dot));
    if (dot == rest.npos) break;
    rest.remove_prefix(dot + 1);
  }
  pid_t process = 0;
  std::uint64_t start = 0;
  if (parts.size() != 4 || parts[0] != host_name() || !detail::whole_number(parts[1], process) || process <= 0 ||
      !detail::whole_number(parts[2], start))
    return unknown;
  return has_ended(process, start) ? dead : alive;
}

/// Removes the drafts in a directory whose owner is dead, and of those whose owner is unknown the ones last written
/// before a time: where the caller is the only one that writes there, any. Never throws: what cannot be removed stays.
inline void remove_drafts(std::filesystem::path const& directory,
    std::filesystem::file_time_type unknown_before = std::filesystem::file_time_type::max()) noexcept {
  std::error_code problem;
  std::vector<std::filesystem::path> drafts;
  for (std::filesystem::directory_iterator at(directory, problem), end; !problem && at != end; at.increment(problem)) {
    auto const name = at->path().filename().string();
    if (!is_draft(name)) continue;
    auto const owner = owner_of_draft(name);
    std::error_code gone;
    auto const written = std::filesystem::last_write_time(at->path(), gone);
    if (!gone && (owner == draft_owner::dead || (owner == draft_owner::unknown && written < unknown_before)))
      drafts.push_back(at->path());
  }
  for (auto const& draft : drafts) std::filesystem::remove(draft, problem);
}

}  // namespace papillon::io
