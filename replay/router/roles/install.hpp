// SPDX-License-Identifier: GPL-2.0-or-later
// Putting transferred SAs to use (docs/behaviour.md 2.7 and 2.9).
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/roles/received_context.hpp"

namespace secct::replay {

// Where the SAs of a transfer go.
struct Destination {
  Owner owner;
  Address nr{};  // this router's address as the mobile node knows it
  Address naddr{};
  Address paddr{};
};

// Installs every context whose status is 200; one that cannot be used after all gets another
// status. Returns the SecCT-ack of each SA that changed.
std::vector<Node> install(Core& core, const Destination& to, std::vector<ReceivedContext>& contexts,
                          Time now);

// The SA that protects a SHAK to `naddr` (wire-format D15), nullptr when there is none.
LivePtr shak_sa(const Core& core, const Owner& owner, const Address& naddr);

}  // namespace secct::replay
