// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/packed_sa.hpp"

#include "ipsec/context.hpp"

namespace secct::conversation {

// The lengths of keys fit: a profile and its additional data have fewer than 65,536 octets.
PackedSa::PackedSa(const ipsec::Context& context, const ipsec::Sa& sa)
    : source_(sa.source),
      destination_(sa.destination),
      spi_(sa.spi),
      sequence_(context.sequence),
      auth_key_length_(static_cast<std::uint16_t>(sa.auth_key.size())),
      cipher_key_length_(static_cast<std::uint16_t>(sa.cipher_key.size())),
      window_size_(context.window_size),
      protocol_(sa.protocol),
      tunnel_(sa.tunnel),
      auth_(sa.auth),
      cipher_(sa.cipher) {
  material_.reserve(sa.auth_key.size() + sa.cipher_key.size() + context.window.size());
  append(material_, sa.auth_key);
  append(material_, sa.cipher_key);
  append(material_, context.window);
}

ipsec::Sa PackedSa::sa() const {
  ipsec::Sa sa;
  sa.protocol = protocol_;
  sa.tunnel = tunnel_;
  sa.spi = spi_;
  sa.source = source_;
  sa.destination = destination_;
  sa.auth = auth_;
  sa.auth_key.assign(auth_key().begin(), auth_key().end());
  sa.cipher = cipher_;
  sa.cipher_key.assign(cipher_key().begin(), cipher_key().end());
  return sa;
}

ipsec::ReplayWindow PackedSa::window() const {
  const auto keys = std::size_t{auth_key_length_} + cipher_key_length_;
  return {sequence_, window_size_, View(material_).subspan(keys)};
}

bool PackedSa::replaces(const PackedSa& other) const {
  return protocol_ == other.protocol_ && spi_ == other.spi_ && source_ == other.source_ &&
         destination_ == other.destination_;
}

}  // namespace secct::conversation
