// SPDX-License-Identifier: MIT
#include <study/claim.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/io/atomic_file.hpp>
#include <papillon/io/directory_entries.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>

#include <study/directories.hpp>
#include <study/failure.hpp>
#include <study/fields_json.hpp>
#include <study/laboratory.hpp>

namespace papillon::study {

template <>
inline constexpr auto fields_of<worker> = std::tuple{field{"worker", &worker::id}, field{"host", &worker::host},
    field{"boot", &worker::boot}, field{"numbering", &worker::numbering}, field{"process", &worker::process},
    field{"start", &worker::start}, field{"job", &worker::job}};

template <>
inline constexpr auto fields_of<claim_record> = std::tuple{field{"work", &claim_record::work},
    field{"number", &claim_record::number}, field{"since", &claim_record::since},
    field{"released", &claim_record::released}, field{"left", &claim_record::left}};

namespace {

using json = nlohmann::ordered_json;
using io::detail::descriptor;
using io::detail::uninterrupted;
using path = std::filesystem::path;
using std::chrono::milliseconds;

milliseconds time_of(struct stat const& s) {
  return milliseconds(static_cast<std::int64_t>(s.st_mtim.tv_sec) * 1000 + s.st_mtim.tv_nsec / 1'000'000);
}

/// When a file was written or touched; nothing where it is not there.
std::optional<milliseconds> stamp_of(path const& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return {};
  return time_of(found);
}

void touch(int fd) {
  timespec const now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
  (void)::futimens(fd, now);
}

/// What time it is by the clock of the file system; where nothing can be written there, by this machine's.
milliseconds file_system_time(path const& directory) {
  descriptor const file(
      uninterrupted([&] { return ::open((directory / "clock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666); }));
  struct stat found {};
  if (file.get() >= 0) touch(file.get());
  if (file.get() < 0 || ::fstat(file.get(), &found) != 0)
    return std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  return time_of(found);
}

enum class lock_result { had, refused, unknown };

/// unknown: the file system has no locks.
lock_result lock(int fd) {
  if (uninterrupted([&] { return ::flock(fd, LOCK_EX | LOCK_NB); }) == 0) return lock_result::had;
  return errno == EWOULDBLOCK ? lock_result::refused : lock_result::unknown;
}

descriptor open_lock(path const& file) {
  descriptor opened(uninterrupted([&] { return ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666); }));
  if (opened.get() < 0) {
    int const why = errno;
    throw error(errc::failed,
        message("cannot write to ", file.parent_path().string(), " (", std::strerror(why),
            ") choose another --out, or ", io::detail::advice_for(why)),
        why);
  }
  return opened;
}

void write_claim(path const& file, claim_record const& c) {
  json document;
  write_fields(document, c.owner);
  write_fields(document, c);
  io::write_atomically(file, document.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace

std::optional<claim_record> read_claim(path const& file) {
  if (!is_there(file)) return {};
  auto const text = io::read_file<std::string>(file, io::largest::settings);
  try {
    auto const document = io::parse_json(text, file.string(), "remove it");
    claim_record c;
    if (read_fields(document, c.owner) && read_fields(document, c)) return c;
  } catch (error const&) {  // no JSON
  }
  return {};
}

namespace {

/// Whether a claim's file is not even JSON. It comes into its place whole, so that something has damaged it since.
bool is_damaged(path const& file) {
  auto const text = io::read_file<std::string>(file, io::largest::settings);
  try {
    (void)io::parse_json(text, file.string(), "remove it");
    return false;
  } catch (error const&) {
    return true;
  }
}

}  // namespace

milliseconds age_of(path const& file) {
  auto const stamp = stamp_of(file);
  return stamp ? file_system_time(file.parent_path()) - *stamp : milliseconds(0);
}

std::string time_text() {
  std::time_t const seconds = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void wait_unless_stopped(milliseconds time, std::atomic<bool> const* stop) {
  auto const end = std::chrono::steady_clock::now() + time;
  for (;;) {
    check_interruption(stop);
    auto const left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    if (left <= milliseconds(0)) return;
    std::this_thread::sleep_for(std::min(left, milliseconds(100)));
  }
}

/// A claim as its holder has it. The stamp is of the very file that it wrote: another's is not renewed by it.
struct claim::state {
  claims::impl* all;
  std::string name;
  claim_record record;
  std::optional<claim_record> before;
  bool from_dead;
  descriptor lock, stamp;
};

class claims::impl {
 public:
  impl(path directory, duration beat) : directory_(std::move(directory)), beat_(beat), me_(new_worker()) {}
  impl(impl const&) = delete;
  impl& operator=(impl const&) = delete;
  ~impl() {
    {
      std::lock_guard const guard(mutex_);
      ends_ = true;
    }
    wake_.notify_all();
    if (heart_.joinable()) heart_.join();
  }

  [[nodiscard]] worker const& me() const { return me_; }
  [[nodiscard]] path const& directory() const { return directory_; }
  [[nodiscard]] duration until_death() const { return beats_to_death * beat_; }
  [[nodiscard]] path file_of(std::string const& name) const { return directory_ / (name + ".json"); }

  std::unique_ptr<claim::state> take(std::string const& name, std::string const& work) {
    begin();
    auto const file = file_of(name);
    auto locked = open_lock(directory_ / (name + ".lock"));
    auto const lock_is = lock(locked.get());
    if (lock_is == lock_result::refused) return {};
    auto before = read_claim(file);
    auto const last_beat = stamp_of(file);
    bool const held = last_beat && !(before && (before->released || before->owner.id == me_.id));
    // Whoever holds a damaged claim cannot read it either, and writes nothing more.
    bool const is_free =
        !held || (before && is_gone(before->owner)) || (!before && lock_is == lock_result::had && is_damaged(file));
    if (!is_free && age_of(file) < until_death()) return {};
    claim_record mine{me_, before ? before->number + 1 : 1, work, time_text(), false, {}};
    write_claim(file, mine);
    descriptor stamp(uninterrupted([&] { return ::open(file.c_str(), O_RDONLY | O_CLOEXEC); }));
    // Where locks keep nobody out, another may have written at the same time.
    if (!is_mine(file, mine)) return {};
    auto taken = std::make_unique<claim::state>(claim::state{this, name, std::move(mine), std::move(before),
        held && *last_beat >= born_, std::move(locked), std::move(stamp)});
    std::lock_guard const guard(mutex_);
    held_.push_back(taken.get());
    return taken;
  }

  void give_back(claim::state& c, std::string const& left) noexcept {
    {
      std::lock_guard const guard(mutex_);
      std::erase(held_, &c);
    }
    auto const file = file_of(c.name);
    try {
      if (!is_mine(file, c.record)) return;
      c.record.released = true;
      if (!left.empty()) c.record.left = left;
      try {
        write_claim(file, c.record);
      } catch (error const&) {  // a full disk: without the file nobody holds it either
        ::unlink(file.c_str());
      }
    } catch (std::exception const&) {  // whoever comes next waits for the stamp to grow old
    }
  }

  void require() const {
    std::vector<std::pair<std::string, claim_record>> held;
    {
      std::lock_guard const guard(mutex_);
      for (auto const* c : held_) held.emplace_back(c->name, c->record);
    }
    for (auto const& [name, record] : held) {
      auto const file = file_of(name);
      if (is_mine(file, record)) continue;
      auto const now = read_claim(file);
      throw claim_lost(message(record.work, " is left to others (its claim ", file.string(), " is ",
          now ? "held by " + to_string(now->owner) : "gone", ": this process had not been heard of)"));
    }
  }

 private:
  static bool is_mine(path const& file, claim_record const& mine) {
    auto const now = read_claim(file);
    return now && now->owner.id == mine.owner.id && now->number == mine.number && !now->released;
  }

  /// With the first claim: until then nothing is written.
  void begin() {
    make_directory(directory_);
    if (heart_.joinable()) return;
    born_ = file_system_time(directory_);
    heart_ = std::thread([this] { beat(); });
  }

  void beat() {
    std::unique_lock guard(mutex_);
    while (!wake_.wait_for(guard, beat_, [this] { return ends_; }))
      for (auto const* c : held_) touch(c->stamp.get());
  }

  path directory_;
  duration beat_;
  worker me_;
  milliseconds born_{0};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  std::vector<claim::state const*> held_;
  std::thread heart_;
};

claim::claim(std::unique_ptr<state> held) : held_(std::move(held)) {}
claim::claim(claim&&) noexcept = default;
claim::~claim() { release({}); }

std::optional<claim_record> const& claim::before() const { return held_->before; }
bool claim::from_dead() const { return held_->from_dead; }

void claim::release(std::string const& left) noexcept {
  if (!held_) return;
  held_->all->give_back(*held_, left);
  held_.reset();
}

claims::claims(path directory, duration beat) : impl_(std::make_unique<impl>(std::move(directory), beat)) {}
claims::~claims() = default;

std::optional<claim> claims::take(std::string const& name, std::string const& work) {
  auto taken = impl_->take(name, work);
  if (!taken) return {};
  return claim(std::move(taken));
}

claim claims::wait_for(std::string const& name, std::string const& work, std::atomic<bool> const* stop) {
  for (milliseconds pause(20);; pause = std::min(2 * pause, milliseconds(1000))) {
    if (auto taken = take(name, work)) return std::move(*taken);
    wait_unless_stopped(pause, stop);
  }
}

void claims::require() const { impl_->require(); }
worker const& claims::me() const { return impl_->me(); }
path const& claims::directory() const { return impl_->directory(); }

std::filesystem::file_time_type claims::silent_since() const {
  (void)file_system_time(directory());
  std::error_code unknown;  // where nothing can be written there, nothing is older than the earliest time there is
  auto const now = std::filesystem::last_write_time(directory() / "clock", unknown);
  return unknown ? now : now - impl_->until_death();
}

bool claims::locks_hold() const {
  make_directory(directory());
  auto const file = directory() / ("probe-" + me().id + ".lock");
  auto const mine = open_lock(file);
  bool hold = false;
  if (lock(mine.get()) == lock_result::had) {
    if (pid_t const child = ::fork(); child == 0) {  // only what may be called after a fork
      int const other = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
      ::_exit(other >= 0 && lock(other) == lock_result::refused ? 0 : 1);
    } else if (child > 0) {
      int status = 1;
      hold = uninterrupted([&] { return ::waitpid(child, &status, 0); }) == child && status == 0;
    }
  }
  ::unlink(file.c_str());
  return hold;
}

std::vector<claim_seen> claims_in(path const& directory) {
  std::vector<claim_seen> all;
  for (auto const& file : io::directory_entries(directory)) {
    if (file.extension() != ".json" || is_failure_file(file)) continue;
    std::optional<claim_record> record;
    try {
      record = read_claim(file);
    } catch (error const&) {  // it says nothing
    }
    if (!record || record->released) continue;
    auto const silence = age_of(file);
    auto const state = is_gone(record->owner)                                   ? claim_state::dead
                       : silence >= claims::beats_to_death * claims::usual_beat ? claim_state::silent
                                                                                : claim_state::working;
    all.push_back(
        {file.stem().string(), std::move(*record), state, std::chrono::duration_cast<std::chrono::seconds>(silence)});
  }
  std::ranges::sort(all, {}, &claim_seen::name);
  return all;
}

}  // namespace papillon::study
