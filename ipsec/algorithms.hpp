// SPDX-License-Identifier: GPL-2.0-or-later
// Names of protocols and algorithms in router descriptions, key files and preferences.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ipsec/sa.hpp"
#include "protocol/tables/spt.hpp"

namespace secct::ipsec {

struct ProtocolName {
  IpsecProtocol protocol;
  std::string_view name;
};
struct AuthName {
  AuthAlgorithm algorithm;
  std::string_view name;
};
struct CipherName {
  Cipher cipher;
  std::string_view name;
};
std::span<const ProtocolName> protocol_names();  // "ah", "esp"
std::span<const AuthName> auth_names();          // "none", "hmac-md5", "hmac-sha1"
std::span<const CipherName> cipher_names();      // "null", "des-cbc", ...; "none" is "null" too

// By the exact name; std::nullopt for any other text.
std::optional<IpsecProtocol> find_protocol(std::string_view name);
std::optional<AuthAlgorithm> find_auth_algorithm(std::string_view name);
std::optional<Cipher> find_cipher(std::string_view name);

// Whether the cipher accepts keys of so many octets; Cipher::null accepts none.
bool key_fits(Cipher cipher, std::size_t octets);
// The lengths that it accepts, for messages: "16, 24 or 32".
std::string key_octets(Cipher cipher);
// The length of its keys in AH and ESP, in octets: RFC 2403 section 3, RFC 2404 section 3.
std::size_t key_octets(AuthAlgorithm algorithm);

}  // namespace secct::ipsec
