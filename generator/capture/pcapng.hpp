// SPDX-License-Identifier: GPL-2.0-or-later
// The blocks of a pcapng file (draft-ietf-opsawg-pcapng section 4) in the byte order of the
// machine. Not by wiretap, which takes longer to write a block than
// the generator takes to build the packet. Each function appends a block to `to`.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "generator/document/capture_header.hpp"
#include "generator/namespace.hpp"
#include "network/header_fields.hpp"

namespace secct::generator::pcapng {

// The longest option, such as a comment, in octets.
constexpr std::size_t longest_option = 0xffff;

// The Section Header Block, which begins the file.
void append_section(Octets& to, std::span<const CaptureOption> options);
// An Interface Description Block; `link_type` is a LINKTYPE_ number, not that of wiretap.
void append_interface(Octets& to, std::uint16_t link_type, const CaptureInterface& interface);

// An Enhanced Packet Block.
struct Packet {
  std::uint32_t interface = 0;  // index of the interface block
  std::uint64_t time = 0;       // since 1970 in units of the interface
  View octets;
  std::uint32_t wire_octets = 0;          // size on the wire
  std::span<const std::string> comments;  // each at most `longest_option` octets
};
void append_packet(Octets& to, const Packet& packet);

}  // namespace secct::generator::pcapng
