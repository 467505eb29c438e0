// SPDX-License-Identifier: GPL-2.0-or-later
// AH and ESP whose keys are known: the hooks of ip.proto 50 and 51.
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

// The octets over which AH is computed (RFC 2402 3.3.3.1): the datagram of which `tvb` is the part
// from AH on, what may change on the way and the ICV taken as zero. Empty where they are not at
// hand.
Octets ah_input(tvbuff_t* tvb, const packet_info* pinfo, const void* ip_header);

void announce_ipsec();
void hook_ipsec();

}  // namespace secct::dissector
