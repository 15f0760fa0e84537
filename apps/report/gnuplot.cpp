// SPDX-License-Identifier: MIT
#include <report/gnuplot.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#  include <sys/prctl.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>

#include <papillon/error.hpp>

namespace papillon::report {

std::string gnuplot_quoted(std::string const& text) {
  std::string out = "'";
  for (char const c : text) {
    if (c == '\'') out += '\'';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "'";
}

namespace {

/// The child's part between fork and exec: nothing but calls that a signal handler may make, since other threads may
/// have held any lock.
[[noreturn]] void become(char* const* arguments, char const* folder, char const* log, pid_t parent) {
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it ended before that could be said
#endif
  ::signal(SIGPIPE, SIG_DFL);
  int const null = ::open("/dev/null", O_RDWR);
  int const said = ::open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (null < 0 || said < 0 || ::dup2(null, 0) < 0 || ::dup2(null, 1) < 0 || ::dup2(said, 2) < 0 || ::chdir(folder) != 0)
    ::_exit(127);
  ::execvp(arguments[0], arguments);
  ::_exit(errno == ENOENT ? 126 : 127);
}

enum class ending { itself, stopped, too_late };

/// Waits for the child, and ends it where it has to end. The time is what was slept: clocks may jump.
ending wait_for(pid_t child, drawing_program const& program, int& status) {
  constexpr std::chrono::milliseconds nap{10};
  std::chrono::milliseconds left = program.limit;
  auto how = ending::itself;
  for (;;) {
    pid_t const ended = ::waitpid(child, &status, how == ending::itself ? WNOHANG : 0);
    if (ended == child || (ended < 0 && errno != EINTR)) return how;
    if (how != ending::itself) continue;
    if (program.stop && *program.stop) how = ending::stopped;
    else if ((left -= nap).count() < 0) how = ending::too_late;
    if (how == ending::itself) std::this_thread::sleep_for(nap);
    else ::kill(-child, SIGKILL);  // nothing of it is kept
  }
}

}  // namespace

void run_gnuplot(std::filesystem::path const& folder, std::string const& script, drawing_program const& program) {
  auto const log = std::filesystem::absolute(folder / (script + ".log"));
  auto const place = std::filesystem::absolute(folder);
  std::string name = program.name, plain = "-d", file = script;
  char* const arguments[] = {name.data(), plain.data(), file.data(), nullptr};
  pid_t const parent = ::getpid(), child = ::fork();
  if (child == 0) become(arguments, place.c_str(), log.c_str(), parent);
  if (child < 0)
    throw error(errc::failed, message("cannot draw ", (folder / script).string(), " (no process can be started: ",
                                  std::strerror(errno), ") write the report again later"));
  ::setpgid(child, child);  // whichever of the two comes first
  int status = 0;
  auto const how = wait_for(child, program, status);
  std::string said;
  {
    std::ifstream in(log);
    said.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::error_code ignored;
  if (how == ending::stopped) {
    std::filesystem::remove(log, ignored);
    throw error(errc::interrupted, "interrupted while drawing (a signal came) the same command goes on");
  }
  if (how == ending::too_late)
    throw error(errc::failed, message("cannot draw ", (folder / script).string(), " (", program.name,
                                  " has not ended after ", program.limit.count(), " s) see ", log.string()));
  bool const exited = WIFEXITED(status);
  if (exited && WEXITSTATUS(status) == 0) {
    std::filesystem::remove(log, ignored);
    return;
  }
  if (exited && WEXITSTATUS(status) == 126) {
    std::filesystem::remove(log, ignored);
    throw error(errc::failed,
        message("cannot draw ", (folder / script).string(), " (", program.name,
            ": there is no such program) install gnuplot (Debian: gnuplot-nox) and write the report again"));
  }
  std::replace(said.begin(), said.end(), '\n', ' ');
  throw error(errc::failed, message("cannot draw ", (folder / script).string(), " (", program.name,
                                " failed: ", said.substr(0, 300), ") see ", log.string()));
}

}  // namespace papillon::report
