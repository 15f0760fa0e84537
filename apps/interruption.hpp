// SPDX-License-Identifier: MIT
/// \file interruption.hpp
/// The first SIGINT or SIGTERM asks the work to stop where it can go on later; a second one ends the program at once.
#pragma once

#include <atomic>

namespace papillon::app {

/// Installs the handlers; becomes true when a signal has come.
[[nodiscard]] std::atomic<bool> const& interruption();

}  // namespace papillon::app
