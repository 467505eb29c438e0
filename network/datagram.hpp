// SPDX-License-Identifier: GPL-2.0-or-later
// Parses the layers below SecCT without copying: link layer, IP header, extension headers, AH, ESP.
// The results are offsets and views into the octets of the caller, which must outlive them.
#pragma once

#include <optional>
#include <vector>

#include "network/header_fields.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "protocol/octets.hpp"

namespace secct::network {

namespace ip_proto {
inline constexpr std::uint8_t hop_by_hop = 0;
inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t ipv4 = 4;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t ipv6 = 41;
inline constexpr std::uint8_t routing = 43;
inline constexpr std::uint8_t fragment = 44;
inline constexpr std::uint8_t gre = 47;
inline constexpr std::uint8_t esp = 50;
inline constexpr std::uint8_t ah = 51;
inline constexpr std::uint8_t icmpv6 = 58;
inline constexpr std::uint8_t none = 59;
inline constexpr std::uint8_t dstopts = 60;
inline constexpr std::uint8_t mobility = 135;
inline constexpr std::uint8_t hip = 139;
inline constexpr std::uint8_t shim6 = 140;
}  // namespace ip_proto

namespace icmpv6_type {  // RFC 4443
inline constexpr std::uint8_t unreachable = 1;
inline constexpr std::uint8_t echo_request = 128;
inline constexpr std::uint8_t echo_reply = 129;
}  // namespace icmpv6_type

constexpr std::size_t max_nesting = 8;       // of tunnels and ICMP errors that are followed
constexpr std::size_t ethernet_octets = 14;  // without tags
constexpr std::size_t ipv6_header_octets = 40;
constexpr std::size_t ipv4_header_octets = 20;  // without options
constexpr std::size_t ah_fixed_octets = 12;     // up to the ICV
constexpr std::size_t esp_fixed_octets = 8;     // SPI and sequence number

// One header of the chain. The last one (upper layer, ESP, or an unknown protocol) includes the
// rest of the datagram.
struct Header {
  std::uint8_t type;     // IP protocol number
  std::uint32_t offset;  // in the datagram, octets
  std::uint32_t length;  // octets
};

// An IP datagram and the headers that follow its IP header.
struct Datagram {
  View octets;  // without octets after the end of the datagram, such as Ethernet padding
  bool v4 = false;
  Address source{};
  Address destination{};
  std::uint8_t hop_limit = 0;
  std::uint32_t header_octets = 0;  // size of the IP header, with IPv4 options
  // Not the whole datagram. The chain then ends with the Fragment header (IPv4: is empty).
  bool is_fragment = false;
  std::vector<Header> chain;

  View octets_of(const Header& header) const {
    return octets.subspan(header.offset, header.length);
  }
  const Header* find(std::uint8_t type) const;  // the first one of this type, or nullptr
  Protection protection() const;                // AH before ESP if the chain has both
};

// The addresses in the fixed IP header. The rest of the datagram may be invalid; std::nullopt if
// there is no complete fixed header.
struct IpAddresses {
  Address source;
  Address destination;
};
std::optional<IpAddresses> ip_addresses(View datagram);

// Parses the IP header and the header chain. std::nullopt if the octets are not an IPv6 or IPv4
// datagram, or if a header extends beyond the end of the datagram.
std::optional<Datagram> parse_datagram(View octets);
// The same for a datagram that a capture truncated or whose lengths are wrong: the chain ends
// before the first header that is incomplete.
std::optional<Datagram> parse_partial_datagram(View octets);

// The offset of the IP header in a packet, after VLAN tags. std::nullopt if the packet does not
// contain IP or the link layer is not supported.
std::optional<std::size_t> network_offset(LinkType link, View octets);

// The options of a Hop-by-Hop or Destination Options header, including Pad1 and PadN. Empty if an
// option extends beyond the header.
struct HeaderOption {
  std::uint32_t offset;  // in the header
  std::uint32_t length;  // including the type and length octets
};
std::vector<HeaderOption> parse_header_options(View header);

// Sets the length field of the IP header that `datagram` begins with and, for IPv4, the header
// checksum. The header must be complete.
void update_ip_length(Octets& datagram);

// The checksum over pseudo-header and UDP datagram (RFC 768, RFC 2460 section 8.1). The result is 0
// if `udp` contains its correct checksum.
std::uint16_t udp_checksum(const Address& source, const Address& destination, bool v4, View udp);

}  // namespace secct::network
