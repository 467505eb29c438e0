// SPDX-License-Identifier: GPL-2.0-or-later
// An IPv6 packet as documents of fragments (RFC 2460 4.5), also such as no sender should make.
#pragma once

#include <optional>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

struct Piece {
  std::uint32_t from = 0;               // octets of the fragmentable part, multiples of 8
  std::optional<std::uint32_t> octets;  // nothing: to the end
  std::optional<std::uint32_t> offset;  // that the header says; nothing: `from`
  std::optional<bool> more;             // nothing: as is right
  std::uint32_t ident = 1;              // added to the packet's own Identification
};

// One packet for each fragment: the link layer and IPv6 header of `packet`, a Fragment header, and
// octets of all that follows. UsageError when the packet has no IPv6 header or cannot be built.
std::vector<PacketDocument> in_pieces(const CodePoints& codepoints, const Keyring& keys,
                                      const PacketDocument& packet, std::span<const Piece> pieces);

}  // namespace secct::generator
