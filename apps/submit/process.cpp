// SPDX-License-Identifier: MIT
#include <submit/process.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <papillon/error.hpp>
#include <papillon/io/descriptor.hpp>

#include <study/text.hpp>

namespace papillon::submit {

namespace {

using io::detail::descriptor;
using io::detail::uninterrupted;

/// Both ends of a pipe, which no other program inherits.
struct pipe_ends {
  descriptor in, out;
};

pipe_ends make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw error(errc::failed, message("cannot start another program (", std::strerror(errno), ") try again later"));
  return {descriptor(ends[0]), descriptor(ends[1])};
}

/// Reads both streams until they are closed.
void read_all(std::array<descriptor, 2>& streams, std::array<std::string*, 2> const& texts) {
  char bytes[4096];
  while (streams[0].get() >= 0 || streams[1].get() >= 0) {
    std::array<pollfd, 2> ready{{{streams[0].get(), POLLIN, 0}, {streams[1].get(), POLLIN, 0}}};
    if (uninterrupted([&] { return ::poll(ready.data(), ready.size(), -1); }) < 0) return;
    for (std::size_t i = 0; i < 2; ++i) {
      if (ready[i].revents == 0) continue;
      auto const n = uninterrupted([&] { return ::read(streams[i].get(), bytes, sizeof bytes); });
      if (n > 0) texts[i]->append(bytes, static_cast<std::size_t>(n));
      else streams[i].close();
    }
  }
}

}  // namespace

bool is_installed(std::string const& program) {
  char const* const places = std::getenv("PATH");
  if (places == nullptr) return false;
  for (auto const place : study::split_list(places, ':'))
    if (::access(message(place, "/", program).c_str(), X_OK) == 0) return true;
  return false;
}

outcome run_program(std::vector<std::string> const& words) {
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (auto& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  auto printed = make_pipe(), complained = make_pipe();
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, printed.out.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, complained.out.get(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t usual;
  ::sigemptyset(&usual);
  ::sigaddset(&usual, SIGPIPE);  // this program ignores it
  ::posix_spawnattr_setsigdefault(&attributes, &usual);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t child = -1;
  int const problem = ::posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem != 0)
    throw error(errc::failed, message("cannot start ", words.front(), " (", std::strerror(problem),
                                  ") run this where the scheduler's commands are"));

  printed.out.close();
  complained.out.close();
  outcome found;
  std::array<descriptor, 2> streams{std::move(printed.in), std::move(complained.in)};
  read_all(streams, {&found.printed, &found.complained});
  int status = 0;
  if (uninterrupted([&] { return ::waitpid(child, &status, 0); }) != child)
    throw error(errc::failed, message("cannot wait for ", words.front(), " (", std::strerror(errno), ") try again"));
  found.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return found;
}

}  // namespace papillon::submit
