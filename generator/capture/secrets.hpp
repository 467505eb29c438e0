// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the octets of a packet that are secret, for the Redactor.
#pragma once

#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// Offsets and sizes are octets of the packet.
struct SecretRange {
  std::size_t at;
  std::size_t octets;
  // A key, an IV or a token, which may occur elsewhere too. Otherwise ciphertext, an ICV or unknown
  // octets, which are secret only at this position.
  bool is_value;
};

// A checksum of ICMPv6 or UDP that covers secrets.
struct CoveringChecksum {
  std::size_t at;
  std::size_t from;    // first covered octet
  std::size_t octets;  // number of covered octets
  std::uint8_t protocol;
  Address source;
  Address destination;
  bool v4;
};

struct Secrets {
  std::vector<SecretRange> ranges;
  std::vector<CoveringChecksum> checksums;
};

// `octets` is a packet with its link layer. Empty if the link layer is not supported.
Secrets find_secrets(const CodePoints& codepoints, LinkType link, View octets);

// The correct value of a checksum of this packet.
std::uint16_t correct_checksum(const CoveringChecksum& checksum, View octets);

}  // namespace secct::generator
