// SPDX-License-Identifier: GPL-2.0-or-later
// Security profile types (SPT): each determines the layout of the profile that follows it
// (docs/wire-format.md section 7.1, [RELOC] 3).
//
//   const auto spt = find_spt(0xb346);
//   if (spt) key_octets = spt->key_length();
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/tables/fields.hpp"

namespace secct {

enum class SptProtocol : std::uint8_t { ah = 0, esp = 1, ipcomp = 2 };

// Algorithm numbers of wire-format 7.1: of AH and of ESP.
enum class AuthAlgorithm : std::uint8_t { none = 0, hmac_md5 = 1, hmac_sha1 = 2 };
enum class Cipher : std::uint8_t { none = 0, des_cbc = 1, des3_cbc = 2, aes_cbc = 3, null = 4 };

struct Spt {
  std::uint16_t number = 0;
  SptProtocol protocol = SptProtocol::ah;
  bool tunnel = false;
  std::uint8_t algorithm = 0;
  bool source_v4 = false;
  bool destination_v4 = false;
  bool source_private = false;
  bool destination_private = false;
  bool megabytes = false;
  bool static_profile = false;
  bool additional = false;

  bool structured() const { return (number & 0x8000) != 0; }
  AuthAlgorithm auth() const {
    return protocol == SptProtocol::ah ? static_cast<AuthAlgorithm>(algorithm)
                                       : AuthAlgorithm::none;
  }
  Cipher cipher() const {
    return protocol == SptProtocol::esp ? static_cast<Cipher>(algorithm) : Cipher::none;
  }
  Values algorithms() const;       // the enumeration of `algorithm`
  std::uint8_t iv_length() const;  // octets of the IV in the profile: 0, 8 or 16
  // True if the algorithm has keys of this length.
  bool key_length_fits(std::uint8_t octets) const;
  std::uint8_t key_length() const;  // octets of the shortest key

  bool operator==(const Spt&) const = default;
};

constexpr std::uint8_t aes_block_size = 16;
// Key Rounds for a key of 16, 24 or 32 octets.
constexpr std::uint8_t aes_rounds(std::uint8_t key_octets) {
  return static_cast<std::uint8_t>(key_octets / 4 + 6);  // 10, 12, 14
}

// The properties of an SPT; nullopt if it is unknown.
std::optional<Spt> find_spt(std::uint16_t number);

// The assigned SPT with these properties, or the structured SPT if there is none. Ignores
// Spt::number.
std::uint16_t spt_number(const Spt& properties);
// The structured SPT with these properties, even if an assigned one exists.
std::uint16_t structured_spt_number(const Spt& properties);

// "AH-TRANSPORT-HMACMD5-V4" or "ESP-TUNNEL-AES-CBC-V6-V6-MB"; "Unknown" for an unknown SPT.
std::string spt_name(std::uint16_t number);
// The SPT with such a name; nullopt if there is none.
std::optional<std::uint16_t> parse_spt(std::string_view name);

std::span<const Spt> assigned_spts();

}  // namespace secct
