// SPDX-License-Identifier: GPL-2.0-or-later
// The reference router on network interfaces: one process that plays one or more routers until it
// receives SIGTERM or SIGINT.
#pragma once

#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/router/overrides/behaviour_override.hpp"

namespace secct::replay {

struct RouterProcessOptions {
  // One router each, with different addresses; at least one.
  std::vector<RouterDescription> descriptions;
  std::vector<Role> roles;      // of all routers; empty: those of each description
  BehaviourOverride behaviour;  // of all routers
  std::string interface;        // faces the other router
  std::string mn_interface;     // faces the mobile nodes; empty: the same interface
  bool any_network = false;     // see WireOptions
  bool log = true;              // print a line for each processed message
};

// Runs until SIGTERM or SIGINT. Prints "ready" on standard output as soon as it answers, and its
// log on standard error. SIGUSR1 prints the counters there. SIGUSR2 starts a network-initiated
// handover of the mobile node whose number is the signal's value (sigqueue), or of the next mobile
// node. Throws SetupError if an interface cannot be used, UsageError if two routers have the same
// address.
void serve(const RouterProcessOptions& options);

}  // namespace secct::replay
