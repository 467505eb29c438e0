// SPDX-License-Identifier: GPL-2.0-or-later
// Finds packets that may leave the test network: a router on the way, the end of a tunnel or a
// source route may forward them to an address on the Internet.
#pragma once

#include <optional>
#include <string_view>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "network/frame_walker.hpp"

namespace secct::generator {

// Whether packets to `address` cannot reach other networks or hosts on the Internet: documentation,
// unique-local, link-local, private, benchmarking and loopback addresses, link-local multicast.
bool is_harmless_destination(const Address& address);

struct UnsafeDestination {
  Address address{};       // unspecified if the packet cannot be checked
  std::string_view where;  // what contains the address, such as "Routing header"
};

class DestinationGuard {
 public:
  // Also looks into ESP that `keys` decrypt.
  explicit DestinationGuard(Keyring keys = {}) : keys_(std::move(keys)) {}

  // The first destination in a packet that is not harmless. Destinations are those of all IP
  // headers, also in tunnels and after MPLS, PPPoE and VLAN headers, the addresses of Routing
  // headers and IPv4 source routes, the targets of Neighbor Discovery messages, and the addresses
  // in ARP packets. Those that ICMP errors quote do not count. A packet with more nested headers
  // than FrameWalker follows is unsafe.
  std::optional<UnsafeDestination> find(LinkType link, View packet);

 private:
  Keyring keys_;
  FrameWalker walker_;
};

}  // namespace secct::generator
