// SPDX-License-Identifier: GPL-2.0-or-later
// The IP datagram that contains an AH or ESP header, from its IP header on. The dissectors of IP
// and of extension headers pass on only what follows them, and the ICV of AH covers them.
#pragma once

#include <optional>

#include "dissector/epan/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

struct IpsecDatagram {
  Octets octets;                 // from the IP header on
  std::size_t ipsec_offset = 0;  // of the AH or ESP header
  // The headers are those that the sender wrote. False if the datagram was reassembled from IPv4
  // fragments: each has its own options, and only those of the last one are available.
  bool has_all_headers = true;
};

// The datagram of which `tvb` is the part from a header of this IP protocol (AH or ESP) on.
// `ip_header` is the ws_ip4 or ws_ip6 that the stock dissector of IP passes on. std::nullopt if its
// headers are not available: it was cut, it is quoted in an ICMP error, it was in ESP in transport
// mode, or its IPv6 header has the length 0.
std::optional<IpsecDatagram> ipsec_datagram(tvbuff_t* tvb, const packet_info* pinfo,
                                            const void* ip_header, std::uint8_t protocol);

}  // namespace secct::dissector
