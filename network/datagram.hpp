// SPDX-License-Identifier: GPL-2.0-or-later
// Where things stand in a packet below SecCT: IP header, extension headers, AH or ESP, upper layer.
#pragma once

#include <optional>
#include <vector>

#include "network/header_fields.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/octets.hpp"

namespace secct::network {

namespace ip_proto {
inline constexpr std::uint8_t hop_by_hop = 0;
inline constexpr std::uint8_t ipv4 = 4;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t ipv6 = 41;
inline constexpr std::uint8_t routing = 43;
inline constexpr std::uint8_t fragment = 44;
inline constexpr std::uint8_t esp = 50;
inline constexpr std::uint8_t ah = 51;
inline constexpr std::uint8_t icmpv6 = 58;
inline constexpr std::uint8_t none = 59;
inline constexpr std::uint8_t dstopts = 60;
}  // namespace ip_proto

namespace icmpv6_type {  // RFC 4443
inline constexpr std::uint8_t unreachable = 1;
inline constexpr std::uint8_t echo_request = 128;
inline constexpr std::uint8_t echo_reply = 129;
}  // namespace icmpv6_type

constexpr std::size_t max_nesting = 8;       // datagrams in datagrams that are followed
constexpr std::size_t ethernet_octets = 14;  // without tags
constexpr std::size_t ipv6_header_octets = 40;
constexpr std::size_t ipv4_header_octets = 20;  // without options
constexpr std::size_t ah_fixed_octets = 12;     // up to the ICV
constexpr std::size_t esp_fixed_octets = 8;     // SPI and sequence number

// One header of the chain: [offset, offset + length) is protocol `type`; for the last one (upper
// layer, ESP, or what cannot be followed) the length runs to the end of the datagram.
struct Header {
  std::uint8_t type;
  std::uint32_t offset;
  std::uint32_t length;
};

// An IP datagram, from its version octet on.
struct Datagram {
  View octets;
  bool v4 = false;
  Address source{};
  Address destination{};
  std::uint8_t hop_limit = 0;
  std::uint32_t header_octets = 0;
  bool is_fragment = false;  // not the whole datagram: nothing behind the Fragment header is parsed
  std::vector<Header> chain;

  View octets_of(const Header& header) const {
    return octets.subspan(header.offset, header.length);
  }
  const Header* find(std::uint8_t type) const;
  Protection protection() const;  // AH or ESP in the chain
};

// Source and destination from the fixed header alone, whatever is broken behind it.
struct IpEnds {
  Address source;
  Address destination;
};
std::optional<IpEnds> ip_ends(View datagram);

// Follows the chain. Nothing when the octets are no IPv6 or IPv4 datagram or the header chain runs
// past the end. Octets behind the datagram's length are left out.
std::optional<Datagram> parse_datagram(View octets);
// The same of a datagram that may end early or lie: lengths are taken as far as there are octets.
std::optional<Datagram> parse_partial_datagram(View octets);

bool reads_link(LinkType link);  // link layers that are known
// Where the IP header begins; nothing when the link layer holds none, or is none that is known.
std::optional<std::size_t> network_offset(LinkType link, View octets);

// The options of a Hop-by-Hop or Destination Options header: [type, length, data), Pad1 and PadN
// included. Empty when they run past the header.
struct HeaderOption {
  std::uint32_t offset;  // in the header's octets
  std::uint32_t length;  // type and length octets included
};
std::vector<HeaderOption> parse_header_options(View header);

// Over pseudo-header and UDP datagram (RFC 768, RFC 2460 8.1); 0 when it holds its right checksum.
std::uint16_t udp_checksum(const Address& source, const Address& destination, bool v4, View udp);

}  // namespace secct::network
