// SPDX-License-Identifier: GPL-2.0-or-later
// An AH or ESP header of a captured packet, and the result of its verification.
#pragma once

#include "ipsec/ah.hpp"
#include "ipsec/esp.hpp"
#include "ipsec/sa.hpp"

namespace secct::conversation {

struct IpsecHeader {
  enum class State : std::uint8_t { unverified, good, bad_icv, bad_padding, malformed };
  ipsec::IpsecProtocol protocol = ipsec::IpsecProtocol::ah;
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
  Address source{};
  Address destination{};
  View icv;  // the last octets of the header or packet identify it even if no SA is known
  View iv;   // empty if the SA is not known or has none
  State state = State::unverified;
};

IpsecHeader::State state_of(ipsec::AhState state);
// `sa` is the SA with which the packet was decrypted. Without an ICV nothing is verified: a wrong
// key and a malformed packet look the same.
IpsecHeader::State state_of(const ipsec::DecryptedEsp& esp, const ipsec::Sa& sa);

// Whether the payload can be used. With an ICV the key is right even if the padding is wrong;
// without, only the padding shows that the key is right.
bool is_decrypted(const ipsec::DecryptedEsp& esp, const ipsec::Sa& sa);

}  // namespace secct::conversation
