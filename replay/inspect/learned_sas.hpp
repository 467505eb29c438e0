// SPDX-License-Identifier: GPL-2.0-or-later
// SAs that a SHREP or U-SHREP hands over, as they are at the new router: what opens a SHAK and the
// traffic after it.
#pragma once

#include <vector>

#include "ipsec/sa.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class LearnedSas {
 public:
  // Takes the contexts of a HI or SHREP; other messages tell addresses.
  void take(const DecodedMessage& decoded);
  // The ends at the new router, where no message told them.
  void tell_ends(const Address& nr, const Address& naddr);
  // An SA that ends at `destination`, else any with this protocol and SPI.
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) const;
  // The keys of which new SPIs are made (wire-format 6.6).
  std::vector<View> spi_keys() const;

 private:
  void place();

  std::vector<Sa> sas_;     // as in the profiles
  std::vector<Sa> placed_;  // with the new router for the previous one, Naddr for Paddr
  Address pr_{};
  Address nr_{};
  Address naddr_{};
  Address paddr_{};
};

}  // namespace secct::replay
