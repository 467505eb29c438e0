// SPDX-License-Identifier: GPL-2.0-or-later
// Decodes the octets of a SecCT message.
//
//   DecodedMessage decoded;
//   if (decode(codepoints, Carrier::icmpv6, octets, envelope, decoded)) {
//     const auto identifier = decoded.number(Field::identifier);
//   }
#pragma once

#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct {

// Decodes one SecCT message (docs/wire-format.md sections 3 to 7 and 9). `octets` begins with the
// type octet of the ICMPv6 message, destination option or Mobile IPv4 extension and ends where
// that ends. Returns false, with an empty `decoded`, if the type is not one of SecCT's.
//
// `octets` may hold anything: the decoder does not throw and does not read past their end. Every
// broken rule becomes a problem; decoding goes on wherever the next boundary is certain.
bool decode(const CodePoints& codepoints, Carrier carrier, View octets, const Envelope& envelope,
            DecodedMessage& decoded);

// The ICMPv6 checksum over `message`, whose checksum octets count as zero, with the pseudo-header
// of `source` and `destination` (RFC 2463 2.3).
std::uint16_t icmpv6_checksum(const Address& source, const Address& destination, View message);

}  // namespace secct
