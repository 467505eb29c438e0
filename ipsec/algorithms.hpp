// SPDX-License-Identifier: GPL-2.0-or-later
// Names of algorithms in router descriptions, key files and preferences.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "protocol/tables/spt.hpp"

namespace secct::ipsec {

struct AuthName {
  AuthAlgorithm algorithm;
  std::string_view name;
};
struct CipherName {
  Cipher cipher;
  std::string_view name;
};
std::span<const AuthName> auth_names();      // "none", "hmac-md5", "hmac-sha1"
std::span<const CipherName> cipher_names();  // "null", "des-cbc", ...; "none" is "null" too

// By the exact name; std::nullopt for any other text.
std::optional<AuthAlgorithm> find_auth_algorithm(std::string_view name);
std::optional<Cipher> find_cipher(std::string_view name);

}  // namespace secct::ipsec
