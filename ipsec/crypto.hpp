// SPDX-License-Identifier: GPL-2.0-or-later
// Keyed hashes and block ciphers, all from libgcrypt.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "protocol/octets.hpp"
#include "protocol/tables/spt.hpp"

struct gcry_md_handle;
struct gcry_cipher_handle;

namespace secct::ipsec {

Octets hmac_md5(View key, View data);   // 16 octets, RFC 2104
Octets hmac_sha1(View key, View data);  // 20 octets
Octets random_octets(std::size_t count);

// The first 12 octets of the HMAC (RFC 2403, RFC 2404); none for AuthAlgorithm::none.
constexpr std::size_t icv_octets = 12;
Octets icv_of(AuthAlgorithm algorithm, View key, View data);

// An HMAC under one key for many texts: twice as fast as setting the key each time.
class Hmac {
 public:
  explicit Hmac(AuthAlgorithm algorithm);  // not none

  void set_key(View key);
  // 16 or 20 octets, good until the next call.
  View operator()(View text);

 private:
  struct Close {
    void operator()(gcry_md_handle* handle) const;
  };
  std::unique_ptr<gcry_md_handle, Close> handle_;
  std::size_t octets_;
};

// CBC under one key for many texts.
class CbcEncryptor {
 public:
  explicit CbcEncryptor(Cipher cipher);  // not null

  // A key of a wrong size makes encrypt() refuse.
  void set_key(View key);
  // In place. False, and the text as it was, when it is no multiple of the block or there is no key
  // or the IV has a wrong size.
  bool encrypt(View iv, std::span<std::uint8_t> text);

 private:
  struct Close {
    void operator()(gcry_cipher_handle* handle) const;
  };
  Cipher cipher_;
  std::size_t key_octets_ = 0;  // that the handle is open for
  bool usable_ = false;
  std::unique_ptr<gcry_cipher_handle, Close> handle_;
};

// CBC over whole blocks (RFC 2405, RFC 2451, RFC 3602); Cipher::null returns the text. Nothing when
// the key or IV has a wrong size or the text is no multiple of the block.
std::optional<Octets> encrypt_cbc(Cipher cipher, View key, View iv, View text);
std::optional<Octets> decrypt_cbc(Cipher cipher, View key, View iv, View text);

// Octets of a block, which is also the size of the IV; 1 and 0 for NULL.
std::size_t block_octets(Cipher cipher);
std::size_t iv_octets(Cipher cipher);

// The authentication token of wire-format 6.1 and the recomputed SPI of 6.6.
std::uint32_t compute_token(View key, View ho_features, std::uint8_t replay, const Address& paddr);
std::uint32_t compute_spi(View key, const Address& nr, const Address& naddr);

}  // namespace secct::ipsec
