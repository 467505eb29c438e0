// SPDX-License-Identifier: GPL-2.0-or-later
// Building a packet in two steps: first all octets that do not depend on other octets, then the
// tokens, checksums, ICVs and the encryption that are computed over them ("seals"). A packet that
// is sent for many mobile nodes is laid out once and sealed for each of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/namespace.hpp"
#include "generator/packet/build.hpp"
#include "ipsec/keyed_sa.hpp"

namespace secct::generator {

enum class SealKind : std::uint8_t { token, checksum, ah, esp };

// One value that is computed over octets of the packet. Offsets count from the start of the packet.
struct Seal {
  SealKind kind = SealKind::checksum;
  std::size_t layer = 0;  // index in the document, for faults
  std::size_t at = 0;     // checksum: first covered octet; AH, ESP: the header; token: the token
  std::size_t end = 0;    // checksum, AH, ESP: end of the covered octets
  std::optional<std::size_t> ip;  // offset of the IP header that contains it
  bool v4 = false;                // that header is IPv4, even if its version field differs
  std::int64_t shift = 0;         // added to the computed value

  std::size_t place = 0;           // checksum: its offset
  std::uint8_t protocol = 0;       // checksum: of the pseudo-header; 0: no pseudo-header
  std::size_t source_at = 0;       // checksum: addresses of the pseudo-header, offsets from the IP
  std::size_t destination_at = 0;  // header
  Octets input;                    // token: input of the HMAC (wire-format 6.1)
  std::size_t sa = 0;              // AH, ESP: index in Keyring::sas
  AhCoverage coverage;             // AH: from ah_coverage(), offsets from the IP header
  std::size_t iv_octets = 0;       // ESP: as in UnencryptedEsp
  bool iv_given = false;           // ESP: as in UnencryptedEsp
  bool icv_given = false;          // ESP: the document contains the ICV

  void move(std::size_t by);  // after inserting `by` octets before it
};

// A packet whose computed values are zeros and whose ESP is not encrypted.
struct UnsealedPacket {
  Octets octets;
  std::vector<Seal> seals;  // in the order of computation: innermost first
  std::vector<BuildFault> faults;
};

UnsealedPacket lay_out(const CodePoints& codepoints, const Keyring& keys,
                       const PacketDocument& packet);

// Each function computes a seal of its kind and writes the value to the packet. `hmac` is the HMAC
// of Seal::input with the token key, `sa` has the keys of Seal::sa.
void write_checksum(std::span<std::uint8_t> packet, const Seal& seal);
void write_token(std::span<std::uint8_t> packet, const Seal& seal, View hmac);
void seal_ah(std::span<std::uint8_t> packet, const Seal& seal, KeyedSa& sa);
void seal_esp(std::span<std::uint8_t> packet, const Seal& seal, KeyedSa& sa);

}  // namespace secct::generator
