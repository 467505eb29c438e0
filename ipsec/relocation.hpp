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
  Address nr{};
  std::vector<Address> previous_routers;  // addresses of the previous router

  bool is_previous_router(const Address& address) const {
    return std::ranges::find(previous_routers, address) != previous_routers.end();
  }

  // An end of an SA at the previous router becomes that at the new router; unspecified members
  // change nothing.
  void apply(Address& end) const {
    const auto replace = [&end](const Address& with) {
      if (!is_unspecified(with)) end = with;
    };
    if (end == paddr) {
      replace(naddr);
    } else if (is_previous_router(end)) {
      replace(nr);
    }
  }
};

}  // namespace secct::ipsec
