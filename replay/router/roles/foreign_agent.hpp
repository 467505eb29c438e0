// SPDX-License-Identifier: GPL-2.0-or-later
// The Mobile IPv4 foreign agent (docs/behaviour.md 5): reads the SecCT extension of a Registration
// Request, fetches the SAs from the previous router and reports the result in the Registration
// Reply. Tests have no home agent: the foreign agent grants registrations itself.
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/roles/transfers.hpp"

namespace secct::replay {

class ForeignAgent {
 public:
  ForeignAgent(RouterCore& core, Transfers& transfers) : core_(core), transfers_(transfers) {}

  // True for a Registration Request to the registration port. `udp` starts at the UDP header.
  static bool is_registration(View udp);
  // Processes a Registration Request; is_registration(udp) must be true.
  void on_udp(const Datagram& datagram, View udp, Time now);

 private:
  // The parts of a Registration Request that its reply repeats.
  struct Registration {
    Address source{};
    Address agent{};
    std::uint16_t port = 0;
    Octets fixed;  // the fixed part of the request
  };
  void reply(const Registration& registration, std::uint8_t code, std::vector<Node> sub_options);
  void transfer(const Registration& registration, const IncomingMessage& in);
  Address naddr_of(const Registration& registration) const;

  RouterCore& core_;
  Transfers& transfers_;
};

}  // namespace secct::replay
