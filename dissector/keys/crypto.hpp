// SPDX-License-Identifier: GPL-2.0-or-later
// Keyed hashes and ciphers, from the library that Wireshark itself uses.
#pragma once

#include <array>

#include "protocol/octets.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::dissector {

constexpr std::size_t icv_octets = 12;  // RFC 2403, RFC 2404

using Md5 = std::array<std::uint8_t, 16>;
using Icv = std::array<std::uint8_t, icv_octets>;

Md5 hmac_md5(View key, View data);
// The ICV of AH and ESP; zeros for AuthAlgorithm::none.
Icv icv_of(AuthAlgorithm algorithm, View key, View data);

std::size_t block_octets(Cipher cipher);  // 1 for NULL

// CBC (RFC 2405, RFC 2451, RFC 3602) into `out`, which is as long as `text`; false where the key
// or the text has a length that cannot be.
bool decrypt(Cipher cipher, View key, View iv, View text, std::uint8_t* out);

std::uint32_t token(View key, View features, std::uint8_t replay, const Address& paddr);
std::uint32_t recomputed_spi(View key, const Address& nr, const Address& naddr);

}  // namespace secct::dissector
