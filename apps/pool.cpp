// SPDX-License-Identifier: MIT
#include "pool.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include <papillon/error.hpp>
#include <papillon/exec/processors.hpp>
#include <papillon/io/descriptor.hpp>
#include <study/laboratory.hpp>

#include "interruption.hpp"

namespace papillon::app {

namespace {

using io::detail::descriptor;
using io::detail::uninterrupted;

constexpr int most_restarts = 3;

/// Lines of a worker, which come in pieces.
struct stream {
  std::optional<descriptor> from;
  std::FILE* to = stdout;
  std::string rest;

  /// Whether there may be more.
  bool pass_on(int worker) {
    std::array<char, 4096> buffer{};
    auto const n = uninterrupted([&] { return ::read(from->get(), buffer.data(), buffer.size()); });
    if (n > 0) rest.append(buffer.data(), static_cast<std::size_t>(n));
    else if (!rest.empty()) rest += '\n';
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      std::fprintf(to, "[%d] %.*s\n", worker, static_cast<int>(end), rest.c_str());
      rest.erase(0, end + 1);
    }
    std::fflush(to);
    if (n <= 0) from.reset();
    return n > 0;
  }
};

struct member {
  int number = 0;
  pid_t process = -1;  // -1: it has ended
  int starts = 0, status = 0;
  std::array<stream, 2> streams{};
};

/// Without those of the pool itself.
std::vector<std::string> arguments_of_worker(std::vector<std::string> const& all, int threads) {
  std::vector<std::string> own;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bool pools = false;
    for (std::string const name : {"--workers", "--threads"}) {
      if (all[i] == name) ++i, pools = true;
      else if (all[i].starts_with(name + "=")) pools = true;
      if (pools) break;
    }
    if (!pools) own.push_back(all[i]);
  }
  own.emplace_back("--threads");
  own.push_back(std::to_string(threads));
  return own;
}

class pool {
 public:
  pool(std::vector<std::string> arguments, int workers, int threads)
      : arguments_(arguments_of_worker(arguments, threads)), threads_(threads) {
    for (int k = 1; k <= workers; ++k) {
      auto& m = members_.emplace_back();
      m.number = k;
    }
  }

  void run() {
    auto const& stop = interruption();
    for (auto& m : members_) start(m);
    bool stopping = false;
    while (is_at_work()) {
      if (stop && !std::exchange(stopping, true))
        for (auto const& m : members_)
          if (m.process > 0) ::kill(m.process, SIGTERM);
      pass_on_lines();
      for (auto& m : members_) look_after(m, stopping);
    }
    if (stopping) study::check_interruption(&stop);
    for (auto const& m : members_)
      if (m.status != 0)
        throw error(static_cast<errc>(m.status),
            message("worker ", m.number, " ended with status ", m.status, " (its last line says why) see above"));
  }

 private:
  [[nodiscard]] bool is_at_work() const {
    return std::ranges::any_of(
        members_, [](auto const& m) { return m.process > 0; });
  }

  void start(member& m) {
    std::array<std::array<int, 2>, 2> pipes{};
    for (auto& p : pipes)
      if (::pipe2(p.data(), O_CLOEXEC) != 0)
        throw error(
            errc::failed, message("cannot start a worker (", std::strerror(errno), ") take fewer --workers"), errno);
    // All that a child needs is made before: between fork and exec it may only make calls of the system.
    std::vector<char*> words;
    std::string program = "papillon";
    words.push_back(program.data());
    for (auto& a : arguments_) words.push_back(a.data());
    words.push_back(nullptr);
    auto const own = processors_of(m.number, threads_);
    auto const parent = ::getpid();
    m.process = ::fork();
    if (m.process == 0) {
      ::setpgid(0, 0);  // the terminal's signals come from the pool alone, once
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(1);
      for (int fd = 0; fd < 2; ++fd) ::dup2(pipes[static_cast<std::size_t>(fd)][1], fd + 1);
      bind_to(own);
      for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU, SIGPIPE}) ::signal(signal, SIG_DFL);
      ::execv("/proc/self/exe", words.data());
      ::_exit(1);
    }
    int const why = errno;
    for (std::size_t i = 0; i < 2; ++i) {
      ::close(pipes[i][1]);
      m.streams[i].from.emplace(pipes[i][0]);
      m.streams[i].to = i == 0 ? stdout : stderr;
    }
    if (m.process < 0)
      throw error(errc::failed, message("cannot start a worker (", std::strerror(why), ") take fewer --workers"), why);
    ++m.starts;
  }

  /// Waits a moment for them.
  void pass_on_lines() {
    std::vector<pollfd> open;
    std::vector<std::pair<stream*, int>> whose;
    for (auto& m : members_)
      for (auto& s : m.streams)
        if (s.from) {
          open.push_back({s.from->get(), POLLIN, 0});
          whose.emplace_back(&s, m.number);
        }
    if (::poll(open.data(), open.size(), 100) <= 0) return;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (open[i].revents != 0) (void)whose[i].first->pass_on(whose[i].second);
  }

  void look_after(member& m, bool stopping) {
    int how = 0;
    if (m.process <= 0 || ::waitpid(m.process, &how, WNOHANG) != m.process) return;
    m.process = -1;
    for (auto& s : m.streams)
      while (s.from && s.pass_on(m.number)) {
      }
    m.status = WIFEXITED(how) ? WEXITSTATUS(how) : static_cast<int>(errc::failed);
    if (!WIFSIGNALED(how) || stopping) return;
    bool const again = m.starts <= most_restarts;
    std::fprintf(stderr, "papillon: worker %d died by signal %d%s\n", m.number, WTERMSIG(how),
        again ? ", and is started again" : ", for the fourth time");
    if (again) start(m);
  }

  std::vector<std::string> arguments_;
  int threads_;
  std::vector<member> members_;
};

}  // namespace

int threads_of_worker(int workers, int threads) {
  int const there = exec::allowed_processors();
  if (threads == 0) threads = std::max(1, there / workers);
  if (workers * threads > there)
    throw error(errc::usage, message("there are not ", workers, " times ", threads,
                                 " processors (this process may use ", there, ") take fewer --workers or --threads"));
  return threads;
}

std::vector<int> processors_of(int worker, int threads) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return {};
  std::vector<int> own;
  int const first = (worker - 1) * threads;
  for (int p = 0, seen = 0; p < CPU_SETSIZE; ++p)
    if (CPU_ISSET(p, &allowed) && seen++ >= first && static_cast<int>(own.size()) < threads) own.push_back(p);
  return static_cast<int>(own.size()) == threads ? own : std::vector<int>();
}

void bind_to(std::vector<int> const& processors) noexcept {
  if (processors.empty()) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int const p : processors) CPU_SET(p, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

void run_pool(std::vector<std::string> const& arguments, int workers, int threads) {
  pool(arguments, workers, threads_of_worker(workers, threads)).run();
}

}  // namespace papillon::app
