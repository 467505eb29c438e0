// SPDX-License-Identifier: GPL-2.0-or-later
// What packet_info says about the layers below a message: addresses, hop limit, AH or ESP, and
// whether the packet is complete.
#pragma once

#include <optional>

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

void find_layers();  // at handoff: looks up the ids of the protocols below SecCT

// std::nullopt if `from` is neither an IPv6 nor an IPv4 address.
std::optional<Address> address_from(const address& from);

// The hop limit or TTL of the packet. std::nullopt for a packet that an ICMP error quotes: routers
// on the path have already decremented it. `data` is what the IP dissectors pass to an upper layer:
// their header, or nullptr.
std::optional<std::uint8_t> hop_limit(const packet_info* pinfo, const void* data);

// esp if there is an ESP layer below the message, else ah if there is an AH layer, else none. Of a
// packet that an ICMP error quotes, only the layers within the quotation count.
Protection protection(const packet_info* pinfo);

// True if the packet does not end where `tvb` ends: it is a fragment that was not reassembled, or
// an ICMP error quotes only its beginning. `data` as above.
bool is_partial(tvbuff_t* tvb, packet_info* pinfo, const void* data);

}  // namespace secct::dissector
