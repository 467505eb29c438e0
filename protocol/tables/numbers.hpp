// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers of some enumerations, for code that compares them. values.def has their names and texts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace secct {
// Whether the transport protocol with this IP protocol number has ports, which can be selectors.
constexpr bool has_ports(std::uint64_t ip_protocol) {
  constexpr std::uint64_t with_ports[] = {6, 17, 33, 132, 136};  // TCP, UDP, DCCP, SCTP, UDP-Lite
  return std::ranges::find(with_ports, ip_protocol) != std::end(with_ports);
}

inline constexpr std::uint32_t first_free_spi = 256;  // RFC 2406 2.1: 1 to 255 are reserved
}  // namespace secct

namespace secct {
// The most octets of a sub-option, its type and length included: wire-format 5.
inline constexpr std::size_t largest_sub_option = 255;
}  // namespace secct

// Subtypes of the IP address option, wire-format 4.
namespace secct::address_subtype {
inline constexpr std::uint8_t old_care_of = 1;
inline constexpr std::uint8_t new_care_of = 2;
}  // namespace secct::address_subtype

// Subtypes of the link-layer address option, wire-format 4.
namespace secct::lla_subtype {
inline constexpr std::uint8_t new_attachment_point = 1;
inline constexpr std::uint8_t mobile_node = 2;
inline constexpr std::uint8_t proxied_originator = 3;
}  // namespace secct::lla_subtype

// Codes of a HAck, wire-format 3. Up to in_use they answer an HI without the S flag, assigned and
// not_assigned an HI with it. Codes from refused on refuse the handover.
namespace secct::hack_code {
inline constexpr std::uint8_t valid = 0;
inline constexpr std::uint8_t not_valid = 1;
inline constexpr std::uint8_t in_use = 2;
inline constexpr std::uint8_t assigned = 3;
inline constexpr std::uint8_t not_assigned = 4;
inline constexpr std::uint8_t refused = 128;
inline constexpr std::uint8_t prohibited = 129;
inline constexpr std::uint8_t no_resources = 130;
}  // namespace secct::hack_code
