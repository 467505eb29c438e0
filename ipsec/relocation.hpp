// SPDX-License-Identifier: GPL-2.0-or-later
// How the ends of an SA change in a handover (docs/behaviour.md 2.7): the previous router becomes
// the new router, Paddr becomes Naddr. Every other address stays.
#pragma once

#include <algorithm>
#include <vector>

#include "protocol/octets.hpp"

namespace secct::ipsec {

struct Relocation {
  Address paddr{};
  Address naddr{};
  Address nr{};                           // to which the mobile node sent its request
  std::vector<Address> previous_routers;  // addresses of the previous router, IPv6 and IPv4
  Address other_nr{};                     // address of the new router of the other IP version

  bool is_previous_router(const Address& address) const {
    return !is_unspecified(address) &&
           std::ranges::find(previous_routers, address) != previous_routers.end();
  }

  // An end of an SA at the previous router becomes that at the new router, which has the same IP
  // version; unspecified members change nothing.
  void apply(Address& end) const {
    const auto replace = [&end](const Address& with) {
      if (is_unspecified(with) || is_v4_mapped(with) != is_v4_mapped(end)) return false;
      end = with;
      return true;
    };
    if (end == paddr) {
      replace(naddr);
    } else if (is_previous_router(end) && !replace(nr)) {
      replace(other_nr);
    }
  }
};

}  // namespace secct::ipsec
