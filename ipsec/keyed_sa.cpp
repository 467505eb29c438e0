// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/keyed_sa.hpp"

#include <algorithm>
#include <array>

namespace secct::ipsec {
namespace {

constexpr std::array<std::uint8_t, 16> zero_iv{};

// The block whose encryption is the IV of make_iv().
void write_nonce(std::span<std::uint8_t> block, View spi_and_sequence) {
  std::ranges::copy(spi_and_sequence, block.begin());
  std::ranges::fill(block.subspan(spi_and_sequence.size()), std::uint8_t{0});
}

}  // namespace

Octets make_iv(const Sa& sa, std::uint32_t sequence) {
  Octets nonce;
  append_number(nonce, sa.spi, 4);
  append_number(nonce, sequence, 4);
  Octets iv(iv_octets(sa.cipher));
  if (iv.empty()) return iv;
  write_nonce(iv, nonce);
  return encrypt_cbc(sa.cipher, sa.cipher_key, View(zero_iv).first(iv.size()), iv).value_or(iv);
}

KeyedSa::KeyedSa(const Sa& sa) {
  if (sa.auth != AuthAlgorithm::none) auth_.emplace(sa.auth);
  if (iv_octets(sa.cipher) != 0) cipher_.emplace(sa.cipher);
  set_keys(sa.auth_key, sa.cipher_key);
}

void KeyedSa::set_keys(View auth_key, View cipher_key) {
  if (auth_) auth_->set_key(auth_key);
  if (cipher_) cipher_->set_key(cipher_key);
}

View KeyedSa::icv(View octets) { return auth_ ? (*auth_)(octets).first(icv_octets) : View(); }

View KeyedSa::ah_icv(View datagram, const AhCoverage& coverage) {
  scratch_.assign(datagram.begin(), datagram.end());
  coverage.apply(scratch_);
  return icv(scratch_);
}

void KeyedSa::encrypt(std::span<std::uint8_t> packet, std::size_t iv_octets, bool iv_given,
                      std::size_t plaintext_end) {
  if (!cipher_) return;
  const auto iv = packet.subspan(esp_fixed_octets, iv_octets);
  const auto plaintext =
      packet.subspan(esp_fixed_octets + iv_octets, plaintext_end - esp_fixed_octets - iv_octets);
  if (iv_given) {
    cipher_->encrypt(iv, plaintext);
    return;
  }
  // In CBC, the encrypted nonce is the IV of the block that follows it, so one call does both.
  write_nonce(iv, packet.first(esp_fixed_octets));
  cipher_->encrypt(View(zero_iv).first(iv_octets),
                   packet.subspan(esp_fixed_octets, plaintext_end - esp_fixed_octets));
}

}  // namespace secct::ipsec
