// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/algorithms.hpp"

#include <algorithm>

namespace secct::ipsec {
namespace {

constexpr ProtocolName protocols[] = {{IpsecProtocol::ah, "ah"}, {IpsecProtocol::esp, "esp"}};
constexpr AuthName auths[] = {{AuthAlgorithm::none, "none"},
                              {AuthAlgorithm::hmac_md5, "hmac-md5"},
                              {AuthAlgorithm::hmac_sha1, "hmac-sha1"}};
constexpr CipherName ciphers[] = {{Cipher::null, "none"},
                                  {Cipher::des_cbc, "des-cbc"},
                                  {Cipher::des3_cbc, "3des-cbc"},
                                  {Cipher::aes_cbc, "aes-cbc"},
                                  {Cipher::null, "null"}};

Spt spt_of(Cipher cipher) {
  Spt spt;
  spt.protocol = SptProtocol::esp;
  spt.algorithm = static_cast<std::uint8_t>(cipher);
  return spt;
}

}  // namespace

std::span<const ProtocolName> protocol_names() { return protocols; }
std::span<const AuthName> auth_names() { return auths; }
std::span<const CipherName> cipher_names() { return ciphers; }

std::optional<IpsecProtocol> find_protocol(std::string_view name) {
  const auto* found = std::ranges::find(protocols, name, &ProtocolName::name);
  if (found == std::end(protocols)) return std::nullopt;
  return found->protocol;
}

std::optional<AuthAlgorithm> find_auth_algorithm(std::string_view name) {
  const auto* found = std::ranges::find(auths, name, &AuthName::name);
  if (found == std::end(auths)) return std::nullopt;
  return found->algorithm;
}

std::optional<Cipher> find_cipher(std::string_view name) {
  const auto* found = std::ranges::find(ciphers, name, &CipherName::name);
  if (found == std::end(ciphers)) return std::nullopt;
  return found->cipher;
}

bool key_fits(Cipher cipher, std::size_t octets) {
  return octets <= 0xff && spt_of(cipher).key_length_fits(static_cast<std::uint8_t>(octets));
}

std::string key_octets(Cipher cipher) {
  return cipher == Cipher::aes_cbc ? "16, 24 or 32" : std::to_string(spt_of(cipher).key_length());
}

std::size_t key_octets(AuthAlgorithm algorithm) {
  Spt spt;
  spt.protocol = SptProtocol::ah;
  spt.algorithm = static_cast<std::uint8_t>(algorithm);
  return spt.key_length();
}

}  // namespace secct::ipsec
