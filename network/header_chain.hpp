// SPDX-License-Identifier: GPL-2.0-or-later
// The two steps of parsing a datagram, for callers that determine its length themselves and reuse
// the memory of a Datagram. parse_datagram() in network/datagram.hpp does both.
#pragma once

#include <optional>

#include "network/datagram.hpp"

namespace secct::network {

struct IpHeader {
  std::uint8_t next;     // protocol of the first header after the IP header
  std::uint64_t length;  // of the datagram in octets, as the header states it
  bool length_is_zero;   // the length field is 0: a jumbogram, or segmentation offload
};

// Reads the fixed header that `octets` begin with, which may lack the IPv4 options. Sets all
// members of `datagram` except for `octets`, and empties the chain. std::nullopt if the version is
// neither 4 nor 6, the fixed header is incomplete, or the IPv4 header length is less than 20.
std::optional<IpHeader> read_ip_header(View octets, Datagram& datagram);

// Whether a header of this type has a length and a Next Header that the chain follows.
bool is_extension(std::uint8_t type, bool v4);

enum class ChainEnd : std::uint8_t {
  complete,    // upper layer, ESP, "no next header" or an unknown protocol
  fragment,    // the datagram is a fragment
  incomplete,  // the last header of the chain extends beyond the datagram
  too_long     // there are more than `max_headers` headers
};

// Fills in the chain. `octets` must be set and contain the whole IP header, which is followed by
// protocol `next`. If the end is `incomplete` or `too_long`, the last header of the chain is the
// one that could not be parsed, and includes the rest of the datagram.
ChainEnd parse_chain(Datagram& datagram, std::uint8_t next, std::size_t max_headers);

}  // namespace secct::network
