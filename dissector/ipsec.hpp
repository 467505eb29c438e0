// SPDX-License-Identifier: GPL-2.0-or-later
// AH and ESP under SAs whose keys the dissector has. The hooks of ip.proto 50 and 51 verify ICVs
// and sequence numbers, and decrypt ESP. All other AH and ESP packets go to the stock dissectors.
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

// The octets that the ICV of AH covers (RFC 2402 section 3.3.3.1): IP header, extension headers, AH
// and payload, with zeros in the mutable fields and in the ICV.
//   tvb        the packet from AH to its end
//   ip_header  ws_ip4 or ws_ip6: the `data` that the IP dissectors pass to an upper layer
// Returns no octets if the packet is a fragment, is quoted in an ICMP error or was cut by the
// capture, or if its IP header is not available.
Octets ah_input(tvbuff_t* tvb, const packet_info* pinfo, const void* ip_header);

void announce_ipsec();  // when protocols are registered
void hook_ipsec();      // at handoff

}  // namespace secct::dissector
