// SPDX-License-Identifier: GPL-2.0-or-later
// The AH or ESP header around a message. The hooks of ip.proto 50 and 51 (dissector/ipsec.cpp) set
// it, and the tracking reads it.
#pragma once

#include "conversation/ipsec_header.hpp"
#include "dissector/epan/epan.hpp"

namespace secct::dissector {

struct IpsecHeader {
  std::uint32_t frame = 0;
  bool has_keys = false;      // the dissector has the keys; the hook itself judges the header
  std::uint64_t copy_of = 0;  // if it has: frame of the same packet, captured twice; 0: none
  conversation::IpsecHeader fields;  // views the packet
};

// The innermost AH or ESP header of the frame that is being dissected; nullptr if it has none.
// Valid until the next call of set_ipsec_header().
const IpsecHeader* ipsec_header(const packet_info* pinfo);
void set_ipsec_header(const IpsecHeader& header);

}  // namespace secct::dissector
