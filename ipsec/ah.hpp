// SPDX-License-Identifier: GPL-2.0-or-later
// The Authentication Header (RFC 2402), in IPv6 and IPv4, transport and tunnel mode.
#pragma once

#include <vector>

#include "ipsec/decapsulated.hpp"
#include "network/final_addresses.hpp"

namespace secct::ipsec {

// A range of octets of a datagram.
struct Range {
  std::size_t at;
  std::size_t octets;
};

// How the octets that the ICV covers differ from those of a datagram. The ICV covers the datagram
// that its final destination receives, without the headers that precede the AH and are removed
// before the AH is processed, and with the octets that change on the path as zeros (RFC 2402
// section 3.3.3.1). Depends only on where the headers are, so it serves for all packets of one
// layout.
struct AhCoverage {
  struct RemovedHeader {
    std::uint8_t type;  // IP protocol number
    std::size_t at;
    std::size_t octets;
    std::size_t next_header_at;  // of the header before it
  };

  std::vector<AddressExchange> exchanges;
  // Mutable fields, options whose data may change, Segments Left, the ICV itself. Traffic class and
  // flow label of IPv6 are not listed, because they are not whole octets.
  std::vector<Range> zeros;
  // Other AHs, and the Fragment header of an atomic fragment; the last one first.
  std::vector<RemovedHeader> removed;
  // Implementations agree on it. False after an atomic fragment's header, for Routing headers other
  // than type 0 and 2 or with more segments left than addresses (decisions D26, D27), and if the IP
  // header has the length 0: offload removed it, or it is a jumbogram.
  bool is_certain = true;

  // Changes the datagram into the octets that the ICV covers.
  void apply(Octets& datagram) const;
};

// In all functions, `datagram` begins with its IP header and `ah_offset` is the offset of an AH in
// it.

// The datagram must contain the 12 octets of the ICV. A wrong length in the AH has no effect.
AhCoverage ah_coverage(View datagram, std::size_t ah_offset);

// The ICV, 12 octets; empty for AuthAlgorithm::none. The datagram must contain its octets.
Octets ah_icv(View datagram, std::size_t ah_offset, const Sa& sa);

enum class AhState : std::uint8_t {
  good,
  bad_icv,
  malformed,  // the AH is cut, or its length is not that of an ICV of 12 octets
  // The SA has no algorithm, the ICV is a replacement by `secct redact`, or it does not fit but
  // AhCoverage is not certain.
  unverifiable
};
// Also accepts the ICVs of other implementations where RFC 2402 can be read in two ways (decisions
// D25, D26).
AhState verify_ah(View datagram, std::size_t ah_offset, const Sa& sa);

// Verifies the AH `header` of the chain of `datagram` and removes it.
Decapsulated decapsulate_ah(const Datagram& datagram, const Header& header, const Sa& sa);

}  // namespace secct::ipsec
