// SPDX-License-Identifier: MIT
#include <study/failure.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/directory_entries.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>

#include <study/directories.hpp>
#include <study/fields_json.hpp>

namespace papillon::study {

/// But its kind, which is a word in files.
template <>
inline constexpr auto fields_of<failure> = std::tuple{field{"work", &failure::work}, field{"what", &failure::what},
    field{"status", &failure::status}, field{"by", &failure::by}, field{"when", &failure::when},
    field{"progress", &failure::progress}, field{"times", &failure::times}, field{"tries", &failure::tries}};

namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view ending = ".failure.json";
constexpr std::array kinds{failure_kind::lasting, failure_kind::refused, failure_kind::transient, failure_kind::died};
constexpr int most_alike = 2;      // of what does not pass
constexpr int most_transient = 4;  // the first time, and three more
constexpr int most_tries = 8;      // of what fails in another way every time

bool may_pass(int cause) {
  constexpr std::array causes{EIO, ENOSPC, EDQUOT, ENOMEM, EAGAIN, ENFILE, EMFILE, ESTALE};
  return std::ranges::find(causes, cause) != causes.end();
}

/// In the order of their names.
std::vector<std::filesystem::path> failure_files(std::filesystem::path const& claims) {
  auto files = io::directory_entries(claims);
  std::erase_if(files, [](auto const& file) { return !is_failure_file(file); });
  return files;
}

bool may_pass(failure const& f) { return f.kind == failure_kind::transient || f.kind == failure_kind::died; }

}  // namespace

std::string to_string(failure_kind kind) {
  switch (kind) {
    case failure_kind::lasting: return "lasting";
    case failure_kind::refused: return "refused";
    case failure_kind::transient: return "transient";
    case failure_kind::died: return "died";
  }
  return {};
}

failure_kind kind_of(std::exception const& e) noexcept {
  auto const* const known = dynamic_cast<error const*>(&e);
  int const cause = known ? known->cause() : dynamic_cast<std::bad_alloc const*>(&e) ? ENOMEM : 0;
  if (may_pass(cause)) return failure_kind::transient;
  return cause == 0 || cause == ENOENT ? failure_kind::lasting : failure_kind::refused;
}

failure counted(failure now, std::optional<failure> const& before) {
  now.times = now.tries = 1;
  if (!before || before->progress != now.progress) return now;
  now.tries = before->tries + 1;
  bool const alike = may_pass(now) ? may_pass(*before) : before->kind == now.kind && before->what == now.what;
  if (alike) now.times = before->times + 1;
  return now;
}

void forget_failures(std::filesystem::path const& claims) {
  std::error_code none;
  for (auto const& file : failure_files(claims)) std::filesystem::remove(file, none);
}

bool is_final(failure const& f) noexcept {
  return f.times >= (may_pass(f) ? most_transient : most_alike) || f.tries >= most_tries;
}

bool is_for_good(failure const& f) noexcept { return f.kind == failure_kind::lasting && is_final(f); }

std::chrono::milliseconds pause_after(failure const& f, std::chrono::milliseconds first) noexcept {
  if (f.kind != failure_kind::transient) return std::chrono::milliseconds(0);
  return first * (1 << std::clamp(f.times - 1, 0, most_transient));
}

std::optional<failure> read_failure(std::filesystem::path const& file) {
  if (!is_there(file)) return {};
  try {
    auto const document =
        io::parse_json(io::read_file<std::string>(file, io::largest::settings), file.string(), "remove it");
    failure f;
    if (!read_fields(document, f) || !document.contains("kind")) return {};
    auto const kind = std::ranges::find(kinds, document["kind"], [](auto k) { return json(to_string(k)); });
    if (kind == kinds.end()) return {};
    f.kind = *kind;
    for (int* count : {&f.times, &f.tries}) *count = std::clamp(*count, 1, most_tries);
    return f;
  } catch (error const&) {  // it cannot be read, or is no JSON
    return {};
  }
}

void write_failure(std::filesystem::path const& file, failure const& f) {
  json document;
  document["kind"] = to_string(f.kind);
  write_fields(document, f);
  io::write_atomically(file, document.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

std::filesystem::path failure_file(std::filesystem::path const& claims, std::string const& task) {
  return claims / std::string(task).append(ending);
}

bool is_failure_file(std::filesystem::path const& file) { return file.filename().string().ends_with(ending); }

std::vector<failure> failures_in(std::filesystem::path const& claims) {
  std::vector<failure> all;
  for (auto const& file : failure_files(claims))
    if (auto f = read_failure(file)) all.push_back(*std::move(f));
  return all;
}

}  // namespace papillon::study
