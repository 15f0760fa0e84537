// SPDX-License-Identifier: MIT
/// \file interruption.hpp
/// The first SIGINT, SIGTERM, SIGHUP, SIGUSR1 or SIGXCPU asks the work to stop where it can go on later; a second one,
/// of any of them, ends the program at once. A closed pipe ends nothing.
#pragma once

#include <atomic>

namespace papillon::app {

/// Installs the handlers; becomes true when a signal has come.
[[nodiscard]] std::atomic<bool> const& interruption();

}  // namespace papillon::app
