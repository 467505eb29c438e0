// SPDX-License-Identifier: GPL-2.0-or-later
// The sender's side of AH and ESP: ICVs and encryption with keys that are set up once for many
// packets.
#pragma once

#include <optional>
#include <span>

#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"

namespace secct::ipsec {

// The IV of ESP packets that do not give one: SPI and sequence number, encrypted with the key of
// the SA. It is unique and unpredictable (NIST SP 800-38A, appendix C), and reproducible.
Octets make_iv(const Sa& sa, std::uint32_t sequence);

class KeyedSa {
 public:
  explicit KeyedSa(const Sa& sa);

  // Changes the keys; the algorithms stay.
  void set_keys(View auth_key, View cipher_key);
  // The ICV of `octets`: 12 octets, or none if the SA has no algorithm. Valid until the next call.
  View icv(View octets);
  // The same for AH: `coverage` is the result of ah_coverage() for `datagram`.
  View ah_icv(View datagram, const AhCoverage& coverage);
  // Encrypts an UnencryptedEsp in place, up to `plaintext_end`, and writes the IV unless it is
  // given. Does nothing if the plaintext is not a multiple of the cipher's block.
  void encrypt(std::span<std::uint8_t> packet, std::size_t iv_octets, bool iv_given,
               std::size_t plaintext_end);

 private:
  std::optional<Hmac> auth_;
  std::optional<CbcEncryptor> cipher_;
  Octets scratch_;
};

}  // namespace secct::ipsec
