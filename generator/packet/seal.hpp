// SPDX-License-Identifier: GPL-2.0-or-later
// A packet in two steps: laid out, with room for what is computed over its octets, and sealed:
// tokens, checksums, ICVs and encryption, from the inside outwards.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "ipsec/ah_esp.hpp"

namespace secct::generator {

enum class SealKind : std::uint8_t { token, checksum, ah, esp };

// One thing to compute. Places are octets from the start of the packet.
struct Seal {
  SealKind kind = SealKind::checksum;
  std::size_t layer = 0;  // of the document, for faults
  std::size_t at = 0;     // checksum: first octet covered; AH, ESP: the header; token: itself
  std::size_t end = 0;    // checksum, AH, ESP: behind the last octet covered
  std::optional<std::size_t> ip;  // the IP header around it
  bool v4 = false;                // what kind that is, whatever its version says
  std::int64_t shift = 0;         // added to what is computed

  std::size_t place = 0;         // checksum: where it stands
  std::uint8_t protocol = 0;     // checksum: of the pseudo header, 0 = there is none
  Octets input;                  // token: what it is computed over (wire-format 6.1)
  std::size_t sa = 0;            // AH, ESP: place in Keyring::sas
  std::vector<Range> uncovered;  // AH: what does not count, from the IP header on
  std::size_t iv_octets = 0;     // ESP
  bool iv_given = false;         // ESP
  bool icv_given = false;        // ESP

  void move(std::size_t by);  // so many octets come before it
};

struct UnsealedPacket {
  Octets octets;
  std::vector<Seal> seals;  // in the order in which they are computed
  std::vector<BuildFault> faults;
};

// The octets of one packet but for what is computed over them, which is zero, or plain text.
UnsealedPacket lay_out(const CodePoints& codepoints, const Keyring& keys,
                       const PacketDocument& packet);

// Each computes one seal of its kind and writes it into the packet.
void write_checksum(std::span<std::uint8_t> packet, const Seal& seal);
void write_token(std::span<std::uint8_t> packet, const Seal& seal, View hmac);
void seal_ah(std::span<std::uint8_t> packet, const Seal& seal, KeyedSa& sa);
void seal_esp(std::span<std::uint8_t> packet, const Seal& seal, KeyedSa& sa);

}  // namespace secct::generator
