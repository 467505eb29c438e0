// SPDX-License-Identifier: GPL-2.0-or-later
// HMACs and ciphers for AH, ESP, tokens and SPI', with libgcrypt, which Wireshark itself uses.
#pragma once

#include <array>

#include "protocol/octets.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::dissector {

constexpr std::size_t icv_octets = 12;  // RFC 2403, RFC 2404

using Md5 = std::array<std::uint8_t, 16>;
using Icv = std::array<std::uint8_t, icv_octets>;

Md5 hmac_md5(View key, View data);
// The ICV of AH or ESP: the first 96 bits of the HMAC. Zeros for AuthAlgorithm::none.
Icv icv_of(AuthAlgorithm algorithm, View key, View data);

std::size_t block_octets(Cipher cipher);  // 1 for Cipher::null

// Decrypts `text` in CBC mode (RFC 2405, RFC 2451, RFC 3602) to `out`, which has text.size()
// octets. Returns false if the length of the key, the IV or the text is invalid for the cipher.
bool decrypt(Cipher cipher, View key, View iv, View text, std::uint8_t* out);

// The authentication token of a mobile node (wire-format 6.1).
std::uint32_t token(View key, View features, std::uint8_t replay, const Address& paddr);
// SPI' (wire-format 6.6).
std::uint32_t recomputed_spi(View key, const Address& nr, const Address& naddr);

}  // namespace secct::dissector
