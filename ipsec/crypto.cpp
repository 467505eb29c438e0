// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/crypto.hpp"

#include <gcrypt.h>

#include <array>

#include "ipsec/algorithms.hpp"
#include "protocol/decode/keyed_input.hpp"

namespace secct::ipsec {
namespace {

// libgcrypt must be initialised once before any other call.
void initialise() {
  static const bool once = [] {
    gcry_check_version(nullptr);
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    return true;
  }();
  static_cast<void>(once);
}

Octets hmac(int algorithm, std::size_t octets, View key, View data) {
  initialise();
  Octets result(octets);
  std::array<gcry_buffer_t, 2> buffers{};
  buffers[0].data = const_cast<std::uint8_t*>(key.data());
  buffers[0].len = key.size();
  buffers[1].data = const_cast<std::uint8_t*>(data.data());
  buffers[1].len = data.size();
  gcry_md_hash_buffers(algorithm, GCRY_MD_FLAG_HMAC, result.data(), buffers.data(), 2);
  return result;
}

struct CipherRow {
  Cipher id;
  int algorithm;
  std::size_t block;
};
constexpr CipherRow ciphers[] = {{Cipher::des_cbc, GCRY_CIPHER_DES, 8},
                                 {Cipher::des3_cbc, GCRY_CIPHER_3DES, 8},
                                 {Cipher::aes_cbc, GCRY_CIPHER_AES128, 16}};

const CipherRow* find(Cipher cipher) {
  for (const auto& candidate : ciphers) {
    if (candidate.id == cipher) return &candidate;
  }
  return nullptr;
}

int algorithm_for(const CipherRow& row, std::size_t key_octets) {
  if (row.id != Cipher::aes_cbc) return row.algorithm;
  return key_octets == 32   ? GCRY_CIPHER_AES256
         : key_octets == 24 ? GCRY_CIPHER_AES192
                            : GCRY_CIPHER_AES128;
}

gcry_cipher_hd_t open_cbc(const CipherRow& row, std::size_t key_octets) {
  initialise();
  gcry_cipher_hd_t handle = nullptr;
  if (gcry_cipher_open(&handle, algorithm_for(row, key_octets), GCRY_CIPHER_MODE_CBC, 0) != 0) {
    return nullptr;
  }
  // A profile may contain a weak DES key.
  gcry_cipher_ctl(handle, GCRYCTL_SET_ALLOW_WEAK_KEY, nullptr, 1);
  return handle;
}

bool set_key_of(gcry_cipher_hd_t handle, View key) {
  const auto set = gcry_cipher_setkey(handle, key.data(), key.size());
  return set == 0 || gcry_err_code(set) == GPG_ERR_WEAK_KEY;
}

}  // namespace

Hmac::Hmac(AuthAlgorithm algorithm) : octets_(algorithm == AuthAlgorithm::hmac_md5 ? 16 : 20) {
  initialise();
  gcry_md_hd_t handle = nullptr;
  const int id = algorithm == AuthAlgorithm::hmac_md5 ? GCRY_MD_MD5 : GCRY_MD_SHA1;
  gcry_md_open(&handle, id, GCRY_MD_FLAG_HMAC);
  handle_.reset(handle);
}

void Hmac::Close::operator()(gcry_md_handle* handle) const { gcry_md_close(handle); }

void Hmac::set_key(View key) { gcry_md_setkey(handle_.get(), key.data(), key.size()); }

View Hmac::operator()(View text) {
  gcry_md_reset(handle_.get());
  gcry_md_write(handle_.get(), text.data(), text.size());
  return {gcry_md_read(handle_.get(), 0), octets_};
}

CbcEncryptor::CbcEncryptor(Cipher cipher) : cipher_(cipher) {}

void CbcEncryptor::Close::operator()(gcry_cipher_handle* handle) const {
  gcry_cipher_close(handle);
}

void CbcEncryptor::set_key(View key) {
  const auto* row = find(cipher_);
  usable_ = row != nullptr && key_fits(cipher_, key.size());
  if (!usable_) return;
  // To libgcrypt, AES with another key length is another algorithm.
  if (key_octets_ != key.size()) handle_.reset(open_cbc(*row, key.size()));
  key_octets_ = key.size();
  usable_ = handle_ && set_key_of(handle_.get(), key);
}

bool CbcEncryptor::encrypt(View iv, std::span<std::uint8_t> text) {
  const auto block = block_octets(cipher_);
  if (!usable_ || iv.size() != block || text.size() % block != 0) return false;
  return gcry_cipher_setiv(handle_.get(), iv.data(), iv.size()) == 0 &&
         (text.empty() ||
          gcry_cipher_encrypt(handle_.get(), text.data(), text.size(), nullptr, 0) == 0);
}

Octets hmac_md5(View key, View data) { return hmac(GCRY_MD_MD5, 16, key, data); }
Octets hmac_sha1(View key, View data) { return hmac(GCRY_MD_SHA1, 20, key, data); }

Octets random_octets(std::size_t count) {
  initialise();
  Octets octets(count);
  gcry_randomize(octets.data(), octets.size(), GCRY_STRONG_RANDOM);
  return octets;
}

Octets icv_of(AuthAlgorithm algorithm, View key, View data) {
  Octets icv;
  if (algorithm == AuthAlgorithm::hmac_md5) icv = hmac_md5(key, data);
  if (algorithm == AuthAlgorithm::hmac_sha1) icv = hmac_sha1(key, data);
  if (!icv.empty()) icv.resize(icv_octets);
  return icv;
}

std::size_t block_octets(Cipher cipher) {
  const auto* row = find(cipher);
  return row != nullptr ? row->block : 1;
}

std::size_t iv_octets(Cipher cipher) {
  const auto* row = find(cipher);
  return row != nullptr ? row->block : 0;
}

std::optional<Octets> encrypt_cbc(Cipher cipher, View key, View iv, View text) {
  Octets result(text.begin(), text.end());
  if (cipher == Cipher::null) return result;
  CbcEncryptor encryptor(cipher);
  encryptor.set_key(key);
  if (!encryptor.encrypt(iv, result)) return std::nullopt;
  return result;
}

std::optional<Octets> decrypt_cbc(Cipher cipher, View key, View iv, View text) {
  Octets result(text.begin(), text.end());
  if (cipher == Cipher::null) return result;
  const auto* row = find(cipher);
  if (row == nullptr || iv.size() != row->block || text.size() % row->block != 0 ||
      !key_fits(cipher, key.size())) {
    return std::nullopt;
  }
  gcry_cipher_hd_t handle = open_cbc(*row, key.size());
  if (handle == nullptr) return std::nullopt;
  const bool done = set_key_of(handle, key) &&
                    gcry_cipher_setiv(handle, iv.data(), iv.size()) == 0 &&
                    (result.empty() ||
                     gcry_cipher_decrypt(handle, result.data(), result.size(), nullptr, 0) == 0);
  gcry_cipher_close(handle);
  if (!done) return std::nullopt;
  return result;
}

std::string masked_key(View key) {
  constexpr std::size_t fingerprint_octets = 4;
  constexpr std::string_view purpose = "key fingerprint";
  const auto digest = hmac_sha1(key, Octets(purpose.begin(), purpose.end()));
  return std::to_string(key.size()) + " octets, fingerprint " +
         to_hex(View(digest).first(fingerprint_octets));
}

std::uint32_t compute_token(View key, View features, std::uint8_t replay, const Address& paddr) {
  return token_of(hmac_md5(key, token_input(features, replay, paddr)));
}

std::uint32_t compute_spi(View key, const Address& nr, const Address& naddr) {
  return spi_of(hmac_md5(key, spi_input(nr, naddr)));
}

}  // namespace secct::ipsec
