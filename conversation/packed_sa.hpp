// SPDX-License-Identifier: GPL-2.0-or-later
// A transferred SA in little memory: a capture has many of them, and packets of only a few.
#pragma once

#include "ipsec/replay_window.hpp"
#include "ipsec/sa.hpp"

namespace secct::ipsec {
struct Context;
}

namespace secct::conversation {

class PackedSa {
 public:
  // `sa` is the SA of the context (to_sa()).
  PackedSa(const ipsec::Context& context, const ipsec::Sa& sa);

  ipsec::IpsecProtocol protocol() const { return protocol_; }
  std::uint32_t spi() const { return spi_; }
  const Address& source() const { return source_; }
  const Address& destination() const { return destination_; }
  View auth_key() const { return View(material_).first(auth_key_length_); }
  View cipher_key() const { return View(material_).subspan(auth_key_length_, cipher_key_length_); }

  ipsec::Sa sa() const;
  ipsec::ReplayWindow window() const;

  // Whether both are the same SA, maybe with other keys or another window.
  bool replaces(const PackedSa& other) const;
  bool operator==(const PackedSa& other) const = default;

 private:
  Address source_;
  Address destination_;
  Octets material_;  // both keys, and the octets of the replay window
  std::uint32_t spi_;
  std::uint32_t sequence_;
  std::uint16_t auth_key_length_;
  std::uint16_t cipher_key_length_;
  std::uint8_t window_size_;
  ipsec::IpsecProtocol protocol_;
  bool tunnel_;
  AuthAlgorithm auth_;
  Cipher cipher_;
};

}  // namespace secct::conversation
