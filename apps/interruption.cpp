// SPDX-License-Identifier: MIT
#include "interruption.hpp"

#include <signal.h>

namespace papillon::app {

namespace {
std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // or a signal handler must not touch it

/// The second signal, of whatever kind, ends the program as the kind does by default.
void request(int signal) {
  if (!requested.exchange(true)) return;
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}
}  // namespace

std::atomic<bool> const& interruption() {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = request;
  action.sa_flags = SA_RESTART;
  for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU}) {
    ::sigaction(signal, nullptr, &before);
    if (signal != SIGHUP || before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);  // ignored by nohup
  }
  ::signal(SIGPIPE, SIG_IGN);  // whoever read along has left; the work goes on
  return requested;
}

}  // namespace papillon::app
