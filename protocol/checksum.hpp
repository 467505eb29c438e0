// SPDX-License-Identifier: GPL-2.0-or-later
// The checksum of IP, UDP and ICMPv6 (RFC 1071).
#pragma once

#include "protocol/octets.hpp"

namespace secct {

// The ones' complement sum of the 16-bit words of `octets`, an odd last octet padded with zero;
// sums of several parts may be added when all but the last are of even length.
std::uint64_t sum_of(View octets);

// The checksum of a sum: 0 over octets that hold their right one.
std::uint16_t internet_checksum(std::uint64_t sum);

}  // namespace secct
