// SPDX-License-Identifier: GPL-2.0-or-later
// Installation of transferred SAs at the new router or foreign agent (docs/behaviour.md 2.7
// and 2.9).
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/roles/received_context.hpp"

namespace secct::replay {

// The mobile node whose SAs are installed, and the addresses that they get.
struct InstallTarget {
  Owner owner;
  Address nr{};  // this router's address, to which the mobile node sent its request
  Address naddr{};
  Address paddr{};
};

// Installs every context with status 200. The status of a context that cannot be installed is
// changed to the one that reports it. Returns a SecCT-ack for each SA that the mobile node must
// change.
std::vector<Node> install(RouterCore& core, const InstallTarget& to,
                          std::vector<ReceivedContext>& contexts, Time now);

// The SA that protects a SHAK to `naddr` (wire-format.md D15); nullptr if there is none.
LivePtr shak_sa(const RouterCore& core, const Owner& owner, const Address& naddr);

}  // namespace secct::replay
