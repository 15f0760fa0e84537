// SPDX-License-Identifier: MIT
#include <report/gnuplot.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

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

void run_gnuplot(std::filesystem::path const& folder, std::string const& script, std::string const& program) {
  auto const log = folder / (script + ".log");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  std::string name = program, file = script;
  char* const arguments[] = {name.data(), file.data(), nullptr};
  pid_t child = 0;
  int const failure = posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    throw error(
        errc::failed, message("cannot draw ", (folder / script).string(), " (", program, ": ", std::strerror(failure),
                          ") install gnuplot (Debian: gnuplot-nox) and write the report again"));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::string said;
  {
    std::ifstream in(log);
    said.assign(std::istreambuf_iterator<char>(in), {});
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    std::error_code ignored;
    std::filesystem::remove(log, ignored);
    return;
  }
  std::replace(said.begin(), said.end(), '\n', ' ');
  throw error(errc::failed, message("cannot draw ", (folder / script).string(), " (", program,
                                " failed: ", said.substr(0, 300), ") see ", log.string()));
}

}  // namespace papillon::report
