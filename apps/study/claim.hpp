// SPDX-License-Identifier: MIT
/// \file claim.hpp
/// Claims, by which programs share the directory of a study: whoever works on something holds the claim on it. Of a
/// claim there are two files in OUT/claims: NAME.lock is opened and locked while it is held, and never renamed or
/// removed; NAME.json says who holds it, and its time stamp is renewed with every beat. A claim can be taken if its
/// lock can be had and nobody holds it, its file is damaged, or whoever holds it is dead: a process of this machine
/// that is no more, or one whose stamp is five beats older than a file that was touched just now, by the clock of the
/// file system alone. So locks that hold on one machine only, or none at all, are enough. Before whoever holds a claim
/// writes, `require` asks whether it is still held. Decision 0024 says why. Needs POSIX.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <study/worker.hpp>

#include <papillon/error.hpp>

namespace papillon::study {

/// What NAME.json says.
struct claim_record {
  worker owner;
  std::uint64_t number = 0;  ///< grows with every owner
  std::string work;          ///< in words: "train imp-01 target s1"
  std::string since;         ///< when it was taken, in UTC
  bool released = false;     ///< whether its owner has given it back
  std::string left{};        ///< what the owner wrote down when it gave it back
};

/// Nothing where there is none, or it is damaged. Throws errc::bad_input for one that cannot be read.
[[nodiscard]] std::optional<claim_record> read_claim(std::filesystem::path const& file);

/// Thrown by whoever wants to write and finds that its claim is another's.
class claim_lost : public error {
 public:
  explicit claim_lost(std::string const& what) : error(errc::failed, what) {}
};

class claims;

/// A claim that is held while this lives.
class claim {
 public:
  struct state;
  explicit claim(std::unique_ptr<state> held);
  claim(claim&&) noexcept;
  claim& operator=(claim&&) = delete;
  ~claim();

  /// What the claim's file said before; nothing if there was none.
  [[nodiscard]] std::optional<claim_record> const& before() const;
  /// Whether it was taken from a worker that died while this one was at work already.
  [[nodiscard]] bool from_dead() const;
  /// Gives it back, with a word to whoever takes it next. Also at the end, without.
  void release(std::string const& left) noexcept;

 private:
  std::unique_ptr<state> held_;
};

/// How a claim stands, for those who look on.
enum class claim_state { working, silent, dead };

struct claim_seen {
  std::string name;
  claim_record record;
  claim_state state = claim_state::working;  ///< silent: elsewhere, and not heard of for five beats
  std::chrono::seconds silence{0};           ///< since its last beat
};

/// Those that are held in a directory of claims, in the order of names.
[[nodiscard]] std::vector<claim_seen> claims_in(std::filesystem::path const& directory);

/// The claims of one worker, with the thread that renews them.
class claims {
 public:
  using duration = std::chrono::milliseconds;
  static constexpr duration usual_beat{20'000};
  static constexpr int beats_to_death = 5;

  /// In a directory (layout::claims), which is made with the first claim that is taken.
  explicit claims(std::filesystem::path directory, duration beat = usual_beat);
  claims(claims const&) = delete;
  claims& operator=(claims const&) = delete;
  ~claims();

  /// The claim on `name`, a file's name; nothing where another holds it. `work`: what it is taken for, in words. Throws
  /// errc::failed if the directory cannot be written to.
  [[nodiscard]] std::optional<claim> take(std::string const& name, std::string const& work);
  /// The same, waiting while another holds it. Throws errc::interrupted when `stop` becomes true.
  [[nodiscard]] claim wait_for(std::string const& name, std::string const& work, std::atomic<bool> const* stop);

  /// Throws claim_lost unless all claims that are held here still are this worker's.
  void require() const;

  /// Five beats ago, by the clock of the file system: whoever wrote for the last time before is not heard of any more.
  [[nodiscard]] std::filesystem::file_time_type silent_since() const;

  /// Whether locks keep another process out; asks with the help of a child process. Without, time stamps alone do.
  [[nodiscard]] bool locks_hold() const;

  [[nodiscard]] worker const& me() const;
  [[nodiscard]] std::filesystem::path const& directory() const;

 private:
  class impl;
  std::unique_ptr<impl> impl_;
  friend class claim;
};

/// How long ago a file was written or touched, by the clock of its file system, which a file beside it is touched to
/// read ("clock").
[[nodiscard]] std::chrono::milliseconds age_of(std::filesystem::path const& file);

/// The time now, "2026-01-31T12:00:00Z".
[[nodiscard]] std::string time_text();

/// Waits; not longer than 0.1 s after `stop` became true. Throws errc::interrupted then.
void wait_unless_stopped(std::chrono::milliseconds time, std::atomic<bool> const* stop);

}  // namespace papillon::study
