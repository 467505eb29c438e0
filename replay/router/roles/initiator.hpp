// SPDX-License-Identifier: GPL-2.0-or-later
// Handovers that the previous router initiates (docs/behaviour.md 3.4): sends an HI with a U-SHREP
// after a P-SHIN or a local trigger, retransmits it and processes the HAck.
#pragma once

#include <map>

#include "replay/namespace.hpp"
#include "replay/router/core/alarms.hpp"
#include "replay/router/roles/mobile_node_store.hpp"
#include "replay/router/roles/request.hpp"

namespace secct::replay {

class Initiator {
 public:
  Initiator(RouterCore& core, const MobileNodeStore& store)
      : core_(core), store_(store), next_identifier_(core.first_identifier()) {}

  void on_pshin(const IncomingMessage& in);
  void on_hack(const IncomingMessage& in);
  // Starts a handover without a P-SHIN; false if there is no mobile node with this number.
  bool trigger(std::uint32_t mobile_node, Time now);
  void advance(Time now);
  std::optional<Time> deadline() const { return alarms_.first(); }

  // The Naddr of the HI of this mobile node that awaits its HAck; std::nullopt if there is no such
  // HI or it asks for an address.
  std::optional<Address> pending_naddr(std::uint32_t mobile_node) const;

 private:
  struct PendingHi {
    std::uint16_t identifier = 0;
    Address nr{};
    std::optional<Address> naddr;
    std::vector<Node> parts;  // one HI each: not all contexts fit into one message
    std::size_t acknowledged = 0;
    unsigned retries = 0;
  };

  // Sends the HI; returns the status that refuses the request, or status::ok.
  std::uint8_t start(std::uint32_t mobile_node, const Address& nr, std::optional<Address> naddr,
                     std::span<const Request> requests, View features, Time now);
  Node make_hi(const PendingHi& hi, std::uint32_t mobile_node, View features,
               const std::vector<Context>& contexts) const;
  void send(const PendingHi& hi);
  void remove(std::uint32_t mobile_node);

  RouterCore& core_;
  const MobileNodeStore& store_;
  std::map<std::uint32_t, PendingHi> pending_;            // by mobile node
  std::map<std::uint16_t, std::uint32_t> by_identifier_;  // mobile node
  Alarms<std::uint32_t> alarms_;
  std::uint16_t next_identifier_;
};

}  // namespace secct::replay
