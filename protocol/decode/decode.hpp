// SPDX-License-Identifier: GPL-2.0-or-later
// Octets to a tape.
#pragma once

#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct {

// Decodes one SecCT message (docs/wire-format.md sections 3 to 7 and 9). `octets` starts at the
// type octet of the ICMPv6 message, destination option or Mobile IPv4 extension and ends where
// that ends. Returns false, with an empty tape, when the type is none of SecCT's.
//
// Never throws on what the octets hold and never reads past them. Every broken rule becomes a
// problem; decoding goes on wherever the next boundary is known.
bool decode(const CodePoints& codepoints, Carrier carrier, View octets, const Envelope& envelope,
            DecodedMessage& decoded);

// The ICMPv6 checksum over `message` (its checksum octets taken as zero) with the pseudo-header of
// `source` and `destination` (RFC 2463 2.3).
std::uint16_t icmpv6_checksum(const Address& source, const Address& destination, View message);

}  // namespace secct
