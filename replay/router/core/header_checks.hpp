// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of the layers below SecCT: IPv4 and UDP headers, and unknown destination options.
#pragma once

#include <optional>

#include "network/datagram.hpp"
#include "protocol/tables/codepoints.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// False if an IPv4 header has a wrong checksum (RFC 791 3.2). True for IPv6, which has no checksum.
bool has_valid_ip_header(View datagram);

// False if the length or the checksum of a UDP datagram is wrong (RFC 768, RFC 2460 8.1). Over IPv4
// the checksum may be zero. `udp` starts at the UDP header.
bool has_valid_udp_header(const Datagram& datagram, View udp);

// The number of unknown options in the Destination Options headers.
std::size_t unknown_options(const CodePoints& codepoints, const Datagram& datagram);

// An unknown destination option whose action bits require discarding the packet (RFC 2460 4.2).
struct UnknownOption {
  std::uint32_t offset;  // in the datagram
  bool report;           // the action bits ask for an ICMPv6 Parameter Problem
};
// The first such option; std::nullopt if the packet may be processed.
std::optional<UnknownOption> forbidding_option(const CodePoints& codepoints,
                                               const Datagram& datagram);

}  // namespace secct::replay
