// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/keys/crypto.hpp"

#include <gcrypt.h>

#include <algorithm>

#include "protocol/decode/keyed_input.hpp"

namespace secct::dissector {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> hmac(int algorithm, View key, View data) {
  std::array<std::uint8_t, Size> result{};
  std::array<gcry_buffer_t, 2> buffers{};
  // gcry_buffer_t has pointers to non-const, but the data is only read.
  buffers[0].data = const_cast<std::uint8_t*>(key.data());
  buffers[0].len = key.size();
  buffers[1].data = const_cast<std::uint8_t*>(data.data());
  buffers[1].len = data.size();
  gcry_md_hash_buffers(algorithm, GCRY_MD_FLAG_HMAC, result.data(), buffers.data(), 2);
  return result;
}

int library_cipher(Cipher cipher, std::size_t key_octets) {
  switch (cipher) {
    case Cipher::des_cbc: return GCRY_CIPHER_DES;
    case Cipher::des3_cbc: return GCRY_CIPHER_3DES;
    case Cipher::aes_cbc:
      if (key_octets == 32) return GCRY_CIPHER_AES256;
      return key_octets == 24 ? GCRY_CIPHER_AES192 : GCRY_CIPHER_AES128;
    case Cipher::none:
    case Cipher::null: break;
  }
  return GCRY_CIPHER_NONE;
}

}  // namespace

Md5 hmac_md5(View key, View data) { return hmac<16>(GCRY_MD_MD5, key, data); }

Icv icv_of(AuthAlgorithm algorithm, View key, View data) {
  Icv icv{};
  if (algorithm == AuthAlgorithm::hmac_md5) {
    std::ranges::copy_n(hmac_md5(key, data).begin(), icv_octets, icv.begin());
  } else if (algorithm == AuthAlgorithm::hmac_sha1) {
    std::ranges::copy_n(hmac<20>(GCRY_MD_SHA1, key, data).begin(), icv_octets, icv.begin());
  }
  return icv;
}

std::size_t block_octets(Cipher cipher) {
  switch (cipher) {
    case Cipher::des_cbc:
    case Cipher::des3_cbc: return 8;
    case Cipher::aes_cbc: return 16;
    case Cipher::none:
    case Cipher::null: break;
  }
  return 1;
}

bool decrypt(Cipher cipher, View key, View iv, View text, std::uint8_t* out) {
  if (cipher == Cipher::null) {
    std::ranges::copy(text, out);
    return true;
  }
  const auto algorithm = library_cipher(cipher, key.size());
  const auto block = block_octets(cipher);
  if (algorithm == GCRY_CIPHER_NONE || iv.size() != block || text.size() % block != 0 ||
      key.size() != gcry_cipher_get_algo_keylen(algorithm)) {
    return false;
  }
  gcry_cipher_hd_t handle = nullptr;
  if (gcry_cipher_open(&handle, algorithm, GCRY_CIPHER_MODE_CBC, 0) != 0) return false;
  // libgcrypt sets a weak DES key in spite of the error.
  const auto set = gcry_cipher_setkey(handle, key.data(), key.size());
  const bool decrypted =
      (set == 0 || gcry_err_code(set) == GPG_ERR_WEAK_KEY) &&
      gcry_cipher_setiv(handle, iv.data(), iv.size()) == 0 &&
      gcry_cipher_decrypt(handle, out, text.size(), text.data(), text.size()) == 0;
  gcry_cipher_close(handle);
  return decrypted;
}

std::uint32_t token(View key, View features, std::uint8_t replay, const Address& paddr) {
  return token_of(hmac_md5(key, token_input(features, replay, paddr)));
}

std::uint32_t recomputed_spi(View key, const Address& nr, const Address& naddr) {
  return spi_of(hmac_md5(key, spi_input(nr, naddr)));
}

}  // namespace secct::dissector
