// SPDX-License-Identifier: GPL-2.0-or-later
// Fragments packets as the sender of a link does: IPv6 with a Fragment header (RFC 8200
// section 4.5), IPv4 in its header (RFC 791).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "generator/namespace.hpp"
#include "network/link_type.hpp"
#include "protocol/octets.hpp"

namespace secct::generator {

class Fragmenter {
 public:
  // `mtu` is the size of the largest IP datagram of the link, octets.
  Fragmenter(LinkType link, std::size_t mtu) : link_(link), mtu_(mtu) {}

  // The fragments of a packet, each with its link layer. Empty if the packet is sent whole: its
  // datagram has at most `mtu` octets, is a fragment itself, or has a length that is not the number
  // of its octets.
  std::vector<Octets> split(View packet);

 private:
  LinkType link_;
  std::size_t mtu_;
  std::uint32_t identification_ = 0;  // of the last packet that was split
};

}  // namespace secct::generator
