// SPDX-License-Identifier: GPL-2.0-or-later
// The reference router on real interfaces: one process, one or many routers, until it is told to
// end.
#pragma once

#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

struct HostOptions {
  std::vector<RouterDescription> labs;  // one router each; their addresses differ
  std::vector<Role> roles;              // of all of them; empty: what each description says
  BehaviourOverride behaviour;          // of all of them
  std::string interface;
  std::string mn_interface;  // empty: the same
  bool log = true;           // a line for each message that was judged
};

// Serves until SIGTERM or SIGINT. Prints "ready" on standard output when it answers, its log on
// standard error; SIGUSR1 prints counters there, SIGUSR2 starts a network-initiated handover of the
// mobile node whose number comes with it (sigqueue), or of the next one. SetupError when an
// interface cannot be used, UsageError when two routers have the same address.
void serve(const HostOptions& options);

}  // namespace secct::replay
