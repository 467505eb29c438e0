// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace secct::network {

// The link-layer header with which a packet begins; the value is any of wiretap's WTAP_ENCAP_
// numbers. Headers of the types named here are parsed; of all others the packet is plain octets.
enum class LinkType : std::uint16_t {
  ethernet = 1,
  raw_ip = 7,
  null = 15,
  sll = 25,
  raw_ipv4 = 129,
  raw_ipv6 = 130,
  loop = 174,
  sll2 = 210
};

}  // namespace secct::network
