// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipsec/esp.hpp"

#include <algorithm>

#include "ipsec/crypto.hpp"
#include "ipsec/redacted.hpp"

namespace secct::ipsec {
namespace {

constexpr std::size_t trailer_octets = 2;  // Pad Length, Next Header

}  // namespace

UnencryptedEsp unencrypted_esp(const Sa& sa, std::uint32_t sequence, std::uint8_t next,
                               View payload, const EspOptions& options) {
  UnencryptedEsp esp;
  auto& octets = esp.octets;
  append_number(octets, sa.spi, 4);
  append_number(octets, sequence, 4);
  esp.iv_given = options.iv.has_value();
  esp.iv_octets = options.iv ? options.iv->size() : iv_octets(sa.cipher);
  append(octets, options.iv.value_or(Octets(esp.iv_octets)));
  append(octets, payload);
  const auto align = std::max<std::size_t>(block_octets(sa.cipher), 4);
  const auto excess = (payload.size() + trailer_octets) % align;
  const auto pad =
      options.pad.value_or(static_cast<std::uint8_t>(excess == 0 ? 0 : align - excess));
  for (unsigned i = 1; i <= pad; ++i) octets.push_back(static_cast<std::uint8_t>(i));
  octets.push_back(static_cast<std::uint8_t>(pad + options.pad_length_shift));
  octets.push_back(next);
  esp.plaintext_end = octets.size();
  if (sa.auth != AuthAlgorithm::none) octets.resize(octets.size() + icv_octets);
  return esp;
}

DecryptedEsp decrypt_esp(View esp, const Sa& sa) {
  DecryptedEsp result;
  const auto iv_size = iv_octets(sa.cipher);
  const std::size_t icv_size = sa.auth == AuthAlgorithm::none ? 0 : icv_octets;
  if (esp.size() < esp_fixed_octets + iv_size + trailer_octets + icv_size) {
    result.error = IpsecError::malformed;
    return result;
  }
  if (esp.size() >= esp_fixed_octets + icv_octets && is_redacted_icv(esp.last(icv_octets))) {
    result.error = IpsecError::redacted;
    return result;
  }
  const auto covered = esp.first(esp.size() - icv_size);
  result.iv = covered.subspan(esp_fixed_octets, iv_size);
  result.icv = esp.last(icv_size);
  if (!std::ranges::equal(icv_of(sa.auth, sa.auth_key, covered), result.icv)) {
    result.error = IpsecError::icv;
    return result;
  }
  auto plaintext =
      decrypt_cbc(sa.cipher, sa.cipher_key, result.iv, covered.subspan(esp_fixed_octets + iv_size));
  if (!plaintext || plaintext->size() < trailer_octets) {
    result.error = IpsecError::malformed;
    return result;
  }
  result.plaintext = std::move(*plaintext);
  result.next = result.plaintext.back();
  const auto end = result.plaintext.size() - trailer_octets;
  const std::size_t pad_length = result.plaintext[end];
  const auto pad = std::min(pad_length, end);
  if (pad != pad_length) result.error = IpsecError::padding;
  result.pad = static_cast<std::uint8_t>(pad);
  result.payload_octets = end - pad;
  for (std::size_t i = 0; i < pad; ++i) {
    if (result.plaintext[result.payload_octets + i] != i + 1) result.error = IpsecError::padding;
  }
  return result;
}

Decapsulated decapsulate_esp(const Datagram& datagram, const Header& header, const Sa& sa) {
  Decapsulated result;
  const auto head = ipsec_head(datagram, header);
  const auto decrypted = decrypt_esp(datagram.octets_of(header), sa);
  result.error = head ? decrypted.error : IpsecError::malformed;
  if (head) result.sequence = head->sequence;
  if (result.error != IpsecError::none) return result;
  result.pad = decrypted.pad;
  result.next = decrypted.next;
  result.datagram = decapsulated_datagram(datagram, header, result.next, decrypted.payload());
  return result;
}

}  // namespace secct::ipsec
