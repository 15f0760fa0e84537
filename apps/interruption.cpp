// SPDX-License-Identifier: MIT
#include "interruption.hpp"

#include <signal.h>

namespace papillon::app {

namespace {
std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // or a signal handler must not touch it
void request(int) { requested.store(true); }
}  // namespace

std::atomic<bool> const& interruption() {
  struct sigaction action {};
  action.sa_handler = request;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // the second signal finds the default again
  for (int const signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
  return requested;
}

}  // namespace papillon::app
