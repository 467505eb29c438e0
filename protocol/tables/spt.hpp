// SPDX-License-Identifier: GPL-2.0-or-later
// Security profile types: what an SPT says about the profile that follows it
// (docs/wire-format.md section 7.1, [RELOC] 3).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/tables/fields.hpp"

namespace secct {

enum class SptProtocol : std::uint8_t { ah = 0, esp = 1, ipcomp = 2 };

// Numbers of wire-format 7.1; which list applies depends on the protocol.
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
  Values algorithms() const;       // the table of values.def that names `algorithm`
  std::uint8_t iv_length() const;  // octets in the profile: 0, 8 or 16
  bool key_length_fits(std::uint8_t octets) const;
  std::uint8_t key_length() const;  // octets; the shortest one where several are allowed

  bool operator==(const Spt&) const = default;
};

constexpr std::uint8_t aes_block_size = 16;
constexpr std::uint8_t aes_rounds(std::uint8_t key_octets) {
  return static_cast<std::uint8_t>(key_octets / 4 + 6);  // 10, 12, 14
}

// What `number` stands for; nothing when it is unknown (the profile is then skipped by Length).
std::optional<Spt> find_spt(std::uint16_t number);

// The SPT that these properties make: an assigned one where there is one, else a structured one.
std::uint16_t spt_number(const Spt& properties);
// The structured SPT with these properties, also where an assigned one exists.
std::uint16_t structured_spt_number(const Spt& properties);

std::string spt_name(std::uint16_t number);                     // "Unknown" for an unknown one
std::optional<std::uint16_t> parse_spt(std::string_view name);  // either form of name

std::span<const Spt> assigned_spts();

}  // namespace secct
