// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversation/ipsec_header.hpp"

namespace secct::conversation {

using State = IpsecHeader::State;

State state_of(ipsec::AhState state) {
  switch (state) {
    case ipsec::AhState::good: return State::good;
    case ipsec::AhState::bad_icv: return State::bad_icv;
    case ipsec::AhState::malformed: return State::malformed;
    case ipsec::AhState::unverifiable: break;
  }
  return State::unverified;
}

State state_of(const ipsec::DecryptedEsp& esp, const ipsec::Sa& sa) {
  if (sa.auth == AuthAlgorithm::none) return State::unverified;
  switch (esp.error) {
    case ipsec::IpsecError::none: return State::good;
    case ipsec::IpsecError::icv: return State::bad_icv;
    case ipsec::IpsecError::padding: return State::bad_padding;
    case ipsec::IpsecError::redacted: return State::unverified;
    case ipsec::IpsecError::malformed: break;
  }
  return State::malformed;
}

bool is_decrypted(const ipsec::DecryptedEsp& esp, const ipsec::Sa& sa) {
  return esp.error == ipsec::IpsecError::none || state_of(esp, sa) == State::bad_padding;
}

}  // namespace secct::conversation
