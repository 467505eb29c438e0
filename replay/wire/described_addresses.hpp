// SPDX-License-Identifier: GPL-2.0-or-later
// Classifies the addresses of a router description (docs/cli.md): those of the router under test,
// of mobile nodes, and of the tester, which plays all mobile nodes and the other router.
#pragma once

#include <string>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// An address of the router under test.
bool is_router_address(const RouterDescription& description, const Address& address);

// An address of a mobile node: in the old or new prefix, an IPv4 address from 10.1.0.0 to
// 10.255.255.255, or link-local; never an address of a router.
bool is_mobile_address(const RouterDescription& description, const Address& address);

// An address that the tester answers for: of the other router or of a mobile node. Link-local
// addresses are excluded: the tester answers for those from which it has sent a packet.
bool is_tester_address(const RouterDescription& description, const Address& address);

// Throws UsageError if packets to an address of the description may reach hosts on the Internet
// (is_harmless_destination()): of a router, a mobile node, the end of an SA, or `ncoa_in_use`.
// `file` is that of the description; empty: the built-in one.
void require_harmless_addresses(const RouterDescription& description, const std::string& file);

}  // namespace secct::replay
