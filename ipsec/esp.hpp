// SPDX-License-Identifier: GPL-2.0-or-later
// The Encapsulating Security Payload (RFC 2406), transport and tunnel mode. A sender makes an
// unencrypted packet, and then encrypts and authenticates it with KeyedSa.
#pragma once

#include <optional>

#include "ipsec/decapsulated.hpp"

namespace secct::ipsec {

// Deviations from the default packet, for tests of receivers.
struct EspOptions {
  std::optional<Octets> iv;           // instead of make_iv()
  std::optional<std::uint8_t> pad;    // octets of padding, instead of the smallest valid number
  std::int64_t pad_length_shift = 0;  // added to the Pad Length octet
};

struct UnencryptedEsp {
  Octets octets;              // ESP header, IV, plaintext, ICV; the ICV and a default IV are zeros
  std::size_t iv_octets = 0;  // size of the IV
  bool iv_given = false;      // the IV is that of EspOptions
  std::size_t plaintext_end = 0;
};

// The ESP packet that contains `payload` of protocol `next`. By default it is padded to a multiple
// of 4 octets and of the cipher's block (RFC 2406 section 2.4).
UnencryptedEsp unencrypted_esp(const Sa& sa, std::uint32_t sequence, std::uint8_t next,
                               View payload, const EspOptions& options = {});

// The contents of an ESP packet.
struct DecryptedEsp {
  // none; malformed: the length cannot be that of an ESP packet of this SA; icv: nothing was
  // decrypted; padding: the members are valid, but the padding is not 1, 2, 3, ... or its length
  // exceeds the plaintext (RFC 2406 section 2.4), which without an ICV means that the key is wrong.
  IpsecError error = IpsecError::none;
  View iv;           // views the packet
  View icv;          // likewise; empty without authentication
  Octets plaintext;  // payload, padding, Pad Length, Next Header
  std::size_t payload_octets = 0;
  std::uint8_t pad = 0;   // octets of padding; Pad Length may be larger if `error` is padding
  std::uint8_t next = 0;  // Next Header

  View payload() const { return View(plaintext).first(payload_octets); }
};
// Verifies and decrypts `esp`, which begins with the SPI and ends with the packet.
DecryptedEsp decrypt_esp(View esp, const Sa& sa);

// Verifies and decrypts the ESP `header` of the chain of `datagram`, and removes it.
Decapsulated decapsulate_esp(const Datagram& datagram, const Header& header, const Sa& sa);

}  // namespace secct::ipsec
