// SPDX-License-Identifier: GPL-2.0-or-later
// The Authentication Header (RFC 2402), in IPv6 and IPv4, transport and tunnel mode.
#pragma once

#include <vector>

#include "ipsec/decapsulated.hpp"

namespace secct::ipsec {

// A range of octets of a datagram.
struct Range {
  std::size_t at;
  std::size_t octets;
};

// In all functions, `datagram` begins with its IP header and `ah_offset` is the offset of an AH in
// it, which has room for an ICV of 12 octets.

// The ranges that the ICV counts as zeros (RFC 2402 section 3.3.3.1): mutable header fields, data
// of options that may change en route, and the ICV itself. Traffic class and flow label of IPv6,
// which are zeros too, are not listed, because they are not whole octets.
std::vector<Range> uncovered_by_ah(View datagram, std::size_t ah_offset);

// The ICV, 12 octets; empty for AuthAlgorithm::none.
Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa);

// Verifies the AH `header` of the chain of `datagram` and removes it.
Decapsulated decapsulate_ah(const Datagram& datagram, const Header& header, const Sa& sa);

}  // namespace secct::ipsec
