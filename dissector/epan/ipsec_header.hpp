// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "dissector/epan/epan.hpp"
#include "protocol/octets.hpp"

namespace secct::dissector {

// The AH or ESP header around a message, as the hooks of ip.proto 50 and 51 saw it.
struct IpsecHeader {
  std::uint32_t frame = 0;
  bool esp = false;
  bool known = false;  // its keys are known: replays are told where it is shown
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  Address source{};
  Address destination{};
};

// The innermost AH or ESP header of the packet being dissected, nullptr when it has none. Valid
// until the next call of set_ipsec_header().
const IpsecHeader* ipsec_header(const packet_info* pinfo);
void set_ipsec_header(const IpsecHeader& header);

}  // namespace secct::dissector
