// SPDX-License-Identifier: GPL-2.0-or-later
// The octets that go into keyed hashes, and what is made of the hash (the hash itself belongs to
// whoever has a cryptographic library).
#pragma once

#include <optional>

#include "protocol/decode/decoded_message.hpp"
#include "protocol/tables/codepoints.hpp"

namespace secct {

// HO_features of wire-format 6.1: every sub-option octet after AuthPrtr to the end of its option,
// Pad1 left out. Nothing when the message has no AuthPrtr.
std::optional<Octets> ho_features(const DecodedMessage& decoded);

// The HO_features that the token of `decoded` must be computed over: its own, or for a U-SHREP
// those of the SHIN that is still to come: one SecCT-req R1 (wire-format 6.1; a P-SHIN's features
// otherwise).
std::optional<Octets> token_features(const CodePoints& codepoints, const DecodedMessage& decoded);

// The Paddr that the token of `decoded` covers; of a Mobile IPv4 request the old care-of address.
std::optional<Address> token_paddr(const DecodedMessage& decoded);

// What the authentication token is computed over: HO_features, Replay (1 octet), Paddr (16).
Octets token_input(View ho_features, std::uint8_t replay, const Address& paddr);

// What SPI' is computed over (wire-format 6.6): NR address, Naddr; IPv4 as IPv4-mapped.
Octets spi_input(const Address& nr, const Address& naddr);

// The last four octets of an HMAC-MD5 as a token.
std::uint32_t token_of(View hmac);
// SPI' of an HMAC-MD5; values below 256 are moved out of the reserved range.
std::uint32_t spi_of(View hmac);

}  // namespace secct
