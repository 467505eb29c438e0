// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/wire/described_addresses.hpp"

namespace secct::replay {
namespace {

// The IPv4 addresses of all mobile nodes that the tester can play: 10.1.0.0 + number.
bool is_mobile_v4(const RouterDescription& description, const Address& address) {
  return is_v4_mapped(address) &&
         ((address[12] == 10 && address[13] >= 1) || description.number_of(address).has_value());
}

bool is_peer(const RouterDescription& description, const Address& address) {
  return address == description.peer || address == description.mn_peer ||
         (address == description.ipv4_peer && !is_unspecified(address));
}

}  // namespace

bool is_router_address(const RouterDescription& description, const Address& address) {
  return address == description.address || address == description.mn_address ||
         (address == description.ipv4_address && !is_unspecified(address));
}

bool is_mobile_address(const RouterDescription& description, const Address& address) {
  if (is_router_address(description, address) || is_peer(description, address)) return false;
  return description.old_prefix.contains(address) || description.new_prefix.contains(address) ||
         is_mobile_v4(description, address) || is_link_local(address);
}

bool is_tester_address(const RouterDescription& description, const Address& address) {
  return is_peer(description, address) ||
         (is_mobile_address(description, address) && !is_link_local(address));
}

}  // namespace secct::replay
