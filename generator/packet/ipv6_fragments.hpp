// SPDX-License-Identifier: GPL-2.0-or-later
// Splits an IPv6 packet into documents of fragments (RFC 2460 section 4.5), including invalid ones
// that overlap, contradict each other or leave gaps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// One fragment. All numbers are octets.
struct FragmentSpec {
  std::uint32_t from = 0;               // first octet in the fragmentable part, a multiple of 8
  std::optional<std::uint32_t> octets;  // default: up to the end
  std::optional<std::uint32_t> offset;  // in the Fragment header; default: `from`
  std::optional<bool> more;             // More Fragments flag; default: the correct value
  std::uint32_t ident = 1;              // added to an Identification that depends on the packet
};

// Returns a packet for each of `fragments`: the link layer and IPv6 header of `packet`, a Fragment
// header, and octets of the fragmentable part, which is all that follows the IPv6 header. Throws
// UsageError if the packet does not have an IPv6 header or cannot be built.
std::vector<PacketDocument> ipv6_fragments(const CodePoints& codepoints, const Keyring& keys,
                                           const PacketDocument& packet,
                                           std::span<const FragmentSpec> fragments);

}  // namespace secct::generator
