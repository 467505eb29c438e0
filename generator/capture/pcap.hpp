// SPDX-License-Identifier: GPL-2.0-or-later
// The header and the records of a pcap file (draft-ietf-opsawg-pcap) in the byte order of the
// machine. Each function appends to `to`.
#pragma once

#include <cstdint>

#include "generator/namespace.hpp"
#include "network/header_fields.hpp"

namespace secct::generator::pcap {

// The longest captured packet that readers accept, in octets.
constexpr std::uint32_t longest_packet = 262144;

// `link_type` is a LINKTYPE_ number; `nanoseconds`: the resolution of the timestamps, otherwise
// microseconds.
void append_header(Octets& to, std::uint16_t link_type, std::uint32_t snapshot_octets,
                   bool nanoseconds);

struct Packet {
  std::uint32_t seconds;   // since 1970
  std::uint32_t fraction;  // in nanoseconds or microseconds
  View octets;
  std::uint32_t wire_octets;  // size on the wire
};
void append_packet(Octets& to, const Packet& packet);

}  // namespace secct::generator::pcap
