// SPDX-License-Identifier: GPL-2.0-or-later
// Ladder diagram of packets as text: a lane for each party; a line with an arrow and a summary for
// each packet.
#pragma once

#include <span>
#include <string>

#include "replay/namespace.hpp"
#include "replay/report/packet_text.hpp"

namespace secct::replay {

// Summary of a packet: AH and ESP headers, the message and its main fields.
std::string packet_line(const ShownPacket& packet);

// `packets` are those of `trace`. The part of a comment after "; " has its own line.
std::string ladder_text(const Trace& trace, std::span<const TracedPacket> packets);

}  // namespace secct::replay
