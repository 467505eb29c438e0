// SPDX-License-Identifier: GPL-2.0-or-later
// The SAs that a captured SHREP or U-SHREP transfers, as they are at the new router. They
// decapsulate the SHAK and the traffic of the mobile node after it.
#pragma once

#include <vector>

#include "ipsec/sa.hpp"
#include "protocol/decode/decoded_message.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

class LearnedSas {
 public:
  // Adds the contexts of a HI or SHREP. Takes addresses from all messages, whose envelope must have
  // source and destination.
  void add(const DecodedMessage& decoded);
  // Sets the addresses of the new router and the mobile node, if no message contains them. Does
  // nothing if `nr` is unspecified.
  void set_addresses(const Address& nr, const Address& naddr);
  // The SA of a packet to `destination`: prefers an SA with this destination to others with the
  // same protocol and SPI. nullptr if there is none. Valid until the next call that is not const.
  const Sa* find(IpsecProtocol protocol, std::uint32_t spi, const Address& destination) const;
  // The keys from which recomputed SPIs are derived (wire-format.md 6.6); valid as long as find().
  std::vector<View> spi_keys() const;

 private:
  void move_to_new_router();

  std::vector<Sa> sas_;  // as transferred
  std::vector<Sa>
      moved_;  // with the new router instead of the previous one, Naddr instead of Paddr
  Address pr_{};
  Address nr_{};
  Address naddr_{};
  Address paddr_{};
};

}  // namespace secct::replay
