// SPDX-License-Identifier: GPL-2.0-or-later
// What the layers below SecCT ask of a packet before anybody looks at what it carries.
#pragma once

#include <optional>

#include "network/datagram.hpp"
#include "protocol/tables/codepoints.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// False for an IPv4 header whose checksum is wrong (RFC 791 3.2). IPv6 has none.
bool has_valid_ip_header(View datagram);

// False when a UDP datagram is not as long as it says or its checksum is wrong (RFC 768, RFC 2460
// 8.1); over IPv4 it may be left out.
bool has_valid_udp_header(const Datagram& datagram, View udp);

// A destination option that nobody knows and that forbids to go on with the packet (RFC 2460 4.2).
struct UnknownOption {
  std::uint32_t offset;  // in the datagram
  bool report;           // its sender wants an ICMPv6 error
};
std::optional<UnknownOption> forbidding_option(const CodePoints& codepoints,
                                               const Datagram& datagram);

}  // namespace secct::replay
