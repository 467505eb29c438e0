// SPDX-License-Identifier: GPL-2.0-or-later
// The packets of a case as a ladder of text: a lane for the mobile node, the other router and the
// router under test, an arrow and a line of words for each packet.
#pragma once

#include <span>
#include <string>

#include "generator/description/router_description.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/verdict.hpp"

namespace secct::replay {

// One packet in words: protection, then the message and what matters in it. `keys` open ESP.
std::string packet_line(const RouterDescription& description, const Keyring& keys, View octets);

// Times count from the first packet. Comments that tell more than who sends stand below their line.
std::string ladder(const RouterDescription& description, std::span<const TracedPacket> packets);

}  // namespace secct::replay
