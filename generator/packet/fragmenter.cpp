// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/packet/fragmenter.hpp"

#include "network/datagram.hpp"
#include "network/fragment.hpp"

namespace secct::generator {

std::vector<Octets> Fragmenter::split(View packet) {
  if (packet.size() <= mtu_) return {};
  const auto at = network_offset(link_, packet);
  if (!at || packet.size() - *at <= mtu_) return {};
  const auto octets = packet.subspan(*at);
  const auto datagram = parse_datagram(octets);
  if (!datagram || datagram->is_fragment || datagram->octets.size() != octets.size()) return {};
  auto fragments = fragmented(octets, mtu_, ++identification_);
  for (auto& fragment : fragments) {
    fragment.insert(fragment.begin(), packet.begin(),
                    packet.begin() + static_cast<std::ptrdiff_t>(*at));
  }
  return fragments;
}

}  // namespace secct::generator
