// SPDX-License-Identifier: GPL-2.0-or-later
// Who plays which address of a router description (docs/cli.md): the router under test its own,
// the tester everything else.
#pragma once

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// The router's own addresses.
bool is_router_address(const RouterDescription& description, const Address& address);

// An address of a mobile node: in one of the prefixes, an IPv4 one of the description or of
// 10.1.0.0/16, or link-local, and not a router's.
bool is_mobile_address(const RouterDescription& description, const Address& address);

// What the tester answers for: the other router and all mobile nodes, link-local addresses excepted
// (those it knows by having sent from them).
bool is_tester_address(const RouterDescription& description, const Address& address);

}  // namespace secct::replay
