// SPDX-License-Identifier: GPL-2.0-or-later
// Ladder diagram of packets as text: lanes for the mobile node, the other router and the router
// under test; a line with an arrow and a summary for each packet.
#pragma once

#include <span>
#include <string>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

// Summary of an IP datagram: AH and ESP headers, the message and its main fields. `keys` decrypt
// ESP.
std::string packet_line(const RouterDescription& description, const Keyring& keys, View octets);

// Times are relative to the first packet. A comment with a second part, after "; ", has its own
// line.
std::string ladder(const RouterDescription& description, std::span<const TracedPacket> packets);

}  // namespace secct::replay
