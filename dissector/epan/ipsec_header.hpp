// SPDX-License-Identifier: GPL-2.0-or-later
// The AH or ESP header around a message. The hooks of ip.proto 50 and 51 (dissector/ipsec.cpp) set
// it, and the tracker reads it.
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

struct IpsecHeader {
  std::uint32_t frame = 0;
  bool esp = false;       // false: AH
  bool has_keys = false;  // the dissector has the keys; the hook itself reports replays
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  Address source{};
  Address destination{};
};

// The innermost AH or ESP header of the frame that is being dissected; nullptr if it has none.
// Valid until the next call of set_ipsec_header().
const IpsecHeader* ipsec_header(const packet_info* pinfo);
void set_ipsec_header(const IpsecHeader& header);

}  // namespace secct::dissector
