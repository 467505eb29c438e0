// SPDX-License-Identifier: GPL-2.0-or-later
// Packets of another implementation (tests/vectors/ipsec.list, made by scapy), and a sender and a
// receiver of whole datagrams for them.
#pragma once

#include <string>
#include <vector>

#include "ipsec/esp.hpp"

namespace secct::ipsec::test {

struct Sample {
  std::string name;
  Sa sa;
  std::uint32_t sequence = 0;
  Octets plain;   // the datagram
  Octets secure;  // the same, protected by scapy
};

const std::vector<Sample>& samples();

// The ESP packet from its SPI to its ICV.
Octets esp_packet(const Sa& sa, std::uint32_t sequence, std::uint8_t next, View payload,
                  const EspOptions& options = {});

// In transport mode, AH or ESP follows the IP header of `datagram`; in tunnel mode, an IPv6 header
// with the addresses of the SA precedes it.
Octets protect(View datagram, const Sa& sa, std::uint32_t sequence);

// Removes the first header of the protocol of `sa`.
Decapsulated decapsulate(View datagram, const Sa& sa);

}  // namespace secct::ipsec::test
