// SPDX-License-Identifier: GPL-2.0-or-later
// Keyed hashes and block ciphers, by libgcrypt. Hmac and CbcEncryptor set a key up once for many
// texts; the functions serve a single text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "protocol/octets.hpp"
#include "protocol/tables/spt.hpp"

struct gcry_md_handle;
struct gcry_cipher_handle;

namespace secct::ipsec {

Octets hmac_md5(View key, View data);   // 16 octets, RFC 2104
Octets hmac_sha1(View key, View data);  // 20 octets, RFC 2104
// Unpredictable octets, for salts.
Octets random_octets(std::size_t count);

// The ICV of AH and ESP: the first 12 octets of the HMAC (RFC 2403, RFC 2404); empty for
// AuthAlgorithm::none.
constexpr std::size_t icv_octets = 12;
Octets icv_of(AuthAlgorithm algorithm, View key, View data);

// Twice as fast as hmac_md5() and hmac_sha1() for many texts with the same key.
class Hmac {
 public:
  explicit Hmac(AuthAlgorithm algorithm);  // not AuthAlgorithm::none

  void set_key(View key);  // must precede the first text
  // 16 or 20 octets, valid until the next call.
  View operator()(View text);

 private:
  struct Close {
    void operator()(gcry_md_handle* handle) const;
  };
  std::unique_ptr<gcry_md_handle, Close> handle_;
  std::size_t octets_;
};

class CbcEncryptor {
 public:
  explicit CbcEncryptor(Cipher cipher);  // not Cipher::null

  // After a key of a wrong length, encrypt() returns false.
  void set_key(View key);
  // Encrypts in place. Returns false and leaves the text unchanged if its length is not a multiple
  // of the block, if there is no valid key, or if the IV has a wrong length.
  bool encrypt(View iv, std::span<std::uint8_t> text);

 private:
  struct Close {
    void operator()(gcry_cipher_handle* handle) const;
  };
  Cipher cipher_;
  std::size_t key_octets_ = 0;  // key length that the handle was opened for
  bool usable_ = false;
  std::unique_ptr<gcry_cipher_handle, Close> handle_;
};

// CBC with DES, 3DES and AES (RFC 2405, RFC 2451, RFC 3602); Cipher::null returns the text.
// std::nullopt if the key or the IV has a wrong length, or if the length of the text is not a
// multiple of the block.
std::optional<Octets> encrypt_cbc(Cipher cipher, View key, View iv, View text);
std::optional<Octets> decrypt_cbc(Cipher cipher, View key, View iv, View text);

// The sizes of a block and of the IV in octets: the same for DES, 3DES and AES; 1 and 0 for
// Cipher::null.
std::size_t block_octets(Cipher cipher);
std::size_t iv_octets(Cipher cipher);

// What texts contain instead of a key: its length, and 32 bits of a hash by which keys can be
// compared: "16 octets, fingerprint 1f0c22ab".
std::string masked_key(View key);

// The authentication token (wire-format 6.1) and the recomputed SPI (wire-format 6.6).
std::uint32_t compute_token(View key, View ho_features, std::uint8_t replay, const Address& paddr);
std::uint32_t compute_spi(View key, const Address& nr, const Address& naddr);

}  // namespace secct::ipsec
