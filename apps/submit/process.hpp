// SPDX-License-Identifier: MIT
/// \file process.hpp
/// Runs another program to its end, without a shell, and returns what it printed. Needs POSIX.
#pragma once

#include <string>
#include <vector>

namespace papillon::submit {

struct outcome {
  int status = 0;  ///< of exit; of a program that a signal ended, 128 and the signal
  std::string printed, complained;
};

/// Whether a program is found where PATH says.
[[nodiscard]] bool is_installed(std::string const& program);

/// `words`: the program's name and its arguments. Throws errc::failed where it cannot be started.
[[nodiscard]] outcome run_program(std::vector<std::string> const& words);

}  // namespace papillon::submit
