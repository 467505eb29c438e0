// SPDX-License-Identifier: GPL-2.0-or-later
// The link-layer types of captures and packet documents.
#pragma once

#include <cstdint>

namespace secct::network {

// The type of the link-layer header that a packet begins with. The numbers are wiretap's
// WTAP_ENCAP_ numbers, and any of them is a valid value; only the types named here are parsed.
enum class LinkType : std::uint16_t {
  ethernet = 1,
  ppp = 4,
  raw_ip = 7,
  null = 15,
  ppp_with_direction = 19,
  ieee_802_11 = 20,
  ieee_802_11_radiotap = 23,
  sll = 25,
  cisco_hdlc = 28,
  cisco_hdlc_with_direction = 40,
  raw_ipv4 = 129,
  raw_ipv6 = 130,
  nflog = 141,
  loop = 174,
  sll2 = 210
};

}  // namespace secct::network
