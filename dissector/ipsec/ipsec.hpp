// SPDX-License-Identifier: GPL-2.0-or-later
// The AH or ESP header around a message, as the hooks of ip.proto 50 and 51 met it.
#pragma once

#include "dissector/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

struct IpsecHeader {
  std::uint32_t frame = 0;
  bool esp = false;
  bool known = false;  // its keys are known: replays are told where it is shown
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  Address source{};
  Address destination{};
};

// The innermost one of the packet that is being dissected; nothing when it has none.
const IpsecHeader* ipsec_header(const packet_info* pinfo);
void note_ipsec_header(const IpsecHeader& header);

// The octets over which AH is computed (RFC 2402 3.3.3.1): the datagram of which `tvb` is the part
// from AH on, what may change on the way and the ICV taken as zero. Empty where they are not at
// hand.
Octets ah_input(tvbuff_t* tvb, const packet_info* pinfo, const void* ip_header);

void announce_ipsec();
void hook_ipsec();

}  // namespace secct::dissector
