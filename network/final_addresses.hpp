// SPDX-License-Identifier: GPL-2.0-or-later
// The addresses of a datagram as its final destination sees them: AH, SAs and the checksums of
// upper layers refer to these, and not to those that a captured IP header contains.
#pragma once

#include <limits>
#include <vector>

#include "network/datagram.hpp"

namespace secct::network {

// Two addresses of `octets` octets at these offsets of a datagram, which a node exchanges.
struct AddressExchange {
  std::size_t first;  // in the IP header
  std::size_t second;
  std::size_t octets;
};

// The exchanges that the nodes on the rest of the path and the final destination of a datagram
// make, in this order, for headers whose offset is less than `end`:
// - Routing header of type 0 and 2 with segments left (RFC 2460 section 4.4, RFC 6275 section 6.4)
// - Home Address option (RFC 6275 section 6.3)
// - IPv4 source route that is not at its end (RFC 791 section 3.1)
// Headers that are malformed are skipped.
std::vector<AddressExchange> address_exchanges(
    const Datagram& datagram, std::size_t end = std::numeric_limits<std::size_t>::max());

// The addresses after these exchanges.
IpAddresses final_addresses(const Datagram& datagram);

// The options of the IPv4 header of a datagram of at least 20 octets, up to End of Option List or
// the first malformed one. Offsets are those in the datagram.
std::vector<HeaderOption> parse_ipv4_options(View datagram);

}  // namespace secct::network
