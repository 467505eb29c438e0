// SPDX-License-Identifier: GPL-2.0-or-later
// What the layers below a message say about it, out of packet_info.
#pragma once

#include <optional>

#include "dissector/epan/epan.hpp"
#include "protocol/decode/decoded_message.hpp"

namespace secct::dissector {

void find_layers();  // at hand-off: the ids of the protocols that are looked for

std::optional<Address> address_from(const address& from);

// As the packet was sent; unknown in a packet that an ICMP error quotes, which has come some way.
// `data` is what the IP dissectors hand to an upper layer: their header, or nothing.
std::optional<std::uint8_t> hop_limit(const packet_info* pinfo, const void* data);

// AH or ESP anywhere below in this packet (in a packet that an ICMP error quotes: in the quote).
Protection protection(const packet_info* pinfo);

// Whether the packet goes on where `tvb` ends: a fragment that is not reassembled, a packet quoted
// in part by an ICMP error.
bool goes_on(tvbuff_t* tvb, packet_info* pinfo, const void* data);

}  // namespace secct::dissector
