// SPDX-License-Identifier: GPL-2.0-or-later
// The Mobile IPv4 foreign agent (docs/behaviour.md 5): takes the SecCT extension out of a
// Registration Request, fetches the SAs, and puts the outcome into the Registration Reply. There is
// no home agent in a test: the agent grants registrations itself.
#pragma once

#include "replay/namespace.hpp"
#include "replay/router/roles/transfers.hpp"

namespace secct::replay {

class ForeignAgent {
 public:
  ForeignAgent(Core& core, Transfers& transfers) : core_(core), transfers_(transfers) {}

  // `udp` from the UDP header on.
  static bool is_registration(View udp);
  // A datagram that holds a Registration Request.
  void on_udp(const Datagram& datagram, View udp, Time now);

 private:
  // What a reply needs of the request that it answers.
  struct Registration {
    Address source{};
    Address agent{};
    std::uint16_t port = 0;
    Octets fixed;  // the request's fixed part
  };
  void reply(const Registration& registration, std::uint8_t code, std::vector<Node> sub_options);
  void transfer(const Registration& registration, const Incoming& in);
  Address naddr_of(const Registration& registration) const;

  Core& core_;
  Transfers& transfers_;
};

}  // namespace secct::replay
