// SPDX-License-Identifier: GPL-2.0-or-later
// The input of keyed hashes (authentication token, recomputed SPI), and their values from the hash.
// The caller computes the hash itself, with a cryptographic library.
#pragma once

#include <optional>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct {

// The octets of a SecCT-req of form R1, "all SAs".
Octets req_r1(const CodePoints& codepoints);

// HO_features of wire-format 6.1: all sub-option octets after AuthPrtr to the end of its option,
// without Pad1. nullopt if the message has no AuthPrtr.
std::optional<Octets> ho_features(const DecodedMessage& decoded);

// The HO_features that the token of `decoded` covers: those of the message. The token of a U-SHREP
// covers those of a later SHIN, one SecCT-req R1, if no P-SHIN requested it (wire-format 6.1).
std::optional<Octets> token_features(const CodePoints& codepoints, const DecodedMessage& decoded);

// The HO_features that a P-SHIN announces: those of the later SHIN (wire-format 6.1). They are its
// sub-options without Pad1, and one SecCT-req R1 if it has no SecCT-req (wire-format D23).
Octets announced_features(const CodePoints& codepoints, const DecodedMessage& pshin);

// The Paddr that the token of `decoded` covers; of a Registration Request the old care-of address.
std::optional<Address> token_paddr(const DecodedMessage& decoded);

// The input of the authentication token: HO_features, Replay (1 octet), Paddr (16 octets).
Octets token_input(View ho_features, std::uint8_t replay, const Address& paddr);

// The input of SPI' (wire-format 6.6): NR address and Naddr, IPv4 addresses as IPv4-mapped.
Octets spi_input(const Address& nr, const Address& naddr);

// The last four octets of `hmac` as a token. Precondition: at least 4 octets.
std::uint32_t token_of(View hmac);
// SPI' of `hmac`, outside the reserved range below 256. Precondition: at least 4 octets.
std::uint32_t spi_of(View hmac);

}  // namespace secct
