// SPDX-License-Identifier: GPL-2.0-or-later
// Blocks of a pcapng file, in the machine's own octet order: what a writer of packets, times in
// nanoseconds and comments needs (draft-ietf-opsawg-pcapng 4).
#pragma once

#include <cstdint>
#include <string_view>

#include "generator/namespace.hpp"
#include "network/header_fields.hpp"

namespace secct::generator::pcapng {

void append_section(Octets& to);
// An interface with link-layer header type `link_type` (LINKTYPE_, not wiretap's number).
void append_interface(Octets& to, std::uint16_t link_type);

struct Packet {
  std::uint32_t interface = 0;  // in the order of the section
  std::uint64_t time = 0;       // nanoseconds since 1970
  View octets;
  std::uint32_t wire_octets = 0;  // as many as there were on the wire
  std::string_view comment;       // what is behind its first 65,535 octets is left out
};
void append_packet(Octets& to, const Packet& packet);

}  // namespace secct::generator::pcapng
