// SPDX-License-Identifier: GPL-2.0-or-later
// The checksum of IP, UDP and ICMPv6 (RFC 1071).
#pragma once

#include "protocol/octets.hpp"

namespace secct {

// The ones' complement sum of the 16-bit words of `octets`, padded with a zero octet if necessary.
// Sums of several parts can be added if all parts except the last have an even length.
std::uint64_t sum_of(View octets);

// The checksum of octets with this sum. It is 0 if the octets contain their correct checksum.
std::uint16_t internet_checksum(std::uint64_t sum);

}  // namespace secct
